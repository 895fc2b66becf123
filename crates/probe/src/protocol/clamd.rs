//! clamd of ClamAV: its answer to VERSION, as clamd(8) gives it.

use std::net::SocketAddr;

use super::line::lines;
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "clamd",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// The newline form of clamd(8), which is what is answered with a line of text.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "clamd VERSION".into(),
        bytes: b"nVERSION\n".as_slice().into(),
    }
}

/// Wants `ClamAV 1.4.6/27000/Mon Nov 16 09:00:00 2026` or, without databases of their own, the
/// first part alone.
pub(super) fn recognise(received: &[u8]) -> Match {
    const MARK: &[u8] = b"ClamAV ";
    let shared = received.len().min(MARK.len());
    if received.get(..shared) != MARK.get(..shared) {
        return Match::No;
    }
    let cut = lines(received, 256);
    let Some(line) = cut.whole.first() else {
        return if cut.sound { Match::Partial } else { Match::No };
    };
    let mut parts = line.strip_prefix("ClamAV ").unwrap_or("").splitn(3, '/');
    let version = parts.next().unwrap_or("");
    let numbered = version.starts_with(|c: char| c.is_ascii_digit())
        && version.contains('.')
        && version
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b'~' | b'_'));
    let dated = parts
        .next()
        .is_none_or(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    match numbered && dated {
        true => Match::Proven(Box::new(Proof {
            rule: "answer to VERSION of clamd(8)".into(),
            ..product::proof(
                Some(Told::new("clamav", Some(version), Some("clamav:clamav"))),
                "the answer names the product",
            )
        })),
        false => Match::No,
    }
}
