//! A BitTorrent tracker over UDP: connect, BEP 15. Nothing is announced.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Protocol, Safety, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "bittorrent-tracker",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram::asked(first, recognise)),
};

/// The protocol's number, action 0 (connect), and a transaction of our own.
const CONNECT: &[u8] = b"\0\0\x04\x17\x27\x10\x19\x80\0\0\0\0\xb7plo";

fn first(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "bittorrent-tracker connect".into(),
        bytes: CONNECT.into(),
    }]
}

/// Wants exactly action, our transaction, and a number for the connection.
fn recognise(received: &[u8]) -> Match {
    match received.strip_prefix(b"\0\0\0\0\xb7plo") {
        Some([a, b, c, d, e, f, g, h]) if [a, b, c, d, e, f, g, h].iter().any(|&&b| b != 0) => {
            wire::proven("connect response of BEP 15 to our transaction")
        }
        _ => Match::No,
    }
}
