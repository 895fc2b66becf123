//! POP3: a `+OK` greeting, RFC 1939 §4, then the capabilities of RFC 2449 §5.
//!
//! Its products are told by `@greeting` and `@implementation`.

use std::net::SocketAddr;

use super::line::{self, Lines, lines};
use super::{Match, Packet, Proof, Protocol, Safety, Stream, Upgrade};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "pop3",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        farewell: Some(b"QUIT\r\n"),
        upgrade: Some(upgrade),
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

/// RFC 1939 §3 has 512 for a response.
const LONGEST_LINE: usize = 1024;

/// More capabilities than any server lists.
const MOST_LISTED: usize = 64;

/// Capabilities of RFC 2449 §6 and of IANA's registry of them, of which one has to be listed.
const CAPABILITIES: [&str; 13] = [
    "APOP",
    "AUTH-RESP-CODE",
    "EXPIRE",
    "IMPLEMENTATION",
    "LANG",
    "LOGIN-DELAY",
    "PIPELINING",
    "RESP-CODES",
    "SASL",
    "STLS",
    "TOP",
    "UIDL",
    "USER",
];

/// Wants the greeting and the list that CAPA draws; where CAPA is refused, the timestamp of
/// APOP (RFC 1939 §7) in the greeting.
pub(super) fn recognise(received: &[u8]) -> Match {
    let Lines { whole, sound, .. } = lines(received, LONGEST_LINE);
    let Some((greeting, rest)) = whole.split_first() else {
        let hopeful = sound && (begins(received, b"+OK") || received.starts_with(b"+OK"));
        return if hopeful { Match::Partial } else { Match::No };
    };
    if !is_reply(greeting, "+OK") {
        return Match::No;
    }
    let Some((status, list)) = rest.split_first() else {
        return if sound { Match::Partial } else { Match::No };
    };
    if is_reply(status, "-ERR") && is_timestamp(greeting) {
        let fields = [("@greeting", greeting.as_bytes())];
        let rule = "greeting with APOP's timestamp of RFC 1939 §7, and CAPA refused";
        return Match::Proven(Box::new(line::proof(rule, "pop3", &fields)));
    }
    if !is_reply(status, "+OK") {
        return Match::No;
    }
    let Some(end) = list.iter().take(MOST_LISTED).position(|l| *l == ".") else {
        let hopeful = sound && list.len() < MOST_LISTED;
        return if hopeful { Match::Partial } else { Match::No };
    };
    let list = list.get(..end).unwrap_or_default();
    let named = |l: &&str, names: &[&str]| {
        let word = l.split(' ').next().unwrap_or("");
        names.iter().any(|n| n.eq_ignore_ascii_case(word))
    };
    if !list.iter().any(|l| named(l, &CAPABILITIES)) {
        return Match::No;
    }
    let implementation = list.iter().find(|l| named(l, &["IMPLEMENTATION"]));
    let implementation = implementation.copied().unwrap_or("");
    let fields = [
        ("@greeting", greeting.as_bytes()),
        ("@implementation", implementation.as_bytes()),
    ];
    Match::Proven(Box::new(Proof {
        starttls: list.iter().any(|l| named(l, &["STLS"])),
        ..line::proof(
            "greeting of RFC 1939 §4 and CAPA's list of RFC 2449 §5",
            "pop3",
            &fields,
        )
    }))
}

/// Whether what was received is the beginning of `whole`.
fn begins(received: &[u8], whole: &[u8]) -> bool {
    whole.starts_with(received)
}

/// The indicator alone, or followed by a space.
fn is_reply(line: &str, indicator: &str) -> bool {
    let rest = line.strip_prefix(indicator);
    rest.is_some_and(|r| r.is_empty() || r.starts_with(' '))
}

/// Whether the greeting ends with a message identifier in angle brackets.
fn is_timestamp(greeting: &str) -> bool {
    let last = greeting.rsplit(' ').next().unwrap_or("");
    let inner = last.strip_prefix('<').and_then(|l| l.strip_suffix('>'));
    inner.and_then(|i| i.split_once('@')).is_some_and(|(a, b)| {
        a.contains('.') && a.bytes().any(|b| b.is_ascii_digit()) && !b.is_empty()
    })
}

/// CAPA, once the greeting is whole.
fn follow(received: &[u8], _followed: usize, _target: SocketAddr) -> Option<Packet> {
    let Lines { whole, .. } = lines(received, LONGEST_LINE);
    matches!(whole.as_slice(), [greeting] if is_reply(greeting, "+OK")).then(|| Packet {
        name: "pop3 CAPA".into(),
        bytes: b"CAPA\r\n".as_slice().into(),
    })
}

/// RFC 2595 §4: STLS, which `+OK` grants.
fn upgrade(received: &[u8], sent: usize, _target: SocketAddr) -> Upgrade {
    let Lines { whole, sound, .. } = lines(received, LONGEST_LINE);
    match (whole.as_slice(), sent) {
        ([greeting], 0) if is_reply(greeting, "+OK") => Upgrade::Say(Packet {
            name: "pop3 STLS".into(),
            bytes: b"STLS\r\n".as_slice().into(),
        }),
        ([_, granted], 1) if is_reply(granted, "+OK") => Upgrade::Ready,
        (whole, _) if sound && whole.len() <= sent => Upgrade::Wait,
        _ => Upgrade::Refused,
    }
}
