//! Firebird and InterBase: the answer to op_connect, Firebird's "Wire protocol" reference
//! (firebirdsql.org, "Firebird Wire Protocol", §"Connection") and `protocol.h` of its source.
//!
//! A connect names no user that would be tried; the attachment that would is not asked for, and
//! with it no version is told.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "gds-db",
    safety: Safety::Polite,
    stream: Some(Stream {
        // op_disconnect.
        farewell: Some(&[0, 0, 0, 6]),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// op_connect (1) for op_attach (19), CONNECT_VERSION3, arch_generic, no path, two protocols, no user
/// identification; protocols 10 and 13, each generic, of types 2 to 3, by rising preference.
fn first(_target: SocketAddr) -> Packet {
    const PACKET: [u32; 17] = [
        1,
        19,
        3,
        1,
        0,
        2,
        0, // the head
        10,
        1,
        2,
        3,
        2, // protocol 10
        0xffff_800d,
        1,
        2,
        3,
        4, // protocol 13
    ];
    Packet {
        name: "gds-db op_connect".into(),
        bytes: PACKET
            .iter()
            .flat_map(|word| word.to_be_bytes())
            .collect::<Vec<_>>()
            .into(),
    }
}

/// Wants op_accept, op_accept_data or op_cond_accept with a protocol that was offered.
fn recognise(received: &[u8]) -> Match {
    judged(accept(received))
}

fn accept(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(&[0, 0, 0])?;
    ensure(matches!(cursor.u8()?, 3 | 94 | 98))?;
    // The upper half is a sign that some versions extend.
    ensure(matches!(cursor.u32()?, 10 | 0x800d | 0xffff_800d))?;
    cursor.fixed(&[0, 0, 0, 1])?;
    // The type, with a flag for compression above it.
    cursor.fixed(&[0, 0])?;
    let kind = cursor.u16()?;
    ensure(matches!(kind & 0xff, 2..=5) && kind >> 8 <= 1)?;
    Ok(Proof {
        rule: "op_accept of Firebird's wire protocol".into(),
        ..Proof::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acceptances_of_the_specification() {
        let accepted = [0, 0, 0, 3, 0, 0, 0, 10, 0, 0, 0, 1, 0, 0, 0, 3];
        assert!(matches!(recognise(&accepted), Match::Proven(_)));
        for end in 0..accepted.len() {
            assert_eq!(recognise(&accepted[..end]), Match::Partial);
        }
        let with_plugin = [0, 0, 0, 94, 0xff, 0xff, 0x80, 0x0d, 0, 0, 0, 1, 0, 0, 0, 3];
        assert!(matches!(recognise(&with_plugin), Match::Proven(_)));
        assert_eq!(recognise(&[0, 0, 0, 3, 0, 0, 0, 11]), Match::No);
        // op_reject, and an op_accept of no architecture, are too little and too much.
        assert_eq!(recognise(&[0, 0, 0, 4]), Match::No);
    }
}
