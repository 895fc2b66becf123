//! Minetest (Luanti): the peer id that a server gives to whoever sends a reliable packet; Luanti's
//! doc/protocol.txt and src/network/connection.h.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "minetest",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram {
        follow,
        ..Datagram::asked(first, recognise)
    }),
};

/// The protocol's id, with which every packet begins.
const ID: [u8; 4] = [0x4f, 0x45, 0x74, 0x03];
/// The first sequence number of every connection.
const SEQUENCE: [u8; 2] = [0xff, 0xdc];

/// Peer 0 (none yet), channel 0, reliable, and within it an empty original packet.
fn first(_target: SocketAddr) -> Vec<Packet> {
    let [high, low] = SEQUENCE;
    vec![Packet {
        name: "minetest hello".into(),
        bytes: [ID.as_slice(), &[0, 0, 0, 3, high, low, 1]].concat().into(),
    }]
}

/// The control packet that ends what the first began: a server waits half a minute otherwise.
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let peer = peer(received).filter(|_| followed == 0)?;
    Some(Packet {
        name: "minetest goodbye".into(),
        bytes: [ID.as_slice(), &peer, &[0, 0, 3]].concat().into(),
    })
}

/// The id in CONTROLTYPE_SET_PEER_ID.
fn peer(received: &[u8]) -> Option<[u8; 2]> {
    let rest = received.strip_prefix(&ID)?.strip_prefix(&[0, 1, 0, 3])?;
    match *rest.strip_prefix(&SEQUENCE)? {
        [0, 1, high, low] => Some([high, low]),
        _ => None,
    }
}

/// Wants the server's peer id (1), and either the id that it gives us or its acknowledgement.
fn recognise(received: &[u8]) -> Match {
    let acknowledged = || {
        let rest = received.strip_prefix(&ID)?.strip_prefix(&[0, 1, 0, 0, 0])?;
        (rest == SEQUENCE).then_some(())
    };
    if peer(received).is_none() && acknowledged().is_none() {
        return Match::No;
    }
    Match::Proven(Box::new(Proof {
        rule: "control packet of the Minetest protocol to our first".into(),
        ..product::proof(
            Some(Told::new("minetest", None, None)),
            "only this engine speaks its protocol",
        )
    }))
}
