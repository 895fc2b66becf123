//! ManageSieve: the capabilities with which the server greets, RFC 5804 §1.7.
//!
//! Its products are told by `@implementation`.

use std::net::SocketAddr;

use super::line::{self, Lines, lines};
use super::{Match, Packet, Proof, Protocol, Safety, Stream, Upgrade};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "sieve",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        farewell: Some(b"LOGOUT\r\n"),
        upgrade: Some(upgrade),
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

/// The extensions stand in one line.
const LONGEST_LINE: usize = 4096;

/// More capabilities than any server lists.
const MOST_LISTED: usize = 64;

/// Wants quoted capabilities, among them both that §1.7 demands, and the `OK` after them.
pub(super) fn recognise(received: &[u8]) -> Match {
    match list(received) {
        List::No => Match::No,
        List::Partial => Match::Partial,
        List::Whole(capabilities, _) => {
            let value = |name: &str| {
                let named = |(n, _): &&(&str, Option<&str>)| n.eq_ignore_ascii_case(name);
                capabilities
                    .iter()
                    .find(named)
                    .map(|(_, v)| v.unwrap_or(""))
            };
            let (Some(implementation), Some(_)) = (value("IMPLEMENTATION"), value("SIEVE")) else {
                return Match::No;
            };
            let fields = [("@implementation", implementation.as_bytes())];
            Match::Proven(Box::new(Proof {
                starttls: value("STARTTLS").is_some(),
                ..line::proof("capabilities of RFC 5804 §1.7", "sieve", &fields)
            }))
        }
    }
}

enum List<'a> {
    No,
    Partial,
    /// Names and values, and the lines after the list.
    Whole(Vec<(&'a str, Option<&'a str>)>, Vec<&'a str>),
}

/// Reads `*(DQUOTE name DQUOTE [SP DQUOTE value DQUOTE] CRLF) "OK" ...`.
fn list(received: &[u8]) -> List<'_> {
    let Lines { whole, sound, .. } = lines(received, LONGEST_LINE);
    let mut capabilities = Vec::new();
    for (at, text) in whole.iter().enumerate() {
        if !capabilities.is_empty() && is_ok(text) {
            let after = whole.get(at + 1..).unwrap_or_default().to_vec();
            return List::Whole(capabilities, after);
        }
        match capability(text) {
            Some(pair) if capabilities.len() < MOST_LISTED => capabilities.push(pair),
            _ => return List::No,
        }
    }
    let quoted = received.first().is_none_or(|&b| b == b'"');
    match sound && quoted {
        true => List::Partial,
        false => List::No,
    }
}

fn is_ok(text: &str) -> bool {
    let rest = text.strip_prefix("OK");
    rest.is_some_and(|r| r.is_empty() || r.starts_with([' ', '(']))
}

fn capability(text: &str) -> Option<(&str, Option<&str>)> {
    let (name, rest) = text.strip_prefix('"')?.split_once('"')?;
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if name.is_empty() || !name.bytes().all(word) {
        return None;
    }
    if rest.is_empty() {
        return Some((name, None));
    }
    let value = rest.strip_prefix(" \"")?.strip_suffix('"')?;
    Some((name, Some(value)))
}

/// RFC 5804 §2.2: STARTTLS, which `OK` grants.
fn upgrade(received: &[u8], sent: usize, _target: SocketAddr) -> Upgrade {
    match (list(received), sent) {
        (List::Whole(capabilities, _), 0) => {
            let offered = |(name, _): &(&str, _)| name.eq_ignore_ascii_case("STARTTLS");
            match capabilities.iter().any(offered) {
                true => Upgrade::Say(Packet {
                    name: "sieve STARTTLS".into(),
                    bytes: b"STARTTLS\r\n".as_slice().into(),
                }),
                false => Upgrade::Refused,
            }
        }
        (List::Whole(_, after), _) => match after.first() {
            None => Upgrade::Wait,
            Some(granted) if is_ok(granted) => Upgrade::Ready,
            Some(_) => Upgrade::Refused,
        },
        (List::Partial, 0) => Upgrade::Wait,
        _ => Upgrade::Refused,
    }
}
