//! NTP, RFC 5905: the server's answer in mode 4 to a client's packet in mode 3, tied to it by the
//! timestamp that it must return (§7.3, origin timestamp).
//!
//! Where mode 6 (RFC 9327) is answered too, its variable `version` tells product and version.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ntp",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram {
        follow,
        ..Datagram::asked(first, recognise)
    }),
};

/// What we send as our transmit timestamp; RFC 9769 wants it to tell nothing of our clock.
const COOKIE: &[u8; 8] = b"PORTOLAN";
/// The sequence number of the question in mode 6.
const SEQUENCE: [u8; 2] = *b"PO";
/// RFC 9327 §2: leap 0, version 2, mode 6; then the opcode.
const CONTROL: u8 = 0x16;
const READ_VARIABLES: u8 = 2;

/// Leap 3 (unknown), version 4, mode 3, all else zero but the cookie.
fn first(_target: SocketAddr) -> Vec<Packet> {
    let packet = [[0xe3].as_slice(), &[0; 39], COOKIE].concat();
    vec![Packet {
        name: "ntp client packet".into(),
        bytes: packet.into(),
    }]
}

/// Reads one variable of the server itself (association 0).
fn follow(_received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    const NAME: &[u8; 8] = b"version\0";
    let [high, low] = SEQUENCE;
    let head = [CONTROL, READ_VARIABLES, high, low, 0, 0, 0, 0, 0, 0, 0, 7];
    (followed == 0).then(|| Packet {
        name: "ntp readvar version".into(),
        bytes: [head.as_slice(), NAME].concat().into(),
    })
}

fn recognise(received: &[u8]) -> Match {
    match received.first().map(|first| first & 7) {
        Some(4) => server(received),
        Some(6) => control(received),
        _ => Match::No,
    }
}

/// Wants version 3 or 4, a stratum that exists and our timestamp as the origin's.
fn server(received: &[u8]) -> Match {
    let version = received.first().map_or(0, |first| first >> 3 & 7);
    let stratum = received.get(1).copied().unwrap_or(255);
    let sound = received.len() >= 48
        && received.len().is_multiple_of(4)
        && (3..=4).contains(&version)
        && stratum <= 16
        && received.get(24..32) == Some(COOKIE);
    if !sound {
        return Match::No;
    }
    Match::Proven(Box::new(Proof {
        rule: "mode 4 answer of RFC 5905 §7.3 with our timestamp as its origin".into(),
        told: vec![format!("stratum: {stratum}")],
        ..Proof::default()
    }))
}

/// Wants the response bit, our opcode and sequence, and as much data as it counts.
fn control(received: &[u8]) -> Match {
    const RESPONSE: u8 = 0x80;
    const OPCODE: u8 = 0x1f;
    let Some((head, data)) = received.split_first_chunk::<12>() else {
        return Match::No;
    };
    let [first, second, high, low, _, _, a, b, o, p, m, n] = *head;
    let count = usize::from(u16::from_be_bytes([m, n]));
    let sound = first & 0x38 == CONTROL & 0x38
        && second & (RESPONSE | OPCODE) == RESPONSE | READ_VARIABLES
        && [high, low] == SEQUENCE
        && [a, b, o, p] == [0; 4]
        && count > 0
        && data.len() < count + 4 + 24;
    let Some(text) = data.get(..count).filter(|_| sound) else {
        return Match::No;
    };
    let Some(version) = text.strip_prefix(b"version=\"") else {
        return Match::No;
    };
    let end = version.iter().position(|&b| b == b'"');
    let version = version.get(..end.unwrap_or(0)).unwrap_or(&[]);
    let (told, because) = product::told_by("ntp", &[("@version", version)]).unzip();
    Match::Proven(Box::new(Proof {
        rule: "mode 6 answer of RFC 9327 §2 with our sequence number".into(),
        ..product::proof(told, because.unwrap_or_default())
    }))
}
