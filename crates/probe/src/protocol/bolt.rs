//! Bolt: the version handshake, then HELLO; Neo4j's "Bolt Protocol handshake specification" and
//! "Bolt Protocol message specification".
//!
//! Since Bolt 5.1 a login is a message of its own (LOGON), so HELLO names no user and its answer
//! names the server. An older server refuses a HELLO without a login, which proves it as well.
//!
//! Field of `data/products/bolt.toml`: `@server`.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "bolt",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        // GOODBYE.
        farewell: Some(b"\0\x02\xb0\x02\0\0"),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// The magic, then 5.8 down to 5.1, 4.4 down to 4.2, 4.1, and 3.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "bolt handshake".into(),
        bytes: b"\x60\x60\xb0\x17\0\x07\x08\x05\0\x02\x04\x04\0\0\x01\x04\0\0\0\x03"
            .as_slice()
            .into(),
    }
}

/// HELLO with a user agent and, as 5.3 wants it, the agent of Bolt.
const HELLO: &[u8] = b"\0\x40\xb1\x01\xa2\x8auser_agent\x8eportolan/0.1.0\x8abolt_agent\
    \xa1\x87product\x8eportolan/0.1.0\0\0";

/// Wants one of the versions offered, then SUCCESS or FAILURE with a map in one chunk.
fn recognise(received: &[u8]) -> Match {
    judged(answer(received))
}

fn version(cursor: &mut Cursor<'_>) -> Read<()> {
    cursor.fixed(&[0, 0])?;
    let (minor, major) = (cursor.u8()?, cursor.u8()?);
    ensure(matches!((major, minor), (5, 1..=8) | (4, 1..=4) | (3, 0)))
}

fn answer(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    version(&mut cursor)?;
    // Empty chunks keep a connection alive.
    let mut length = usize::from(cursor.u16()?);
    for _ in 0..4 {
        if length != 0 {
            break;
        }
        length = usize::from(cursor.u16()?);
    }
    ensure((4..=4096).contains(&length))?;
    let mut message = Cursor::new(cursor.take(length)?);
    cursor.fixed(&[0, 0])?;
    message.fixed(&[0xb1]).or(Err(Stop::Never))?;
    let kind = message.u8().or(Err(Stop::Never))?;
    let map = message.u8().or(Err(Stop::Never))?;
    // A map of at least one and at most fifteen entries, whose first key is a short text.
    ensure(matches!(kind, 0x70 | 0x7f) && (0xa1..=0xaf).contains(&map))?;
    ensure(
        message
            .rest()
            .first()
            .is_some_and(|b| (0x81..=0x8f).contains(b)),
    )?;
    let server = server(message.rest()).unwrap_or("");
    let told = product::told_by("bolt", &[("@server", server.as_bytes())]);
    let (told, how) = told.map_or((None, ""), |(told, how)| (Some(told), how));
    Ok(Proof {
        rule: match kind {
            0x70 => "version and SUCCESS of the Bolt protocol",
            _ => "version and FAILURE of the Bolt protocol",
        }
        .into(),
        ..product::proof(told, how)
    })
}

/// The text after the key `server`: of up to 15 bytes, or with a length in a byte.
fn server(map: &[u8]) -> Option<&str> {
    let key = b"\x86server";
    let at = map.windows(key.len()).position(|w| w == key)?;
    let (&mark, rest) = map.get(at + key.len()..)?.split_first()?;
    let (length, rest) = match mark {
        0x80..=0x8f => (usize::from(mark - 0x80), rest),
        0xd0 => rest
            .split_first()
            .map(|(&length, rest)| (usize::from(length), rest))?,
        _ => return None,
    };
    std::str::from_utf8(rest.get(..length)?).ok()
}

fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let mut cursor = Cursor::new(received);
    let agreed = version(&mut cursor).is_ok() && cursor.rest().is_empty();
    (followed == 0 && agreed).then(|| Packet {
        name: "bolt HELLO".into(),
        bytes: HELLO.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn success(server: &str) -> Vec<u8> {
        let mut body = b"\xb1\x70\xa2\x86server".to_vec();
        body.extend([0xd0, u8::try_from(server.len()).unwrap()]);
        body.extend(server.bytes());
        body.extend(b"\x8dconnection_id\x86bolt-1");
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[0, 0, 4, 5], length.as_slice(), &body, &[0, 0]].concat()
    }

    #[test]
    fn hello_has_the_length_it_says() {
        assert_eq!(usize::from(HELLO[1]) + 4, HELLO.len());
    }

    #[test]
    fn a_server_names_itself() {
        let neo4j = success("Neo4j/5.13.0");
        let Match::Proven(proof) = recognise(&neo4j) else {
            panic!("not proven");
        };
        assert_eq!(proof.version.as_deref(), Some("5.13.0"));
        for end in 0..neo4j.len() {
            assert_eq!(recognise(&neo4j[..end]), Match::Partial);
        }
        let other = success("Neo4j/v5.11.0 compatible graph database server - Memgraph");
        let Match::Proven(proof) = recognise(&other) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("memgraph"));
        assert_eq!(proof.version, None);
        assert_eq!(recognise(&[0, 0, 0, 0]), Match::No);
        assert_eq!(recognise(&[0, 0, 9, 5]), Match::No);
    }
}
