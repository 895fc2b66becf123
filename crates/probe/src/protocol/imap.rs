//! IMAP: an untagged greeting that lists capabilities, or the list that CAPABILITY draws,
//! RFC 9051 §7.1 and §6.1.1 (and RFC 3501, the same there).
//!
//! Its products are told by `@greeting` and by `@id`, the list of RFC 2971.

use std::net::SocketAddr;

use super::line::{self, Lines, lines};
use super::{Match, Packet, Proof, Protocol, Safety, Stream, Upgrade};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "imap",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        farewell: Some(b"z LOGOUT\r\n"),
        upgrade: Some(upgrade),
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

/// Longer than the capabilities of any server seen.
const LONGEST_LINE: usize = 4096;

/// The most untagged lines that are read for capabilities.
const MOST_UNTAGGED: usize = 16;

/// The untagged conditions of a greeting, RFC 9051 §7.1.
const GREETINGS: [&str; 3] = ["* OK ", "* PREAUTH ", "* BYE "];

/// Wants the greeting, and `CAPABILITY IMAP4...` in it or after it.
pub(super) fn recognise(received: &[u8]) -> Match {
    let Lines {
        whole,
        unfinished,
        sound,
    } = lines(received, LONGEST_LINE);
    let Some(greeting) = whole.first() else {
        let hopeful = GREETINGS
            .iter()
            .any(|g| received.starts_with(g.as_bytes()) || g.as_bytes().starts_with(received));
        return if hopeful && sound {
            Match::Partial
        } else {
            Match::No
        };
    };
    if !GREETINGS.iter().any(|g| greeting.starts_with(g)) {
        return Match::No;
    }
    let Some(capabilities) = capabilities(&whole) else {
        let hopeful = sound && untagged(&whole).len() == whole.len() && whole.len() < MOST_UNTAGGED;
        return if hopeful { Match::Partial } else { Match::No };
    };
    let id = whole.iter().find(|l| is_prefix(l, "* ID ")).copied();
    let fields = [
        ("@greeting", greeting.as_bytes()),
        ("@id", id.unwrap_or("").as_bytes()),
    ];
    let tagged = |tag: &str| whole.iter().any(|l| l.starts_with(tag));
    let listed = whole.iter().any(|l| is_prefix(l, "* CAPABILITY "));
    Match::Proven(Box::new(Proof {
        starttls: has(capabilities, "STARTTLS"),
        unauthenticated: greeting.starts_with("* PREAUTH").then_some(true),
        more: unfinished || (id.is_some() && !tagged("q ")) || (listed && !tagged("p ")),
        ..line::proof(
            "greeting and capabilities of RFC 9051 §7.1 and §7.2.2",
            "imap",
            &fields,
        )
    }))
}

/// The greeting and the untagged lines right after it. What comes after another line is no answer
/// to CAPABILITY any more.
fn untagged<'l, 'a>(whole: &'l [&'a str]) -> &'l [&'a str] {
    let other = whole.iter().position(|l| !l.starts_with("* "));
    let end = other.unwrap_or(whole.len()).min(MOST_UNTAGGED);
    whole.get(..end).unwrap_or_default()
}

fn is_prefix(line: &str, prefix: &str) -> bool {
    line.get(..prefix.len())
        .is_some_and(|l| l.eq_ignore_ascii_case(prefix))
}

/// The list of capabilities: in the greeting's brackets, or in a line of its own.
fn capabilities<'a>(whole: &[&'a str]) -> Option<&'a str> {
    let (greeting, rest) = untagged(whole).split_first()?;
    let inside = greeting
        .split_once('[')
        .and_then(|(_, l)| l.split_once(']'))
        .map(|(list, _)| list);
    let listed = rest.iter().filter_map(|l| l.strip_prefix("* "));
    inside
        .into_iter()
        .chain(listed)
        .filter(|l| is_prefix(l, "CAPABILITY "))
        .find(|l| {
            let named = |c: &str| {
                c.eq_ignore_ascii_case("IMAP4rev1")
                    || c.eq_ignore_ascii_case("IMAP4rev2")
                    || c.eq_ignore_ascii_case("IMAP4")
            };
            l.split(' ').any(named)
        })
}

fn has(capabilities: &str, name: &str) -> bool {
    capabilities
        .split(' ')
        .any(|c| c.eq_ignore_ascii_case(name))
}

/// CAPABILITY where the greeting lists none; ID where that is offered.
fn follow(received: &[u8], _followed: usize, _target: SocketAddr) -> Option<Packet> {
    let Lines { whole, .. } = lines(received, LONGEST_LINE);
    let greeting = whole.first()?;
    let asked = |tag: &str| whole.iter().any(|l| l.starts_with(tag));
    if !greeting.starts_with("* OK ") || asked("q ") {
        return None;
    }
    match capabilities(&whole) {
        None => (whole.len() == 1).then(|| Packet {
            name: "imap CAPABILITY".into(),
            bytes: b"p CAPABILITY\r\n".as_slice().into(),
        }),
        Some(list) if has(list, "ID") => Some(Packet {
            name: "imap ID".into(),
            bytes: b"q ID NIL\r\n".as_slice().into(),
        }),
        Some(_) => None,
    }
}

/// RFC 9051 §6.2.1: STARTTLS, which a tagged OK grants.
fn upgrade(received: &[u8], sent: usize, _target: SocketAddr) -> Upgrade {
    let Lines { whole, sound, .. } = lines(received, LONGEST_LINE);
    let Some(greeting) = whole.first() else {
        return if sound {
            Upgrade::Wait
        } else {
            Upgrade::Refused
        };
    };
    if !greeting.starts_with("* OK ") || !sound || whole.len() > 16 {
        return Upgrade::Refused;
    }
    if sent == 0 {
        return Upgrade::Say(Packet {
            name: "imap STARTTLS".into(),
            bytes: b"s STARTTLS\r\n".as_slice().into(),
        });
    }
    match whole.iter().find(|l| l.starts_with("s ")) {
        None => Upgrade::Wait,
        Some(granted) if is_prefix(granted, "s OK") => Upgrade::Ready,
        Some(_) => Upgrade::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_of_the_specifications_are_proven() {
        // RFC 9051 §6.1.1 and RFC 2971 §3.2.
        let listed = b"* OK IMAP4rev2 server ready\r\n* CAPABILITY IMAP4rev2 STARTTLS ID\r\n\
            p OK CAPABILITY completed\r\n";
        let Match::Proven(proof) = recognise(listed) else {
            panic!("not proven");
        };
        assert!(proof.starttls && !proof.more);
        let target = SocketAddr::from(([127, 0, 0, 1], 1));
        let packet = follow(listed, 1, target).map(|p| p.name);
        assert_eq!(packet.as_deref(), Some("imap ID"));
        let told = b"* ID (\"name\" \"Cyrus\" \"version\" \"1.5\" \"os\" \"sunos\")\r\nq OK ID completed\r\n";
        let whole = [listed.as_slice(), told].concat();
        let Match::Proven(proof) = recognise(&whole) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("cyrus"));
        assert_eq!(proof.version.as_deref(), Some("1.5"));
        assert_eq!(follow(&whole, 2, target), None);
    }

    #[test]
    fn starttls_is_granted_by_its_own_tag() {
        let target = SocketAddr::from(([127, 0, 0, 1], 1));
        let greeting = b"* OK ready\r\n".as_slice();
        assert_eq!(upgrade(b"* O", 0, target), Upgrade::Wait);
        assert!(matches!(upgrade(greeting, 0, target), Upgrade::Say(_)));
        assert_eq!(upgrade(greeting, 1, target), Upgrade::Wait);
        let granted = [greeting, b"s OK Begin TLS\r\n"].concat();
        assert_eq!(upgrade(&granted, 1, target), Upgrade::Ready);
        let refused = [greeting, b"s BAD no\r\n"].concat();
        assert_eq!(upgrade(&refused, 1, target), Upgrade::Refused);
    }
}
