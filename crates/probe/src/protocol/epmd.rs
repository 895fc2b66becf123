//! The Erlang port mapper: the answer to NAMES_REQ, Erlang's "Distribution Protocol", "EPMD
//! Protocol".
//!
//! It tells the names of all nodes of its host. Where there is none the answer is its own port in
//! four bytes and nothing else, which is too little for a proof.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "epmd",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "epmd NAMES_REQ".into(),
        bytes: b"\0\x01n".as_slice().into(),
    }
}

/// Wants the port and at least one line `name NAME at port NUMBER`.
fn recognise(received: &[u8]) -> Match {
    let mut cursor = Cursor::new(received);
    match cursor
        .fixed(&[0, 0])
        .and_then(|()| ensure_port(&mut cursor))
    {
        Err(Stop::Short) => return Match::Partial,
        Err(Stop::Never) => return Match::No,
        Ok(()) => {}
    }
    let proof = |told: Vec<String>| {
        Box::new(Proof {
            rule: "reply to NAMES_REQ of the EPMD protocol".into(),
            unauthenticated: Some(true),
            told,
            ..Proof::default()
        })
    };
    if cursor.rest().is_empty() {
        return Match::Likely(proof(Vec::new()));
    }
    match node(&mut cursor) {
        Err(Stop::Short) => Match::Partial,
        Err(Stop::Never) => Match::No,
        Ok(first) => {
            let mut told = vec![first];
            while let (Ok(next), true) = (node(&mut cursor), told.len() < MOST_NODES) {
                told.push(next);
            }
            Match::Proven(proof(told))
        }
    }
}

const MOST_NODES: usize = 64;

fn ensure_port(cursor: &mut Cursor<'_>) -> Read<()> {
    ensure(cursor.u16()? != 0)
}

/// `io:format("name ~ts at port ~p~n", [NodeName, Port])`.
fn node(cursor: &mut Cursor<'_>) -> Read<String> {
    cursor.fixed(b"name ")?;
    let line = cursor.line(300)?;
    let (name, port) = line.split_once(" at port ").ok_or(Stop::Never)?;
    ensure(!name.is_empty() && name.len() <= 150 && port.parse::<u16>().is_ok())?;
    Ok(format!("node {name} on port {port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_node_there_is_too_little_for_a_proof() {
        assert!(matches!(recognise(&[0, 0, 0x11, 0x11]), Match::Likely(_)));
        assert_eq!(recognise(&[0, 0, 0, 0]), Match::No);
        assert_eq!(recognise(&[1, 0, 0x11, 0x11]), Match::No);
        assert_eq!(recognise(b"\0\0\x11\x11name a at place"), Match::Partial);
        assert_eq!(recognise(b"\0\0\x11\x11name a at place 7\n"), Match::No);
    }
}
