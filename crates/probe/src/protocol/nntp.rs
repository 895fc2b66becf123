//! NNTP: a 200 or 201 greeting, RFC 3977 §5.1, then the capabilities of §5.2, or where these are
//! not known, the date of §7.1.
//!
//! Its products are told by `@greeting` and `@implementation`.

use std::net::SocketAddr;

use super::line::{self, Lines, lines};
use super::{Match, Packet, Proof, Protocol, Safety, Stream, Upgrade};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "nntp",
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

/// RFC 3977 §3.1 has 512.
const LONGEST_LINE: usize = 1024;

/// More capabilities than any server lists.
const MOST_LISTED: usize = 64;

/// Wants the greeting and `101` with a `VERSION` line and an end, or `111` with 14 digits.
pub(super) fn recognise(received: &[u8]) -> Match {
    let Lines { whole, sound, .. } = lines(received, LONGEST_LINE);
    let hopeful = |yes: bool| match sound && yes {
        true => Match::Partial,
        false => Match::No,
    };
    let Some((greeting, rest)) = whole.split_first() else {
        let digits = received.get(..3).unwrap_or(received);
        return hopeful([b"200", b"201"].iter().any(|c| c.starts_with(digits)));
    };
    if !is_greeting(greeting) {
        return Match::No;
    }
    let proven = |rule, implementation: &str, starttls| {
        let fields = [
            ("@greeting", greeting.as_bytes()),
            ("@implementation", implementation.as_bytes()),
        ];
        Match::Proven(Box::new(Proof {
            starttls,
            ..line::proof(rule, "nntp", &fields)
        }))
    };
    match rest {
        [] => hopeful(true),
        [first, list @ ..] if first.starts_with("101 ") => {
            let Some(end) = list.iter().take(MOST_LISTED).position(|l| *l == ".") else {
                return hopeful(list.len() < MOST_LISTED);
            };
            let list = list.get(..end).unwrap_or_default();
            if !list.iter().any(|l| l.starts_with("VERSION ")) {
                return Match::No;
            }
            let implementation = list.iter().find(|l| l.starts_with("IMPLEMENTATION "));
            proven(
                "greeting and capabilities of RFC 3977 §5.2",
                implementation.copied().unwrap_or(""),
                list.contains(&"STARTTLS"),
            )
        }
        [first] if is_refusal(first) => hopeful(true),
        [first, date, ..] if is_refusal(first) && is_date(date) => {
            proven("greeting and date of RFC 3977 §7.1", "", false)
        }
        _ => Match::No,
    }
}

fn is_greeting(line: &str) -> bool {
    line == "200" || line == "201" || line.starts_with("200 ") || line.starts_with("201 ")
}

/// RFC 3977 §3.2.1: not known, not supported, or to be authenticated first.
fn is_refusal(line: &str) -> bool {
    ["500", "501", "502", "503", "480", "483"]
        .iter()
        .any(|c| line.starts_with(c))
}

/// `111 yyyymmddhhmmss`.
fn is_date(line: &str) -> bool {
    let digits = line.strip_prefix("111 ").map(str::trim_end);
    digits.is_some_and(|d| d.len() == 14 && d.bytes().all(|b| b.is_ascii_digit()))
}

/// CAPABILITIES, and DATE to whom refuses that.
fn follow(received: &[u8], _followed: usize, _target: SocketAddr) -> Option<Packet> {
    let Lines { whole, .. } = lines(received, LONGEST_LINE);
    match whole.as_slice() {
        [greeting] if is_greeting(greeting) => Some(Packet {
            name: "nntp CAPABILITIES".into(),
            bytes: b"CAPABILITIES\r\n".as_slice().into(),
        }),
        [greeting, refusal] if is_greeting(greeting) && is_refusal(refusal) => Some(Packet {
            name: "nntp DATE".into(),
            bytes: b"DATE\r\n".as_slice().into(),
        }),
        _ => None,
    }
}

/// RFC 4642 §2.2: STARTTLS, which 382 grants.
fn upgrade(received: &[u8], sent: usize, _target: SocketAddr) -> Upgrade {
    let Lines { whole, sound, .. } = lines(received, LONGEST_LINE);
    match (whole.as_slice(), sent) {
        ([greeting], 0) if is_greeting(greeting) => Upgrade::Say(Packet {
            name: "nntp STARTTLS".into(),
            bytes: b"STARTTLS\r\n".as_slice().into(),
        }),
        ([_, granted], 1) if granted.starts_with("382") => Upgrade::Ready,
        (whole, _) if sound && whole.len() <= sent => Upgrade::Wait,
        _ => Upgrade::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_specification_are_proven() {
        // RFC 3977 §5.2.3 and §7.1.3.
        let listed = b"200 news.example.com InterNetNews server INN 2.5.4 ready\r\n\
            101 Capability list:\r\nVERSION 2\r\nREADER\r\nLIST ACTIVE NEWSGROUPS\r\n.\r\n";
        let Match::Proven(proof) = recognise(listed) else {
            panic!("not proven");
        };
        assert_eq!(proof.version.as_deref(), Some("2.5.4"));
        let dated = b"201 ready\r\n500 What?\r\n111 19990623135624\r\n";
        assert!(matches!(recognise(dated), Match::Proven(_)));
        let odd = b"200 OK\r\n500 What?\r\n111 1999\r\n";
        assert_eq!(recognise(odd), Match::No);
    }

    #[test]
    fn tls_follows_382_alone() {
        let target = SocketAddr::from(([127, 0, 0, 1], 1));
        assert!(matches!(upgrade(b"200 hi\r\n", 0, target), Upgrade::Say(_)));
        assert_eq!(upgrade(b"200 hi\r\n", 1, target), Upgrade::Wait);
        assert_eq!(upgrade(b"200 hi\r\n382 go\r\n", 1, target), Upgrade::Ready);
        assert_eq!(
            upgrade(b"200 hi\r\n580 no\r\n", 1, target),
            Upgrade::Refused
        );
    }
}
