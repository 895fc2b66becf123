//! Minecraft, Java Edition: the status response of the server list ping; Minecraft Wiki, "Java
//! Edition protocol/Server List Ping".

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "minecraft",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// A handshake that asks for the status (protocol -1 where the version is not known), then the
/// request itself.
fn first(target: SocketAddr) -> Packet {
    let host = target.ip().to_string();
    let mut handshake = vec![0, 0xff, 0xff, 0xff, 0xff, 0x0f];
    handshake.push(u8::try_from(host.len()).unwrap_or(0));
    handshake.extend(host.bytes());
    handshake.extend(target.port().to_be_bytes());
    handshake.push(1);
    let mut bytes = vec![u8::try_from(handshake.len()).unwrap_or(0)];
    bytes.extend(handshake);
    bytes.extend([1, 0]);
    Packet {
        name: "minecraft status".into(),
        bytes: bytes.into(),
    }
}

/// The most that is waited for: a status with an icon has some tens of kilobytes.
const LONGEST: usize = 256 * 1024;

/// Wants a packet of type 0 whose one string is a JSON object with `version` and its `protocol`.
///
/// The icon makes it long, and comes last or first; so it is proven once both words are seen.
fn recognise(received: &[u8]) -> Match {
    let Some((length, rest)) = varint(received) else {
        return unfinished(received);
    };
    if !(10..=LONGEST).contains(&length) {
        return Match::No;
    }
    let Some((&kind, text)) = rest.split_first() else {
        return Match::Partial;
    };
    let Some((size, json)) = varint(text) else {
        return if kind == 0 {
            unfinished(text)
        } else {
            Match::No
        };
    };
    let head = text.len() - json.len();
    let sound = kind == 0 && size + head + 1 == length && size > 2;
    if !sound || json.first().is_some_and(|&b| b != b'{') {
        return Match::No;
    }
    let whole = json.len() >= size;
    let json = json.get(..size).unwrap_or(json);
    let has = |word: &[u8]| json.windows(word.len()).any(|w| w == word);
    if !(has(b"\"version\"") && has(b"\"protocol\"")) {
        return if whole { Match::No } else { Match::Partial };
    }
    let name = name(json).unwrap_or(&[]);
    let (told, because) = product::told_by("minecraft", &[("@version", name)]).unzip();
    Match::Proven(Box::new(Proof {
        rule: "status response of the server list ping".into(),
        more: !whole,
        ..product::proof(told, because.unwrap_or_default())
    }))
}

/// What `"version":{"name":"..."` names.
fn name(json: &[u8]) -> Option<&[u8]> {
    const VERSION: &[u8] = b"\"version\"";
    const NAME: &[u8] = b"\"name\"";
    let at = json.windows(VERSION.len()).position(|w| w == VERSION)?;
    let object = json.get(at..)?;
    let object = object.get(
        ..object
            .iter()
            .position(|&b| b == b'}')
            .unwrap_or(object.len()),
    )?;
    let at = object.windows(NAME.len()).position(|w| w == NAME)?;
    let rest = object.get(at + NAME.len()..)?;
    let start = rest.iter().position(|&b| b == b'"')? + 1;
    let value = rest.get(start..)?;
    value.get(..value.iter().position(|&b| b == b'"')?)
}

/// A number that has not arrived whole may still be one.
fn unfinished(bytes: &[u8]) -> Match {
    match bytes.len() < 3 && bytes.iter().all(|b| b & 0x80 != 0) {
        true => Match::Partial,
        false => Match::No,
    }
}

/// A VarInt of at most three octets: seven bits each, the lowest first.
fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().enumerate().take(3) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(json: &str) -> Vec<u8> {
        let size = u8::try_from(json.len()).unwrap();
        let varint = |n: u8| if n < 128 { vec![n] } else { vec![n, 1] };
        let text = [varint(size), json.as_bytes().to_vec()].concat();
        let length = varint(u8::try_from(text.len() + 1).unwrap());
        [length, vec![0], text].concat()
    }

    #[test]
    fn the_wikis_response_proves_it_and_names_its_server() {
        let bytes = status(
            r#"{"version":{"name":"Paper 1.20.1","protocol":763},"players":{"max":20,"online":0},"description":{"text":"A Minecraft Server"}}"#,
        );
        let Match::Proven(proof) = recognise(&bytes) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("paper"));
        for end in 0..bytes.len() {
            let verdict = recognise(&bytes[..end]);
            assert!(
                matches!(verdict, Match::Partial | Match::Proven(_)),
                "{end}"
            );
        }
        assert_eq!(
            recognise(&status(r#"{"error":"no such thing"}"#)),
            Match::No
        );
        let mut other = bytes;
        other[0] ^= 1;
        assert_eq!(recognise(&other), Match::No, "lengths that differ");
    }
}
