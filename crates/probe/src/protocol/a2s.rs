//! Source's server queries: A2S_INFO, Valve Developer Community, "Server queries". Servers since
//! 2020 answer with a challenge first, which is sent back.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "a2s",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram {
        follow,
        ..Datagram::asked(first, recognise)
    }),
};

/// A packet that is not split.
const SINGLE: [u8; 4] = [0xff; 4];
const QUERY: &[u8] = b"\xff\xff\xff\xffTSource Engine Query\0";

fn first(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "a2s A2S_INFO".into(),
        bytes: QUERY.into(),
    }]
}

/// The same with the challenge, where one came.
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let challenge = challenge(received).filter(|_| followed == 0)?;
    Some(Packet {
        name: "a2s A2S_INFO with the challenge".into(),
        bytes: [QUERY, challenge].concat().into(),
    })
}

/// S2C_CHALLENGE: 'A' and four octets, nothing more.
fn challenge(received: &[u8]) -> Option<&[u8]> {
    let challenge = received.strip_prefix(&SINGLE)?.strip_prefix(b"A")?;
    (challenge.len() == 4).then_some(challenge)
}

fn recognise(received: &[u8]) -> Match {
    let proof = match challenge(received) {
        Some(_) => Some(Proof {
            rule: "challenge to A2S_INFO".into(),
            ..Proof::default()
        }),
        None => information(received),
    };
    proof.map_or(Match::No, |proof| Match::Proven(Box::new(proof)))
}

/// Wants the answer 'I' of today's form: four names, numbers of the types that are defined, a
/// version.
fn information(received: &[u8]) -> Option<Proof> {
    let rest = received.strip_prefix(&SINGLE)?.strip_prefix(b"I")?;
    let (_protocol, rest) = rest.split_first()?;
    let (name, rest) = text(rest)?;
    let (map, rest) = text(rest)?;
    let (folder, rest) = text(rest)?;
    let (game, rest) = text(rest)?;
    let [
        _,
        _,
        players,
        most,
        _bots,
        kind,
        system,
        private,
        vac,
        rest @ ..,
    ] = rest
    else {
        return None;
    };
    let sound = b"dlp".contains(&kind.to_ascii_lowercase())
        && b"lwmo".contains(&system.to_ascii_lowercase())
        && *private <= 1
        && *vac <= 1
        && !folder.is_empty()
        && !name.is_empty();
    if !sound {
        return None;
    }
    let version = text(rest).map_or("", |(version, _)| version);
    let (told, because) = product::told_by("a2s", &[("@folder", folder.as_bytes())]).unzip();
    let line = |label: &str, text: &str| {
        let text: String = text.chars().filter(|c| !c.is_control()).take(100).collect();
        format!("{label}: {text}")
    };
    Some(Proof {
        rule: "answer to A2S_INFO".into(),
        told: vec![
            line("game", game),
            line("map", map),
            line("game version", version),
            format!("players: {players} of {most}"),
        ],
        ..product::proof(told, because.unwrap_or_default())
    })
}

/// A string that ends with a zero, in UTF-8.
fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().take(256).position(|&b| b == 0)?;
    let text = std::str::from_utf8(bytes.get(..end)?).ok()?;
    Some((text, bytes.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_answer_proves_it_and_a_challenge_is_sent_back() {
        // The example of the documentation, "Counter-Strike: Source".
        let answer = b"\xff\xff\xff\xffI\x02game2xs.com Counter-Strike Source #1\0de_dust\0cstrike\0Counter-Strike: Source\0\xf0\x00\x05\x10\x04dl\x00\x001.0.0.22\0";
        let Match::Proven(proof) = recognise(answer) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("counter-strike"));
        assert_eq!(proof.told[2], "game version: 1.0.0.22");
        assert_eq!(recognise(&answer[..40]), Match::No);
        let asked = b"\xff\xff\xff\xffA\x0a\x08\x5e\xea";
        assert!(matches!(recognise(asked), Match::Proven(_)));
        let target = ([127, 0, 0, 1], 1).into();
        let packet = follow(asked, 0, target).unwrap();
        assert!(packet.bytes.ends_with(b"Query\0\x0a\x08\x5e\xea"));
        assert!(follow(answer, 0, target).is_none());
        assert_eq!(recognise(QUERY), Match::No, "our own query");
    }
}
