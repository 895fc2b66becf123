//! Cassandra's CQL: SUPPORTED as the answer to OPTIONS, CQL BINARY PROTOCOL v4 §2, §4.1.3, §4.2.4.
//! OPTIONS may be asked before STARTUP, so nobody logs in.
//!
//! Which of the family answers is told only by options of their own.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "cassandra",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// OPTIONS in version 4, stream 0x706f.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "cassandra OPTIONS".into(),
        bytes: b"\x04\0\x70\x6f\x05\0\0\0\0".as_slice().into(),
    }
}

/// Wants SUPPORTED on our stream with CQL_VERSION among its options, or an ERROR of a protocol version.
fn recognise(received: &[u8]) -> Match {
    judged(supported(received))
}

fn supported(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    let version = cursor.u8()?;
    // A response in some version from 3 to 5: a server that lacks ours answers in its own.
    ensure((0x83..=0x85).contains(&version))?;
    ensure(cursor.u8()? & !0x18 == 0)?;
    cursor.fixed(&[0x70, 0x6f])?;
    let operation = cursor.u8()?;
    ensure(matches!(operation, 0x00 | 0x06))?;
    let length = cursor.count(8192)?;
    let mut body = Cursor::new(cursor.take(length)?);
    let told = match operation {
        0x06 => options(&mut body).or(Err(Stop::Never))?,
        _ => error(&mut body).or(Err(Stop::Never))?,
    };
    Ok(Proof {
        rule: match operation {
            0x06 => "SUPPORTED of the CQL binary protocol §4.2.4",
            _ => "ERROR of the CQL binary protocol §4.2.1",
        }
        .into(),
        ..product::proof(told, "options that only it has")
    })
}

/// A string multimap of options.
fn options(body: &mut Cursor<'_>) -> Read<Option<Told>> {
    let mut keys = Vec::new();
    for _ in 0..body.u16()? {
        keys.push(string(body)?);
        for _ in 0..body.u16()? {
            string(body)?;
        }
    }
    ensure(body.rest().is_empty() && keys.contains(&"CQL_VERSION"))?;
    let scylla = keys.iter().any(|k| k.starts_with("SCYLLA_"));
    Ok(scylla.then(|| Told::new("scylladb", None, None)))
}

/// Protocol error (0x000A), of a version that the server does not speak.
fn error(body: &mut Cursor<'_>) -> Read<Option<Told>> {
    body.fixed(&[0, 0, 0, 0x0a])?;
    ensure(string(body)?.contains("protocol version"))?;
    Ok(None)
}

fn string<'a>(body: &mut Cursor<'a>) -> Read<&'a str> {
    let length = usize::from(body.u16()?);
    body.text(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(text: &str) -> Vec<u8> {
        [
            u16::try_from(text.len()).unwrap().to_be_bytes().as_slice(),
            text.as_bytes(),
        ]
        .concat()
    }

    fn supported(options: &[(&str, &str)]) -> Vec<u8> {
        let mut body = u16::try_from(options.len()).unwrap().to_be_bytes().to_vec();
        for (key, value) in options {
            body.extend([string(key), vec![0, 1], string(value)].concat());
        }
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [b"\x84\0\x70\x6f\x06".as_slice(), &length, &body].concat()
    }

    #[test]
    fn options_of_the_specification() {
        let cassandra = supported(&[("CQL_VERSION", "3.4.5"), ("COMPRESSION", "lz4")]);
        let Match::Proven(proof) = recognise(&cassandra) else {
            panic!("not proven");
        };
        assert_eq!(proof.product, None);
        for end in 0..cassandra.len() {
            assert_eq!(recognise(&cassandra[..end]), Match::Partial);
        }
        let scylla = supported(&[("CQL_VERSION", "3.3.1"), ("SCYLLA_NR_SHARDS", "2")]);
        let Match::Proven(proof) = recognise(&scylla) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("scylladb"));
        assert_eq!(recognise(&supported(&[("COMPRESSION", "lz4")])), Match::No);
    }
}
