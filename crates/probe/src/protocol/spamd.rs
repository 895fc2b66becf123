//! spamd of SpamAssassin: `SPAMD/1.1 0 PONG` and the same line for every refusal.
//!
//! Source: SpamAssassin's spamd/PROTOCOL. The protocol's version is not the product's.

use std::net::SocketAddr;

use super::line::lines;
use super::{Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "spamd",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        // "Bad header line", code 76, which is EX_PROTOCOL of sysexits.h.
        drawn_by: &["http"],
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// PING checks that the server is alive, and hands over no message.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "spamd PING".into(),
        bytes: b"PING SPAMC/1.2\r\n\r\n".as_slice().into(),
    }
}

/// Wants `SPAMD/` version SP code SP message CRLF.
pub(super) fn recognise(received: &[u8]) -> Match {
    const MARK: &[u8] = b"SPAMD/";
    let shared = received.len().min(MARK.len());
    if received.get(..shared) != MARK.get(..shared) {
        return Match::No;
    }
    let cut = lines(received, 512);
    let Some(status) = cut.whole.first() else {
        return if cut.sound { Match::Partial } else { Match::No };
    };
    let mut words = status.split(' ');
    let version = words.next().and_then(|w| w.strip_prefix("SPAMD/"));
    let version = version.and_then(|v| v.split_once('.'));
    let number = |t: &str| !t.is_empty() && t.len() < 4 && t.bytes().all(|b| b.is_ascii_digit());
    let sound = version.is_some_and(|(a, b)| number(a) && number(b))
        && words.next().is_some_and(number)
        && words.next().is_some_and(|w| !w.is_empty());
    match sound {
        true => Match::Proven(Box::new(Proof {
            rule: "status line of spamd's PROTOCOL".into(),
            ..Proof::default()
        })),
        false => Match::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_of_its_document_are_proven() {
        for answer in [
            "SPAMD/1.5 0 PONG\r\n",
            "SPAMD/1.1 0 EX_OK\r\nContent-length: 0\r\n\r\n",
        ] {
            assert!(matches!(recognise(answer.as_bytes()), Match::Proven(_)));
        }
        for odd in [
            "SPAMD/x 0 PONG\r\n",
            "SPAMD/1.5 PONG\r\n",
            "SPAMD/1.5 0 \r\n",
            "RSPAMD/1.3 0 EX_OK\r\n",
        ] {
            assert_eq!(recognise(odd.as_bytes()), Match::No, "{odd}");
        }
        assert_eq!(recognise(b"SPAM"), Match::Partial);
    }
}
