//! Teeworlds: the server's information; libtw2's doc/packet7.md and doc/serverinfo.md describe
//! both forms. Since 0.7 a token is asked for first, before 0.7 it is asked for at once.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "teeworlds",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram {
        follow,
        ..Datagram::asked(first, recognise)
    }),
};

const TOKEN: &[u8; 4] = b"PORT";

/// 0.7: a control packet that asks for a token, as long as servers want it; 0.6: the question.
fn first(_target: SocketAddr) -> Vec<Packet> {
    const PADDING: usize = 508;
    let head = [4, 0, 0, 0xff, 0xff, 0xff, 0xff, 5];
    let newer = [head.as_slice(), TOKEN, &[0; PADDING]].concat();
    vec![
        Packet {
            name: "teeworlds token".into(),
            bytes: newer.into(),
        },
        Packet {
            name: "teeworlds server info".into(),
            bytes: [[0xff; 10].as_slice(), b"gie3P"].concat().into(),
        },
    ]
}

/// The question of 0.7, with the server's token.
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let token = token(received).filter(|_| followed == 0)?;
    let bytes = [[0x21].as_slice(), token, TOKEN, &[0xff; 4], b"gie3\0"];
    Some(Packet {
        name: "teeworlds server info".into(),
        bytes: bytes.concat().into(),
    })
}

/// The server's token: a control packet to our token.
fn token(received: &[u8]) -> Option<&[u8]> {
    let rest = received.strip_prefix(&[4, 0, 0])?.strip_prefix(TOKEN)?;
    rest.strip_prefix(&[5]).filter(|token| token.len() == 4)
}

/// The information after its head, which is tied to our token.
fn information(received: &[u8]) -> Option<&[u8]> {
    let newer = || {
        let rest = received
            .strip_prefix(&[0x21])?
            .strip_prefix(TOKEN)?
            .get(4..)?;
        rest.strip_prefix(&[0xff; 4])?.strip_prefix(b"inf3\0")
    };
    // 0.6 returns the token as a decimal: that of 'P'.
    let older = || {
        received
            .strip_prefix(&[0xff; 10])?
            .strip_prefix(b"inf380\0")
    };
    newer().or_else(older)
}

/// Wants a token given for ours, or the version and name that begin the information.
fn recognise(received: &[u8]) -> Match {
    if token(received).is_some() {
        return Match::Proven(Box::new(Proof {
            rule: "token of Teeworlds 0.7 in exchange for ours".into(),
            ..Proof::default()
        }));
    }
    let Some(rest) = information(received) else {
        return Match::No;
    };
    let mut texts = rest.split(|&b| b == 0);
    let (Some(version), Some(name)) = (texts.next(), texts.next()) else {
        return Match::No;
    };
    let (told, because) = product::told_by("teeworlds", &[("@version", version)]).unzip();
    let line = |label: &str, text: &[u8]| {
        let text = String::from_utf8_lossy(text);
        let text: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
        format!("{label}: {text}")
    };
    Match::Proven(Box::new(Proof {
        rule: "server information of Teeworlds with our token".into(),
        told: vec![line("version", version), line("name", name)],
        ..product::proof(told, because.unwrap_or_default())
    }))
}
