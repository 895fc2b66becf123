//! Milter, the mail filter protocol of Sendmail: the answer to option negotiation.
//!
//! Source: the protocol's description in Sendmail's libmilter (mfdef.h) and the free
//! milter-protocol.txt: a length of four bytes, a command letter, then its data.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "milter",
    safety: Safety::Polite,
    stream: Some(Stream {
        farewell: Some(b"\0\0\0\x01Q"),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// `SMFI_CURR_ACTS` of version 6.
const ACTIONS: u32 = 0x1ff;

/// `SMFI_CURR_PROT` of version 6: the steps that may be left out.
const STEPS: u32 = 0x1f_ffff;

/// `SMFIC_OPTNEG` of version 6; no mail is spoken of.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "milter option negotiation".into(),
        bytes: b"\0\0\0\x0dO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff"
            .as_slice()
            .into(),
    }
}

/// Wants `SMFIC_OPTNEG` back, with a version from 2 to the one that was asked for, and no more
/// actions and steps than were offered.
pub(super) fn recognise(received: &[u8]) -> Match {
    // Macros that the filter wants may follow the three numbers, as text.
    const LONGEST: usize = 2048;
    let fixed = |at: usize, wanted: u8| received.get(at).is_none_or(|&b| b == wanted);
    if !fixed(0, 0) || !fixed(1, 0) || !fixed(4, b'O') || (5..8).any(|at| !fixed(at, 0)) {
        return Match::No;
    }
    let length = match *received {
        [_, _, a, b, ..] => usize::from(u16::from_be_bytes([a, b])),
        _ => return Match::Partial,
    };
    if !(13..=LONGEST).contains(&length) {
        return Match::No;
    }
    if received.get(8).is_some_and(|v| !(2..=6).contains(v)) {
        return Match::No;
    }
    let Some(packet) = received.get(4..4 + length) else {
        return Match::Partial;
    };
    let number = |at: usize| {
        let bytes = packet.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    let (Some(actions), Some(steps)) = (number(5), number(9)) else {
        return Match::No;
    };
    match actions & !ACTIONS == 0 && steps & !STEPS == 0 {
        true => Match::Proven(Box::new(Proof {
            rule: "SMFIC_OPTNEG as libmilter answers it".into(),
            ..Proof::default()
        })),
        false => Match::No,
    }
}
