//! OpenTTD: the game's information, which a server gives before anybody joins; OpenTTD's
//! docs/game_coordinator.md and src/network/core (tcp_game.h, udp.h, network_game_info.h).

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "openttd",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: Some(Datagram::asked(first_datagram, recognise_datagram)),
};

/// A packet of three octets: its size, and the type PACKET_CLIENT_GAME_INFO.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "openttd game info".into(),
        bytes: [3, 0, 7].as_slice().into(),
    }
}

/// The type PACKET_UDP_CLIENT_FIND_SERVER.
fn first_datagram(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "openttd find server".into(),
        bytes: [3, 0, 0].as_slice().into(),
    }]
}

/// Wants one packet of the type PACKET_SERVER_GAME_INFO.
fn recognise(received: &[u8]) -> Match {
    const LONGEST: usize = 1460;
    let length = match received {
        [] | [_] => return Match::Partial,
        [low, high, ..] => usize::from(u16::from_le_bytes([*low, *high])),
    };
    if !(16..=LONGEST).contains(&length)
        || received.get(2).is_some_and(|&kind| kind != 6)
        || received
            .get(3)
            .is_some_and(|version| !(1..=7).contains(version))
    {
        return Match::No;
    }
    match received.get(3..length) {
        None => Match::Partial,
        Some(body) => information(body),
    }
}

/// PACKET_UDP_SERVER_RESPONSE: since version 12 it is empty, which is little to go by.
fn recognise_datagram(received: &[u8]) -> Match {
    let rule = "PACKET_UDP_SERVER_RESPONSE";
    match received {
        [3, 0, 1] => Match::Likely(Box::new(Proof {
            rule: rule.into(),
            ..Proof::default()
        })),
        [low, high, 1, body @ ..]
            if usize::from(u16::from_le_bytes([*low, *high])) == received.len() =>
        {
            information(body)
        }
        _ => Match::No,
    }
}

fn information(body: &[u8]) -> Match {
    let Some((name, revision)) = read(body) else {
        return Match::No;
    };
    // A release is all numbers; anything else is somebody's own build.
    let release = revision.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && revision.starts_with(|c: char| c.is_ascii_digit());
    let told = release.then(|| Told::new("openttd", Some(revision), Some("openttd:openttd")));
    Match::Proven(Box::new(Proof {
        rule: "NetworkGameInfo as OpenTTD serialises it".into(),
        told: vec![
            format!("name: {}", name.chars().take(80).collect::<String>()),
            format!(
                "revision: {}",
                revision.chars().take(40).collect::<String>()
            ),
        ],
        ..product::proof(told, "the revision in the game's information")
    }))
}

/// The server's name and its revision; `None` unless all of the body is accounted for.
fn read(body: &[u8]) -> Option<(&str, &str)> {
    let (&version, mut rest) = body.split_first()?;
    let skip = |count: usize, rest: &mut &[u8]| -> Option<()> {
        *rest = rest.get(count..)?;
        Some(())
    };
    // How each NewGRF is written: id and hash, the same with a name, or an index.
    let mut form = 0;
    if version >= 6 {
        form = *rest.first()?;
        skip(1, &mut rest)?;
    }
    if version >= 7 {
        skip(8, &mut rest)?;
    }
    if version >= 5 {
        skip(4, &mut rest)?;
        rest = text(rest)?.1;
    }
    if version >= 4 {
        let (&count, after) = rest.split_first()?;
        rest = after;
        for _ in 0..count {
            skip(if form == 2 { 4 } else { 20 }, &mut rest)?;
            if form == 1 {
                rest = text(rest)?.1;
            }
        }
    }
    if version >= 3 {
        skip(8, &mut rest)?;
    }
    if version >= 2 {
        skip(3, &mut rest)?;
    }
    let (name, after) = text(rest)?;
    let (revision, after) = text(after)?;
    // A language until version 5; a password, most clients, clients, spectators.
    let mut after = after.get(if version < 6 { 5 } else { 4 }..)?;
    if version < 3 {
        after = after.get(4..)?;
    }
    if version < 6 {
        after = text(after)?.1;
    }
    let [a, b, c, d, landscape, dedicated] = *after else {
        return None;
    };
    let side = |low, high| {
        let side = u16::from_le_bytes([low, high]);
        side.is_power_of_two() && (64..=4096).contains(&side)
    };
    let sound = side(a, b) && side(c, d) && landscape < 4 && dedicated <= 1;
    (sound && !revision.is_empty()).then_some((name, revision))
}

/// A string that ends with a zero.
fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().take(256).position(|&b| b == 0)?;
    let text = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let sound = !text.chars().any(char::is_control);
    Some((text, bytes.get(end + 1..)?)).filter(|_| sound)
}
