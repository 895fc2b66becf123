//! TFTP, RFC 1350: the ERROR packet (§5) for a file that cannot be there.
//!
//! Every server answers from a port of its own (§4).

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "tftp",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram {
        strays: true,
        ..Datagram::asked(first, recognise)
    }),
};

/// Asks to read what no server offers; nothing is written or sent.
fn first(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "tftp RRQ of no such file".into(),
        bytes: b"\0\x01portolan-no-such-file\0octet\0".as_slice().into(),
    }]
}

/// Wants `05 | code | message | 0`, a code of the appendix (or RFC 2347's 8) and words in netascii as message.
fn recognise(received: &[u8]) -> Match {
    /// A shorter message could be anybody's.
    const SHORTEST: usize = 6;
    const LONGEST: usize = 512;
    let Some(rest) = received.strip_prefix(b"\0\x05\0") else {
        return Match::No;
    };
    let Some((code, rest)) = rest.split_first() else {
        return Match::No;
    };
    let Some((0, message)) = rest.split_last() else {
        return Match::No;
    };
    let printable = message.iter().all(|&b| matches!(b, 0x20..=0x7e));
    if *code > 8 || message.len() > LONGEST || !printable {
        return Match::No;
    }
    let proof = Box::new(Proof {
        rule: "ERROR packet of RFC 1350 §5 for a file that is not there".into(),
        ..Proof::default()
    });
    match message.len() >= SHORTEST {
        true => Match::Proven(proof),
        false => Match::Likely(proof),
    }
}
