//! Time, RFC 868: four octets, the seconds since 1900. That much anybody may send by chance, so
//! it is never proof.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "time",
    safety: Safety::Polite,
    stream: Some(Stream::greeted(recognise)),
    datagram: Some(Datagram::asked(first, recognise)),
};

/// "Send an empty datagram to port 37."
fn first(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "time datagram".into(),
        bytes: [].as_slice().into(),
    }]
}

/// Wants four octets and no more, for a time that may be now.
fn recognise(received: &[u8]) -> Match {
    /// 2020-01-01 in seconds since 1900.
    const EARLIEST: u32 = 3_786_825_600;
    /// Some time in 2034: what begins with 0xff is telnet (RFC 854).
    const LATEST: u32 = 0xfd00_0000;
    match *received {
        [a, b, c, d] if (EARLIEST..LATEST).contains(&u32::from_be_bytes([a, b, c, d])) => {
            Match::Likely(Box::new(Proof {
                rule: "four octets that are a time of RFC 868".into(),
                ..Proof::default()
            }))
        }
        [] | [0xe1..=0xfc, ..] if received.len() < 4 => Match::Partial,
        _ => Match::No,
    }
}
