//! PPTP: a control connection is asked for and given up again, RFC 2637 §2.1 to §2.4. No call is
//! made.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream, wire};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "pptp",
    safety: Safety::Polite,
    stream: Some(Stream {
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// The length of both start messages, and what every message begins with.
const LENGTH: usize = 156;
const COOKIE: &[u8] = &[0x1a, 0x2b, 0x3c, 0x4d];

/// Start-Control-Connection-Request: version 1.0, asynchronous framing, analog bearer, and no
/// names.
fn first(_target: SocketAddr) -> Packet {
    let head =
        b"\0\x9c\0\x01\x1a\x2b\x3c\x4d\0\x01\0\0\x01\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\0portolan";
    let mut bytes = head.to_vec();
    bytes.resize(LENGTH, 0);
    Packet {
        name: "pptp start".into(),
        bytes: bytes.into(),
    }
}

/// Wants the whole Start-Control-Connection-Reply.
pub(super) fn recognise(received: &[u8]) -> Match {
    let head = [b"\0\x9c\0\x01".as_slice(), COOKIE, b"\0\x02\0\0"].concat();
    if !wire::opens(received, &head) {
        return Match::No;
    }
    wire::settled(read(received))
}

fn read(received: &[u8]) -> Option<Match> {
    let mut rest = wire::Wire(received.get(..LENGTH)?);
    rest.take(14)?;
    let (result, error) = (rest.u8()?, rest.u8()?);
    rest.take(10)?;
    rest.u16()?;
    let (host, vendor) = (wire::text(rest.take(64)?), wire::text(rest.take(64)?));
    if !matches!(result, 1..=5) || error > 6 {
        return Some(Match::No);
    }
    let names = format!("{vendor}/{host}");
    let told = product::told_by("pptp", &[("@names", names.as_bytes())]);
    let lines = [format!("host name {host}"), format!("vendor {vendor}")];
    Some(Match::Proven(Box::new(Proof {
        told: wire::lines(lines),
        ..wire::proof("Start-Control-Connection-Reply of RFC 2637 §2.2", told)
    })))
}

/// Stop-Control-Connection-Request, "requester is being shut down".
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let granted = received.get(14) == Some(&1) && received.len() >= LENGTH;
    (granted && followed == 0).then(|| Packet {
        name: "pptp stop".into(),
        bytes: b"\0\x10\0\x01\x1a\x2b\x3c\x4d\0\x03\0\0\x03\0\0\0"
            .as_slice()
            .into(),
    })
}
