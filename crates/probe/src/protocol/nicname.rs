//! Whois (RFC 3912) as far as its answers have a form: objects of attributes after comments, as
//! the address registries give them (RFC 2622 §2), or their errors.

use std::net::SocketAddr;

use super::line::lines;
use super::{Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "nicname",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// An address of no one: every registry has an answer.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "nicname 127.0.0.1".into(),
        bytes: b"127.0.0.1\r\n".as_slice().into(),
    }
}

/// With which attribute objects begin: RFC 2622, RFC 4012, and the registries of names.
const CLASSES: [&str; 12] = [
    "as-block",
    "aut-num",
    "domain",
    "domain name",
    "inet6num",
    "inetnum",
    "netrange",
    "organisation",
    "person",
    "refer",
    "role",
    "route",
];

/// Lines that are read for an object.
const MOST_LINES: usize = 128;

/// Attributes that make an object.
const ENOUGH: usize = 3;

/// Wants, after comments, an object of at least three attributes, or `%ERROR:101: text`.
pub(super) fn recognise(received: &[u8]) -> Match {
    let cut = lines(received, 512);
    let mut attributes = 0;
    for text in cut.whole.iter().take(MOST_LINES) {
        if is_error(text) {
            return proven("error of a registry's whois");
        }
        if text.trim().is_empty() || text.starts_with(['%', '#']) {
            if attributes > 0 {
                return Match::No;
            }
            continue;
        }
        let Some((name, value)) = text.split_once(':') else {
            return Match::No;
        };
        let first = CLASSES.iter().any(|c| c.eq_ignore_ascii_case(name.trim()));
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b' ' || b == b'/';
        if (attributes == 0 && !first) || !name.bytes().all(word) || !value.starts_with(' ') {
            return Match::No;
        }
        attributes += 1;
        if attributes >= ENOUGH {
            return proven("object of RFC 2622 §2");
        }
    }
    match cut.sound && cut.whole.len() < MOST_LINES {
        true => Match::Partial,
        false => Match::No,
    }
}

fn proven(rule: &'static str) -> Match {
    Match::Proven(Box::new(Proof {
        rule: rule.into(),
        ..Proof::default()
    }))
}

/// `%ERROR:101: no entries found`, of RIPE's database manual.
fn is_error(text: &str) -> bool {
    let rest = text.strip_prefix("%ERROR:").and_then(|r| r.split_once(':'));
    rest.is_some_and(|(n, why)| {
        n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit()) && why.starts_with(' ')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_proven_and_headers_are_not() {
        let object = b"% This is the RIPE Database query service.\n\ninetnum:        127.0.0.0 - \
            127.255.255.255\nnetname:        SPECIAL\ndescr:          loopback\n";
        assert!(matches!(recognise(object), Match::Proven(_)));
        let error = b"% Comment\n\n%ERROR:101: no entries found\n";
        assert!(matches!(recognise(error), Match::Proven(_)));
        for odd in [
            &b"Host: a\nAccept: b\nDate: c\n"[..],
            b"No match for 127.0.0.1\n",
            b"inetnum: a\n\nnetname: b\ndescr: c\n",
        ] {
            assert_eq!(recognise(odd), Match::No);
        }
    }
}
