//! RethinkDB: the object that answers the magic number of handshake version 1.0, RethinkDB's
//! "Writing RethinkDB drivers", "Handshake".
//!
//! The authentication that would follow is not begun.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "rethinkdb",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// 0x34c2bdc3, little-endian.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "rethinkdb handshake".into(),
        bytes: [0xc3, 0xbd, 0xc2, 0x34].as_slice().into(),
    }
}

/// Wants an object with the four keys of the documentation, ended by a zero.
fn recognise(received: &[u8]) -> Match {
    judged(object(received))
}

fn object(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(b"{")?;
    let end = cursor.rest().iter().take(512).position(|&b| b == 0);
    let missing = if cursor.rest().len() < 512 {
        Stop::Short
    } else {
        Stop::Never
    };
    let printable = cursor
        .rest()
        .iter()
        .take(end.unwrap_or(512))
        .all(|&b| b >= 0x20 || b == b'\n');
    ensure(printable)?;
    let bytes = cursor.take(end.ok_or(missing)?)?;
    let text = std::str::from_utf8(bytes)
        .or(Err(Stop::Never))?
        .replace(['\n', '\t', ' '], "");
    let keys = [
        "\"success\":true",
        "\"min_protocol_version\":0",
        "\"max_protocol_version\":0",
    ];
    ensure(keys.iter().all(|key| text.contains(key)))?;
    let version = text
        .split_once("\"server_version\":\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .ok_or(Stop::Never)?
        .0;
    // A package's build is told behind a tilde: "2.4.1~0bullseye".
    let version = version.split('~').next().unwrap_or(version);
    Ok(Proof {
        rule: "object of RethinkDB's handshake 1.0".into(),
        ..product::proof(
            Some(Told::new(
                "rethinkdb",
                Some(version),
                Some("rethinkdb:rethinkdb"),
            )),
            "server_version of the handshake",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_of_the_documentation() {
        let object = b"{\n    \"success\": true,\n    \"min_protocol_version\": 0,\n    \
            \"max_protocol_version\": 0,\n    \"server_version\": \"2.3.0\"\n}\0";
        let Match::Proven(proof) = recognise(object) else {
            panic!("not proven");
        };
        assert_eq!(proof.version.as_deref(), Some("2.3.0"));
        assert_eq!(recognise(&object[..object.len() - 1]), Match::Partial);
        assert_eq!(recognise(b"{\"success\":true}\0"), Match::No);
    }
}
