//! NetBIOS name service: a node status request for `*`, RFC 1002 §4.2.17 and §4.2.18.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "netbios-ns",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram::asked(first, recognise)),
};

/// Transaction "PO"; one question: `*`, NBSTAT, IN.
const REQUEST: &[u8] = b"PO\0\0\0\x01\0\0\0\0\0\0\
    \x20CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0\0\x21\0\x01";

fn first(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "netbios-ns node status".into(),
        bytes: REQUEST.into(),
    }]
}

/// Wants the response with our transaction and name, and as many names as it counts.
fn recognise(received: &[u8]) -> Match {
    read(received).map_or(Match::No, |names| {
        Match::Proven(Box::new(Proof {
            rule: "node status response of RFC 1002 §4.2.18".into(),
            told: wire::lines(names),
            ..Proof::default()
        }))
    })
}

fn read(received: &[u8]) -> Option<Vec<String>> {
    let mut rest = wire::Wire(received);
    let ours = rest.take(2)? == b"PO";
    let flags = rest.u16()?;
    let counts = rest.take(8)? == [0, 0, 0, 1, 0, 0, 0, 0];
    let name = rest.take(38)? == REQUEST.get(12..)?;
    rest.u32()?;
    let length = usize::from(rest.u16()?);
    if !ours || flags & 0xf80f != 0x8000 || !counts || !name || rest.0.len() != length {
        return None;
    }
    let mut names = Vec::new();
    for _ in 0..rest.u8()? {
        let name = wire::text(rest.take(15)?);
        let suffix = rest.u8()?;
        let group = rest.u16()? & 0x8000 != 0;
        let kind = if group { "group" } else { "unique" };
        names.push(format!("{kind} name {name}<{suffix:02x}>"));
    }
    Some(names)
}
