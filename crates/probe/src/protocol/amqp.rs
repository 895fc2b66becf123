//! AMQP: Connection.Start as the answer to the header of 0-9-1, or the header of the version that
//! is spoken instead; AMQP 0-9-1 §2.3.7, §4.2 and class 10, AMQP 1.0 part 2 §2.2.
//!
//! Field of `data/products/amqp.toml`: `@server`, the properties product and version, joined by `/`.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "amqp",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "amqp header 0-9-1".into(),
        bytes: b"AMQP\0\0\x09\x01".as_slice().into(),
    }
}

/// Wants the frame with Connection.Start, or a header.
fn recognise(received: &[u8]) -> Match {
    match received.first() {
        Some(b'A') => judged(header(received)),
        _ => judged(start(received)),
    }
}

/// The headers that servers offer in place of one that they do not speak: 0-9-1, 0-9, 0-10, 1.0,
/// and 1.0 behind TLS or SASL.
const HEADERS: [&[u8; 8]; 6] = [
    b"AMQP\x00\x00\x09\x01",
    b"AMQP\x01\x01\x00\x09",
    b"AMQP\x01\x01\x00\x0a",
    b"AMQP\x00\x01\x00\x00",
    b"AMQP\x02\x01\x00\x00",
    b"AMQP\x03\x01\x00\x00",
];

fn header(received: &[u8]) -> Read<Proof> {
    let reads = HEADERS.map(|header| Cursor::new(received).fixed(header));
    if reads.contains(&Ok(())) {
        return Ok(Proof {
            rule: "protocol header in place of one that is not spoken, AMQP §2.2".into(),
            ..Proof::default()
        });
    }
    Err(match reads.contains(&Err(Stop::Short)) {
        true => Stop::Short,
        false => Stop::Never,
    })
}

fn start(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    // A method frame on channel 0.
    cursor.fixed(&[1, 0, 0])?;
    let length = cursor.count(16 * 1024)?;
    ensure(length > 20)?;
    // Connection.Start.
    cursor.fixed(&[0, 10, 0, 10])?;
    let version = [cursor.u8()?, cursor.u8()?];
    ensure(matches!(version, [0, 9] | [8, 0]))?;
    let mut body = Cursor::new(cursor.take(length - 6)?);
    cursor.fixed(&[0xce])?;
    // The frame is whole: what is missing within it never comes.
    arguments(&mut body).or(Err(Stop::Never))
}

fn arguments(body: &mut Cursor<'_>) -> Read<Proof> {
    let length = body.count(16 * 1024)?;
    let properties = texts(Cursor::new(body.take(length)?))?;
    let mechanisms = body.count(1024)?;
    ensure(!body.text(mechanisms)?.is_empty())?;
    let locales = body.count(1024)?;
    ensure(!body.text(locales)?.is_empty() && body.rest().is_empty())?;
    let of = |name: &str| {
        properties
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| *value)
    };
    let server = format!(
        "{}/{}",
        of("product").unwrap_or(""),
        of("version").unwrap_or("")
    );
    let told = product::told_by("amqp", &[("@server", server.as_bytes())]);
    let (told, how) = told.map_or((None, ""), |(told, how)| (Some(told), how));
    let platform =
        of("platform").map(|p| format!("platform {}", p.chars().take(150).collect::<String>()));
    Ok(Proof {
        rule: "Connection.Start of AMQP 0-9-1 §1.4.2.1".into(),
        told: platform.into_iter().collect(),
        ..product::proof(told, how)
    })
}

/// The long strings of a field table, §4.2.5.5; the types are those of RabbitMQ's errata.
fn texts(mut table: Cursor<'_>) -> Read<Vec<(&str, &str)>> {
    let mut texts = Vec::new();
    while !table.rest().is_empty() {
        let length = usize::from(table.u8()?);
        let name = table.text(length)?;
        ensure(!name.is_empty() && texts.len() < 64)?;
        let bytes = match table.u8()? {
            b'S' => {
                let length = table.count(4096)?;
                let value = table.take(length)?;
                if let Ok(value) = std::str::from_utf8(value) {
                    texts.push((name, value));
                }
                0
            }
            b'F' | b'A' | b'x' => table.count(16 * 1024)?,
            b'V' => 0,
            b't' | b'b' | b'B' => 1,
            b's' | b'u' | b'U' => 2,
            b'I' | b'i' | b'f' => 4,
            b'D' => 5,
            b'L' | b'l' | b'd' | b'T' => 8,
            _ => return Err(Stop::Never),
        };
        table.take(bytes)?;
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_another_version_offers_its_own_header() {
        for header in HEADERS {
            assert!(matches!(recognise(header), Match::Proven(_)));
            assert_eq!(recognise(&header[..7]), Match::Partial);
        }
        assert_eq!(recognise(b"AMQP\x07\x01\x00\x00"), Match::No);
    }
}
