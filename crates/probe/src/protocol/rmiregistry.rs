//! Java RMI: the acknowledgement of JRMP's stream protocol, then the registry's list of names;
//! "Java Remote Method Invocation Specification" §10.2 and the Object Serialization Stream Protocol.
//!
//! `list` is a question of the registry that changes nothing.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "rmiregistry",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// `JRMI`, version 2, StreamProtocol.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "rmiregistry JRMI".into(),
        bytes: b"JRMI\0\x02\x4b".as_slice().into(),
    }
}

/// Our endpoint (nobody is called back), then a Call of `list()` on the registry, whose object
/// number is 0: operation 1 of the interface with hash 0x44154dc9d4e63bdf.
const LIST: &[u8] = b"\0\x09127.0.0.1\0\0\0\0\x50\xac\xed\0\x05\x77\x22\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x44\x15\x4d\xc9\xd4\xe6\x3b\xdf";

/// Wants ProtocolAck with an end point: a host name, and a port of 32 bits.
fn recognise(received: &[u8]) -> Match {
    judged(acknowledged(received))
}

fn acknowledged(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(&[0x4e])?;
    let length = usize::from(cursor.u16()?);
    ensure((1..=253).contains(&length))?;
    let hopeful = cursor.rest().iter().take(length);
    ensure(
        hopeful
            .copied()
            .all(|b| b.is_ascii_alphanumeric() || b".-:_%".contains(&b)),
    )?;
    cursor.take(length)?;
    cursor.fixed(&[0, 0])?;
    ensure(cursor.u16()? != 0)?;
    let names = (!cursor.rest().is_empty()).then(|| names(cursor));
    Ok(Proof {
        rule: "ProtocolAck of Java RMI's stream protocol, §10.2".into(),
        more: names == Some(Err(Stop::Short)),
        unauthenticated: matches!(names, Some(Ok(_))).then_some(true),
        told: names.and_then(Result::ok).unwrap_or_default(),
        ..Proof::default()
    })
}

/// ReturnData with a normal return, and an array of String.
fn names(mut cursor: Cursor<'_>) -> Read<Vec<String>> {
    // Return data; stream magic and version; a block of 15 bytes: normal return, unique identifier.
    cursor.fixed(b"\x51\xac\xed\0\x05\x77\x0f\x01")?;
    cursor.take(14)?;
    // TC_ARRAY, TC_CLASSDESC, "[Ljava.lang.String;", serial version, flags, no fields.
    cursor.fixed(b"\x75\x72\0\x13[Ljava.lang.String;\xad\xd2\x56\xe7\xe9\x1d\x7b\x47\x02\0\0")?;
    // RMI annotates classes with a location, here none; then the end and no superclass.
    if cursor.rest().first() == Some(&0x70) {
        cursor.take(1)?;
    }
    cursor.fixed(&[0x78, 0x70])?;
    let mut names = Vec::new();
    for _ in 0..cursor.count(4096)? {
        cursor.fixed(&[0x74])?;
        let length = usize::from(cursor.u16()?);
        let name = cursor.text(length)?;
        if names.len() < 64 {
            names.push(format!(
                "name {}",
                name.chars().take(150).collect::<String>()
            ));
        }
    }
    Ok(names)
}

fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let acknowledged = acknowledged(received).is_ok_and(|proof| !proof.more);
    (followed == 0 && acknowledged).then(|| Packet {
        name: "rmiregistry list".into(),
        bytes: LIST.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACK: &[u8] = b"\x4e\0\x09127.0.0.1\0\0\xa1\xb2";

    #[test]
    fn an_acknowledgement_names_our_end_point() {
        assert!(matches!(recognise(ACK), Match::Proven(_)));
        for end in 0..ACK.len() {
            assert_eq!(recognise(&ACK[..end]), Match::Partial);
        }
        for alike in [
            b"N\0\0\0\0".as_slice(),
            b"N\0\x03a b\0\0\xa1\xb2",
            b"N\0\x01a\x01\0\0\0",
        ] {
            assert_eq!(recognise(alike), Match::No);
        }
        assert_eq!(LIST.len(), 15 + 1 + 4 + 2 + 34);
    }

    #[test]
    fn a_registry_tells_its_names() {
        let list = [
            ACK,
            b"\x51\xac\xed\0\x05\x77\x0f\x01abcdefghijklmn",
            b"\x75\x72\0\x13[Ljava.lang.String;\xad\xd2\x56\xe7\xe9\x1d\x7b\x47\x02\0\0\x70\x78\x70",
            b"\0\0\0\x01\x74\0\x06jmxrmi",
        ]
        .concat();
        let Match::Proven(proof) = recognise(&list) else {
            panic!("not proven");
        };
        assert_eq!(
            (proof.more, proof.told),
            (false, vec!["name jmxrmi".to_owned()])
        );
    }
}
