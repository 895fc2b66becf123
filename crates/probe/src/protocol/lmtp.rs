//! LMTP: SMTP's greeting and replies, but LHLO where SMTP has EHLO and HELO, RFC 2033 §4.1.
//!
//! Its products are told by `@greeting`.

use std::net::SocketAddr;

use super::reply::{Marking, Replies, Reply, replies};
use super::{Match, Packet, Protocol, Safety, Stream, Upgrade, line, smtp};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "lmtp",
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

/// Wants the 220 reply, then LHLO's 250, before which nothing but EHLO and FEAT may have been
/// asked, and refused.
pub(super) fn recognise(received: &[u8]) -> Match {
    let Replies { whole, open } = replies(received, Marking::Each);
    let (greeting, rest) = match whole.split_first() {
        None if open => return Match::Partial,
        Some((greeting, rest)) if greeting.code == 220 => (greeting, rest),
        _ => return Match::No,
    };
    let named = smtp::is_lmtp(greeting);
    if !named && greeting.names("SMTP") {
        return Match::No;
    }
    let refused = rest.iter().take_while(|r| r.is_refusal()).count();
    // Unless it named itself, EHLO was asked first, and refused as RFC 2033 §4.1 demands.
    if refused > 2 || (named && refused > 0) {
        return Match::No;
    }
    let Some(hello) = rest.get(refused) else {
        return if open { Match::Partial } else { Match::No };
    };
    let Some(keywords) = smtp::capabilities(hello) else {
        return Match::No;
    };
    if !named && refused == 0 {
        return Match::No;
    }
    let text = greeting.text();
    let mut proof = line::proof(
        "220 greeting and LHLO's 250 reply of RFC 2033 §4.1",
        "lmtp",
        &[("@greeting", text.as_bytes())],
    );
    proof.starttls = keywords.iter().any(|k| smtp::is_keyword(k, "STARTTLS"));
    Match::Proven(Box::new(proof))
}

/// LHLO, to whom names itself or has refused EHLO as a server of mail.
fn follow(received: &[u8], _followed: usize, _target: SocketAddr) -> Option<Packet> {
    let Replies { whole, .. } = replies(received, Marking::Each);
    let due = match whole.as_slice() {
        [greeting] => greeting.code == 220 && smtp::is_lmtp(greeting),
        [greeting, refusal] => is_unnamed(greeting) && is_of_mail(refusal),
        // FEAT was tried in between.
        [greeting, first, second] => {
            is_unnamed(greeting) && first.is_refusal() && second.is_refusal() && !is_of_mail(first)
        }
        _ => false,
    };
    due.then(lhlo)
}

fn is_unnamed(greeting: &Reply<'_>) -> bool {
    greeting.code == 220 && !greeting.names("SMTP") && !greeting.names("FTP")
}

/// Whether a refusal is one that servers of mail give: it names LHLO, or opens with an enhanced
/// status code (RFC 2034 §4), which FTP does not have.
pub(super) fn is_of_mail(refusal: &Reply<'_>) -> bool {
    let enhanced = refusal.lines.first().is_some_and(|l| {
        let mut parts = l.split(' ').next().unwrap_or("").split('.');
        parts.next() == Some("5")
            && parts.clone().count() == 2
            && parts.all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
    });
    refusal.is_refusal() && (enhanced || refusal.names("LHLO"))
}

/// RFC 3207 §4 with LHLO.
fn upgrade(received: &[u8], sent: usize, _target: SocketAddr) -> Upgrade {
    smtp::granted(received, sent, lhlo())
}

fn lhlo() -> Packet {
    Packet {
        name: "lmtp LHLO".into(),
        bytes: b"LHLO localhost\r\n".as_slice().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The session of RFC 2033 §4.2 up to LHLO's reply.
    const EXAMPLE: &[u8] = b"220 foo.edu LMTP server ready\r\n\
        250-foo.edu\r\n250-PIPELINING\r\n250 SIZE\r\n";

    #[test]
    fn the_example_of_the_specification_is_proven_and_no_smtp() {
        assert!(matches!(recognise(EXAMPLE), Match::Proven(_)));
        assert_eq!(smtp::recognise(EXAMPLE), Match::No);
    }

    #[test]
    fn without_a_name_ehlo_must_have_been_refused() {
        let greeting = b"220 foo.edu ready\r\n".as_slice();
        let refusal = b"500 5.5.1 Unknown command\r\n".as_slice();
        let hello = b"250-foo.edu\r\n250 8BITMIME\r\n".as_slice();
        let asked = [greeting, refusal].concat();
        let target = SocketAddr::from(([127, 0, 0, 1], 1));
        assert_eq!(recognise(&asked), Match::Partial);
        assert_eq!(follow(&asked, 1, target), Some(lhlo()));
        assert!(matches!(
            recognise(&[asked.as_slice(), hello].concat()),
            Match::Proven(_)
        ));
        assert_eq!(recognise(&[greeting, hello].concat()), Match::No);
    }
}
