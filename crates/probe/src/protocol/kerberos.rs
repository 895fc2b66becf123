//! Kerberos 5: an AS-REQ for a principal that nobody has, answered with KRB-ERROR, RFC 4120
//! §5.9.1; over TCP behind a length (§7.2.2), over UDP bare.

use std::net::SocketAddr;

use super::ber::{self, Element};
use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream, wire};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "kerberos",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: Some(Datagram::asked(first_datagram, recognise_datagram)),
};

/// AS-REQ (§5.4.1) without pre-authentication for the principal and realm "NM", which ask for
/// nothing that could be granted.
const AS_REQ: &[u8] =
    b"jn0l\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0a\xa4\x600^\xa0\x07\x03\x05\0\0\0\0\0\
    \xa1\x0f0\x0d\xa0\x03\x02\x01\x01\xa1\x060\x04\x1b\x02NM\xa2\x04\x1b\x02NM\
    \xa3\x170\x15\xa0\x03\x02\x01\x02\xa1\x0e0\x0c\x1b\x06krbtgt\x1b\x02NM\
    \xa5\x11\x18\x0f20370913024805Z\xa7\x06\x02\x04\x1a\x2b\x3c\x4d\
    \xa8\x080\x06\x02\x01\x12\x02\x01\x11";

fn first(_target: SocketAddr) -> Packet {
    let length = u32::try_from(AS_REQ.len()).unwrap_or_default();
    Packet {
        name: "kerberos AS-REQ".into(),
        bytes: [&length.to_be_bytes(), AS_REQ].concat().into(),
    }
}

fn first_datagram(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "kerberos AS-REQ".into(),
        bytes: AS_REQ.into(),
    }]
}

/// Longer than any KRB-ERROR seen.
const LONGEST: usize = 4096;

/// Wants the length, then a whole KRB-ERROR of exactly that length.
pub(super) fn recognise(received: &[u8]) -> Match {
    let mut rest = wire::Wire(received);
    let Some(length) = rest.u32().and_then(|n| usize::try_from(n).ok()) else {
        return match wire::opens(received, &[0, 0]) {
            true => Match::Partial,
            false => Match::No,
        };
    };
    if length > LONGEST || !wire::opens(rest.0, &[ERROR]) {
        return Match::No;
    }
    wire::settled(rest.take(length).map(recognise_datagram))
}

/// `[APPLICATION 30]`.
const ERROR: u8 = 0x7e;

fn recognise_datagram(received: &[u8]) -> Match {
    match ber::element(received) {
        Some(Element::Whole(ERROR, error, [])) => {
            told(error).map_or(Match::No, |proof| Match::Proven(Box::new(proof)))
        }
        _ => Match::No,
    }
}

/// Reads KRB-ERROR: its fields stand in order, and five of them are not optional.
fn told(error: &[u8]) -> Option<Proof> {
    let (sequence, _) = ber::expect(error, 0x30)?;
    let fields = ber::elements(sequence)?;
    let field = |number: u8| {
        let found = fields.iter().find(|(tag, _)| *tag == 0xa0 | number);
        found.map(|(_, contents)| *contents)
    };
    let number = |at: u8| ber::integer(ber::expect(field(at)?, 2)?.0);
    let (stime, _) = ber::expect(field(4)?, 0x18)?;
    let (realm, _) = ber::expect(field(9)?, 0x1b)?;
    let ordered = fields.is_sorted_by_key(|(tag, _)| *tag);
    if !ordered || number(0)? != 5 || number(1)? != 30 || stime.len() != 15 {
        return None;
    }
    let code = number(6).filter(|&code| code < 256)?;
    let reason = field(11).and_then(|f| ber::expect(f, 0x1b));
    let reason = reason.map_or(&[][..], |(text, _)| text);
    let told = product::told_by("kerberos", &[("@reason", reason)]);
    let mut lines = vec![format!("error {code}")];
    if realm != b"NM" {
        lines.push(format!("realm {}", String::from_utf8_lossy(realm)));
    }
    Some(Proof {
        told: wire::lines(lines),
        ..wire::proof("KRB-ERROR of RFC 4120 §5.9.1", told)
    })
}
