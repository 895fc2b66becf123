//! Mumble: the Version message with which a server greets inside TLS, and the answer to a ping
//! over UDP. Sources: Mumble protocol documentation, "Overview" and "Ping", and Mumble.proto.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "mumble",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::greeted(recognise)
    }),
    datagram: Some(Datagram::asked(first, pong)),
};

/// What comes back in the answer.
const IDENT: &[u8; 8] = b"PORTOLAN";
const CPE: Option<&str> = Some("mumble:mumble");

/// The ping of clients' server lists: a request of type 0 and an identifier.
fn first(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "mumble ping".into(),
        bytes: [[0; 4].as_slice(), IDENT].concat().into(),
    }]
}

/// Wants version, identifier, users, most users and bandwidth: 24 octets.
fn pong(received: &[u8]) -> Match {
    let Ok(answer) = <[u8; 24]>::try_from(received) else {
        return Match::No;
    };
    let [_, major, minor, patch, ident @ ..] = answer;
    let number = |at: usize| {
        ident
            .get(at..at + 4)
            .map_or(0, |n| n.iter().fold(0, |n, &b| n << 8 | u32::from(b)))
    };
    let (users, most) = (number(8), number(12));
    if !received.starts_with(&[0, 1]) || !ident.starts_with(IDENT) || users > most {
        return Match::No;
    }
    // Others answer with the version of the protocol; none of them ever claimed a 1.3.
    let told = ((major, minor) == (1, 3)).then(|| {
        Told::new(
            "mumble-server",
            Some(&format!("{major}.{minor}.{patch}")),
            CPE,
        )
    });
    Match::Proven(Box::new(Proof {
        rule: "answer to a ping with our identifier".into(),
        told: vec![format!("users: {users} of {most}")],
        ..product::proof(told, "the version in the answer")
    }))
}

/// Wants a Version message: type 0, a length, and the fields of Mumble.proto with a version and
/// the words for release, system and its version.
fn recognise(received: &[u8]) -> Match {
    const LONGEST: usize = 512;
    let shared = received.len().min(4);
    if received.get(..shared) != [0; 4].get(..shared) {
        return Match::No;
    }
    let Some((head, rest)) = received.split_first_chunk::<6>() else {
        return Match::Partial;
    };
    let length = usize::from(u16::from_be_bytes([head[4], head[5]]));
    if !(8..=LONGEST).contains(&length) || rest.first().is_some_and(|&b| b != 0x08) {
        return Match::No;
    }
    let Some(message) = rest.get(..length) else {
        return Match::Partial;
    };
    version(message).unwrap_or(Match::No)
}

fn version(mut message: &[u8]) -> Option<Match> {
    let mut number = 0;
    let mut release = None;
    let mut words = 0;
    while let Some((&key, rest)) = message.split_first() {
        message = match key {
            // version_v1 and version_v2.
            0x08 | 0x28 => {
                let (value, rest) = varint(rest)?;
                number = if key == 0x08 { value } else { number };
                rest
            }
            // release, os, os_version.
            0x12 | 0x1a | 0x22 => {
                let (length, rest) = varint(rest)?;
                let (text, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                let text = std::str::from_utf8(text).ok()?;
                if text.chars().any(char::is_control) {
                    return None;
                }
                words += 1;
                release = release.or((key == 0x12).then_some(text));
                rest
            }
            _ => return None,
        };
    }
    // Octets: major (two), minor, patch.
    let told = format!("{}.{}.{}", number >> 16, number >> 8 & 255, number & 255);
    if !(0x0001_0000..0x0010_0000).contains(&number) || words < 2 {
        return None;
    }
    // The server itself announces the release that the number says; others have their own.
    let own = release.is_some_and(|release| {
        let rest = release.strip_prefix(told.as_str());
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    Some(Match::Proven(Box::new(Proof {
        rule: "Version message of Mumble.proto".into(),
        told: release
            .map(|r| format!("release: {}", r.chars().take(80).collect::<String>()))
            .into_iter()
            .collect(),
        ..product::proof(
            own.then(|| Told::new("mumble-server", Some(&told), CPE)),
            "the release in the Version message",
        )
    })))
}

/// A number of Protocol Buffers' encoding: seven bits an octet, the lowest first.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}
