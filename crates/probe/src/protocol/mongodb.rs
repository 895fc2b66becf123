//! MongoDB: the replies to `isMaster` and `buildInfo`, which need no login; MongoDB Wire Protocol,
//! "OP_QUERY" (still taken for `isMaster` alone), "OP_REPLY" and "OP_MSG"; BSON 1.1.
//!
//! Field of `data/products/mongodb.toml`: `@build`, what buildInfo tells as `key=value` lines.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "mongodb",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// OP_QUERY number 0x706f7274 on `admin.$cmd`: `{isMaster: 1}`, one document.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "mongodb isMaster".into(),
        bytes: b"\x3a\0\0\0trop\0\0\0\0\xd4\x07\0\0\0\0\0\0admin.$cmd\0\0\0\0\0\x01\0\0\0\
            \x13\0\0\0\x10isMaster\0\x01\0\0\0\0"
            .as_slice()
            .into(),
    }
}

/// OP_MSG number 0x706f7275: `{buildInfo: 1, $db: "admin"}`.
const BUILD_INFO: &[u8] = b"\x38\0\0\0uorp\0\0\0\0\xdd\x07\0\0\0\0\0\0\0\
    \x23\0\0\0\x10buildInfo\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0";

/// The first wire version that has OP_MSG (3.6).
const WITH_MSG: i32 = 6;

/// Wants an OP_REPLY to our number whose document is that of `isMaster`; adds what buildInfo tells.
fn recognise(received: &[u8]) -> Match {
    judged(reply(received))
}

fn reply(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    let document = hello(&mut cursor)?;
    let primary = ["ismaster", "isWritablePrimary", "secondary"];
    ensure(
        document
            .elements
            .iter()
            .any(|(key, _)| primary.contains(key)),
    )?;
    ensure(
        document.number("maxWireVersion").is_some()
            || document.number("maxBsonObjectSize").is_some(),
    )?;
    let mut more = !cursor.rest().is_empty();
    let mut told = None;
    if let Ok(build) = build(&mut cursor) {
        more = false;
        told = product::told_by("mongodb", &[("@build", build.as_bytes())]);
    }
    let (told, how) = told.map_or((None, ""), |(told, how)| (Some(told), how));
    let set = document.text("setName").filter(|name| name.len() < 100);
    Ok(Proof {
        rule: "OP_REPLY to isMaster of the MongoDB Wire Protocol".into(),
        told: set
            .map(|name| format!("replica set {name}"))
            .into_iter()
            .collect(),
        more,
        ..product::proof(told, how)
    })
}

fn hello<'a>(cursor: &mut Cursor<'a>) -> Read<Document<'a>> {
    let length = header(cursor, *b"trop", 1)?;
    let mut body = Cursor::new(cursor.take(length)?);
    let body = &mut body;
    // Flags, cursor, starting from, number returned.
    body.take(4)
        .and_then(|_| body.fixed(&[0; 12]))
        .and_then(|()| body.fixed(&[1, 0, 0, 0]))
        .and_then(|()| Document::read(body))
        .or(Err(Stop::Never))
}

/// The head of a message that answers `number` (as it lies in the packet); the rest's length.
fn header(cursor: &mut Cursor<'_>, number: [u8; 4], operation: u64) -> Read<usize> {
    let length = usize::try_from(cursor.little(4)?).or(Err(Stop::Never))?;
    ensure((36..=16 * 1024).contains(&length))?;
    cursor.take(4)?;
    cursor.fixed(&number)?;
    ensure(cursor.little(4)? == operation)?;
    Ok(length - 16)
}

/// The keys and texts of buildInfo's document, one to a line; the rules look for those that only
/// one product has.
fn build(cursor: &mut Cursor<'_>) -> Read<String> {
    let length = header(cursor, *b"uorp", 2013)?;
    let mut body = Cursor::new(cursor.take(length)?);
    // No flags but, at most, that a checksum follows; a section of kind 0.
    body.take(4)?;
    body.fixed(&[0])?;
    let document = Document::read(&mut body)?;
    let mut lines = String::new();
    for (key, value) in document.elements {
        lines.push_str(key);
        lines.push('=');
        if let Value::Text(text) = value {
            lines.push_str(text);
        }
        lines.push('\n');
    }
    Ok(lines)
}

/// A BSON document's elements, of which only texts and 32-bit numbers are read.
struct Document<'a> {
    elements: Vec<(&'a str, Value<'a>)>,
}

enum Value<'a> {
    Text(&'a str),
    Number(i32),
    Other,
}

impl<'a> Document<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Read<Self> {
        let size = usize::try_from(cursor.little(4)?).or(Err(Stop::Never))?;
        ensure((5..=16 * 1024).contains(&size))?;
        let mut body = Cursor::new(cursor.take(size - 4)?);
        let mut elements = Vec::new();
        loop {
            let kind = body.u8()?;
            if kind == 0 {
                ensure(body.rest().is_empty())?;
                return Ok(Self { elements });
            }
            ensure(elements.len() < 128)?;
            let end = body
                .rest()
                .iter()
                .position(|&b| b == 0)
                .ok_or(Stop::Never)?;
            let key = body.text(end)?;
            body.take(1)?;
            elements.push((key, Value::read(kind, &mut body)?));
        }
    }

    fn number(&self, name: &str) -> Option<i32> {
        self.elements.iter().find_map(|(key, value)| match value {
            Value::Number(number) if *key == name => Some(*number),
            _ => None,
        })
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        self.elements.iter().find_map(|(key, value)| match value {
            Value::Text(text) if *key == name => Some(*text),
            _ => None,
        })
    }
}

impl<'a> Value<'a> {
    fn read(kind: u8, body: &mut Cursor<'a>) -> Read<Self> {
        let sized = |body: &mut Cursor<'a>| usize::try_from(body.little(4)?).or(Err(Stop::Never));
        let bytes = match kind {
            0x02 => {
                let size = sized(body)?;
                ensure(size >= 1)?;
                let text = body.take(size - 1)?;
                body.fixed(&[0])?;
                return Ok(std::str::from_utf8(text).map_or(Value::Other, Value::Text));
            }
            0x10 => {
                let number = body.little(4)?.to_le_bytes();
                let [a, b, c, d, ..] = number;
                return Ok(Value::Number(i32::from_le_bytes([a, b, c, d])));
            }
            // Document and array: the size counts itself.
            0x03 | 0x04 => sized(body)?.checked_sub(4).ok_or(Stop::Never)?,
            0x05 => sized(body)?.saturating_add(1),
            0x01 | 0x09 | 0x11 | 0x12 => 8,
            0x07 => 12,
            0x08 => 1,
            0x0a => 0,
            0x13 => 16,
            _ => return Err(Stop::Never),
        };
        body.take(bytes)?;
        Ok(Value::Other)
    }
}

fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let mut cursor = Cursor::new(received);
    let document = hello(&mut cursor).ok()?;
    let able = document
        .number("maxWireVersion")
        .is_some_and(|v| v >= WITH_MSG);
    (followed == 0 && able && cursor.rest().is_empty()).then(|| Packet {
        name: "mongodb buildInfo".into(),
        bytes: BUILD_INFO.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(key: &str, value: &str) -> Vec<u8> {
        let mut bytes = vec![2];
        bytes.extend(key.bytes());
        bytes.push(0);
        bytes.extend(u32::try_from(value.len() + 1).unwrap().to_le_bytes());
        bytes.extend(value.bytes());
        bytes.push(0);
        bytes
    }

    fn number(key: &str, value: i32) -> Vec<u8> {
        let mut bytes = vec![0x10];
        bytes.extend(key.bytes());
        bytes.push(0);
        bytes.extend(value.to_le_bytes());
        bytes
    }

    fn document(elements: &[Vec<u8>]) -> Vec<u8> {
        let body = elements.concat();
        let mut bytes = u32::try_from(body.len() + 5)
            .unwrap()
            .to_le_bytes()
            .to_vec();
        bytes.extend(body);
        bytes.push(0);
        bytes
    }

    fn message(number: &[u8; 4], operation: u32, body: &[u8]) -> Vec<u8> {
        let mut bytes = u32::try_from(body.len() + 16)
            .unwrap()
            .to_le_bytes()
            .to_vec();
        bytes.extend([9, 0, 0, 0]);
        bytes.extend(number);
        bytes.extend(operation.to_le_bytes());
        bytes.extend(body);
        bytes
    }

    fn hello(wire: i32) -> Vec<u8> {
        let boolean = b"\x08ismaster\0\x01".to_vec();
        let date = b"\x09localTime\0\0\0\0\0\0\0\0\0".to_vec();
        let body = document(&[boolean, date, number("maxWireVersion", wire)]);
        message(
            b"trop",
            1,
            &[&[8, 0, 0, 0], [0; 12].as_slice(), &[1, 0, 0, 0], &body].concat(),
        )
    }

    fn build(elements: &[Vec<u8>]) -> Vec<u8> {
        message(
            b"uorp",
            2013,
            &[&[0; 5], document(elements).as_slice()].concat(),
        )
    }

    fn proof(bytes: &[u8]) -> Proof {
        match recognise(bytes) {
            Match::Proven(proof) => *proof,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn packets_have_the_lengths_they_say() {
        let target = SocketAddr::from(([127, 0, 0, 1], 1));
        let asked = first(target).bytes;
        assert_eq!(usize::from(asked[0]), asked.len());
        assert_eq!(usize::from(BUILD_INFO[0]), BUILD_INFO.len());
        assert_eq!(usize::from(BUILD_INFO[21]), BUILD_INFO.len() - 21);
        assert!(follow(&hello(6), 0, target).is_some());
        assert!(follow(&hello(5), 0, target).is_none());
    }

    #[test]
    fn a_build_tells_the_product() {
        assert_eq!(proof(&hello(21)).product, None);
        let git = "0".repeat(40);
        let common = [
            text("version", "7.0.5"),
            text("gitVersion", &git),
            text("javascriptEngine", "mozjs"),
        ];
        let mongo = [hello(21), build(&common)].concat();
        assert_eq!(proof(&mongo).version.as_deref(), Some("7.0.5"));
        assert_eq!(proof(&mongo).product.as_deref(), Some("mongodb"));
        assert!(proof(&mongo[..mongo.len() - 1]).more);
        let percona = [common.as_slice(), &[text("psmdbVersion", "7.0.5-3")]].concat();
        let percona = [hello(21), build(&percona)].concat();
        assert_eq!(
            proof(&percona).product.as_deref(),
            Some("percona-server-for-mongodb")
        );
        let ferret = [
            text("version", "7.0.42"),
            text("gitVersion", &git),
            text("ferretdbVersion", "v1.21.0"),
        ];
        let ferret = [hello(21), build(&ferret)].concat();
        assert_eq!(proof(&ferret).product.as_deref(), Some("ferretdb"));
        for end in 0..hello(21).len() {
            assert_eq!(recognise(&mongo[..end]), Match::Partial, "{end}");
        }
    }
}
