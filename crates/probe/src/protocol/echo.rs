//! Echo, RFC 862: all that was sent comes back, and nothing else does.
//!
//! Over TCP two lines are sent, the second once the first is back: what echoes like a terminal
//! puts words of its own between them.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "echo",
    safety: Safety::Polite,
    stream: Some(Stream {
        drawn_by: &["http"],
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: Some(Datagram::asked(first_datagram, recognise_datagram)),
};

const FIRST: &[u8] = b"portolan echo 5b1d\r\n";
const DATAGRAM: &[u8] = b"portolan echo datagram 71c4\r\n";
const SECOND: &[u8] = b"portolan again 9e27\r\n";
/// What no server says of itself: the request that the `http` file sends.
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: ";
const REQUEST_ENDS: &[u8] = b"\r\nAccept-Encoding: identity\r\n\r\n";

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "echo line".into(),
        bytes: FIRST.into(),
    }
}

fn first_datagram(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "echo datagram".into(),
        bytes: DATAGRAM.into(),
    }]
}

fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let back = echoed(received).is_some_and(|rest| rest.is_empty());
    (back && followed == 0).then(|| Packet {
        name: "echo second line".into(),
        bytes: SECOND.into(),
    })
}

/// What follows the first packet, once that is back; `None` while it may still come.
fn echoed(received: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = received.strip_prefix(FIRST) {
        return Some(rest);
    }
    let end = received
        .windows(REQUEST_ENDS.len())
        .position(|w| w == REQUEST_ENDS)?;
    received
        .starts_with(REQUEST)
        .then(|| received.get(end + REQUEST_ENDS.len()..))?
}

fn recognise(received: &[u8]) -> Match {
    const LONGEST: usize = 400;
    let begins = |with: &[u8], bytes: &[u8]| {
        let shared = bytes.len().min(with.len());
        bytes.get(..shared) == with.get(..shared)
    };
    match echoed(received) {
        Some(rest) if rest.len() >= SECOND.len() && rest.starts_with(SECOND) => proven(),
        Some(rest) if begins(SECOND, rest) => Match::Partial,
        Some(_) => Match::No,
        None if begins(FIRST, received) => Match::Partial,
        None if begins(REQUEST, received) && received.len() < LONGEST => Match::Partial,
        None => Match::No,
    }
}

fn recognise_datagram(received: &[u8]) -> Match {
    match received == DATAGRAM {
        true => proven(),
        false => Match::No,
    }
}

fn proven() -> Match {
    Match::Proven(Box::new(Proof {
        rule: "what was sent came back and nothing else, RFC 862".into(),
        ..Proof::default()
    }))
}
