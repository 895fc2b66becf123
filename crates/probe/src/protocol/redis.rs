//! Redis and its family: what only they answer to `INFO server`, in RESP2.
//!
//! Source: the Redis serialization protocol specification and the INFO command's reference.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "redis",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// `INFO server` reads a few lines about the server itself, and nothing that it stores.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "redis INFO server".into(),
        bytes: b"*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n".as_slice().into(),
    }
}

/// Refusals that no other family words so, and what each tells about asking who we are. The fourth
/// is that of a server on which the command was renamed; older ones quote with a backtick.
const REFUSALS: [(&[u8], Option<bool>); 5] = [
    (b"-NOAUTH Authentication required", Some(false)),
    (b"-NOPERM ", Some(false)),
    (b"-DENIED ", None),
    (
        b"-ERR unknown command 'INFO', with args beginning with: ",
        Some(true),
    ),
    (
        b"-ERR unknown command `INFO`, with args beginning with: ",
        Some(true),
    ),
];

/// Longer than the section of any server seen.
const LONGEST_SECTION: usize = 8 * 1024;

/// Wants the bulk string with `redis_version:`, or one of the family's own refusals.
pub(super) fn recognise(received: &[u8]) -> Match {
    match received.first() {
        None => Match::Partial,
        Some(b'$') => section(received),
        Some(b'-') => refusal(received),
        Some(_) => Match::No,
    }
}

fn section(received: &[u8]) -> Match {
    const HEADING: &[u8] = b"# Server\r\n";
    let Some(end) = received.iter().position(|&b| b == b'\n') else {
        let digits = unfinished(&received[1..]);
        let hopeful = digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit);
        return if hopeful { Match::Partial } else { Match::No };
    };
    let length = received[1..end]
        .strip_suffix(b"\r")
        .filter(|d| !d.is_empty() && d.len() <= 5 && d.iter().all(u8::is_ascii_digit))
        .and_then(|d| std::str::from_utf8(d).ok()?.parse::<usize>().ok())
        .filter(|&n| n <= LONGEST_SECTION);
    let Some(length) = length else {
        return Match::No;
    };
    let rest = &received[end + 1..];
    let shared = rest.len().min(HEADING.len());
    if length < HEADING.len() || rest[..shared] != HEADING[..shared] {
        return Match::No;
    }
    if rest.len() < length + 2 {
        return Match::Partial;
    }
    let Ok(text) = std::str::from_utf8(&rest[..length]) else {
        return Match::No;
    };
    let field = |name: &str| {
        text.split("\r\n")
            .find_map(|l| l.strip_prefix(name)?.strip_prefix(':'))
            .filter(|v| !v.is_empty())
    };
    let versioned =
        field("redis_version").is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    if !versioned || rest[length..length + 2] != *b"\r\n" {
        return Match::No;
    }
    Match::Proven(Box::new(Proof {
        rule: "bulk string with redis_version, as the INFO command replies".into(),
        unauthenticated: Some(true),
        ..product::proof(Some(product(&field)), "fields of the INFO reply")
    }))
}

/// Which of the family it is: each fork adds a field or an executable of its own.
fn product<'t>(field: &dyn Fn(&str) -> Option<&'t str>) -> Told {
    const FORKS: [(&str, &str, &str); 5] = [
        ("valkey_version", "valkey", "lfprojects:valkey"),
        ("dragonfly_version", "dragonfly", "dragonflydb:dragonfly"),
        ("garnet_version", "garnet", ""),
        ("kvrocks_version", "kvrocks", "apache:kvrocks"),
        ("pika_version", "pika", ""),
    ];
    for (name, key, cpe) in FORKS {
        if let Some(version) = field(name) {
            let version = version.trim_start_matches("df-").trim_start_matches('v');
            return Told::new(key, Some(version), (!cpe.is_empty()).then_some(cpe));
        }
    }
    let version = field("redis_version");
    let executable = field("executable")
        .unwrap_or("")
        .rsplit('/')
        .next()
        .unwrap_or("");
    if executable.starts_with("keydb") {
        return Told::new("keydb", version, None);
    }
    Told::new("redis", version, Some("redis:redis"))
}

fn refusal(received: &[u8]) -> Match {
    const LONGEST_LINE: usize = 2048;
    let line = match received.windows(2).position(|w| w == b"\r\n") {
        Some(end) => &received[..end],
        None => {
            let hopeful = REFUSALS.iter().any(|(r, _)| {
                let shared = r.len().min(received.len());
                received[..shared] == r[..shared]
            });
            let hopeful = hopeful
                && unfinished(received).len() < LONGEST_LINE
                && is_text(unfinished(received));
            return if hopeful { Match::Partial } else { Match::No };
        }
    };
    let known = REFUSALS.iter().find(|(r, _)| line.starts_with(r));
    let Some((_, unauthenticated)) = known.filter(|_| line.len() < LONGEST_LINE && is_text(line))
    else {
        return Match::No;
    };
    let text = String::from_utf8_lossy(line);
    // "-DENIED Redis is running in protected mode because ...": each fork puts its own name.
    let (told, sound) = match text.strip_prefix("-DENIED ") {
        None => (
            None,
            !text.starts_with("-NOPERM ") || text.contains("permissions"),
        ),
        Some(why) => {
            let named = [("Redis", "redis"), ("Valkey", "valkey"), ("KeyDB", "keydb")];
            let named = named.into_iter().find(|(name, _)| why.starts_with(name));
            (
                named.map(|(_, key)| Told::new(key, None, None)),
                why.contains(" is running in protected mode"),
            )
        }
    };
    if !sound {
        return Match::No;
    }
    Match::Proven(Box::new(Proof {
        rule: "error reply that only the redis family gives".into(),
        unauthenticated: *unauthenticated,
        ..product::proof(told, "the refusal names the product")
    }))
}

/// A line whose end has not arrived, or only half of it.
fn unfinished(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn is_text(line: &[u8]) -> bool {
    line.iter().all(|&b| (0x20..0x7f).contains(&b))
}
