//! OpenWire: the WireFormatInfo with which a broker greets, ActiveMQ's "OpenWire Version 2
//! Specification", "Wire Format Negotiation".
//!
//! Field of `data/products/openwire.toml`: `@provider`, ProviderName and ProviderVersion, joined by `/`.

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "openwire",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

/// Wants a whole WireFormatInfo: its size, type 1, the magic, a version, and the size of its map.
fn recognise(received: &[u8]) -> Match {
    judged(info(received))
}

fn info(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    let size = cursor.count(8192)?;
    ensure(size >= 18)?;
    cursor.fixed(b"\x01ActiveMQ")?;
    let version = cursor.u32()?;
    ensure((1..=64).contains(&version))?;
    let body = Cursor::new(cursor.take(size - 13)?);
    let properties = properties(body).unwrap_or_default();
    let of = |name: &str| {
        properties
            .iter()
            .find(|(n, _)| *n == name)
            .map_or("", |(_, v)| *v)
    };
    let provider = format!("{}/{}", of("ProviderName"), of("ProviderVersion"));
    let told = product::told_by("openwire", &[("@provider", provider.as_bytes())]);
    let (told, how) = told.map_or((None, ""), |(told, how)| (Some(told), how));
    Ok(Proof {
        rule: "WireFormatInfo with the magic ActiveMQ".into(),
        ..product::proof(told, how)
    })
}

/// The texts of the map: whether there is one, its size, its number of entries; each a name and a
/// typed value (org.apache.activemq.util.MarshallingSupport).
fn properties(mut body: Cursor<'_>) -> Read<Vec<(&str, &str)>> {
    body.fixed(&[1])?;
    let size = body.count(8192)?;
    let mut map = Cursor::new(body.take(size)?);
    let mut texts = Vec::new();
    for _ in 0..map.count(64)? {
        let length = usize::from(map.u16()?);
        let name = map.text(length)?;
        let bytes = match map.u8()? {
            // Null, and booleans with their value.
            0 => 0,
            1 | 2 => 1,
            3 | 4 => 2,
            5 | 7 => 4,
            6 | 8 => 8,
            9 => {
                let length = usize::from(map.u16()?);
                texts.push((name, map.text(length)?));
                0
            }
            10 => usize::from(map.u16()?),
            _ => return Err(Stop::Never),
        };
        map.take(bytes)?;
    }
    Ok(texts)
}
