//! Quake III Arena's family: the answer to `getstatus`, an out-of-band packet whose info string
//! repeats our word; ioquake3's networking documentation and the dpmaster protocol's.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "quake3",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram::asked(first, recognise)),
};

/// What the answer repeats as `challenge`.
const WORD: &[u8] = b"portolan1";

fn first(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "quake3 getstatus".into(),
        bytes: [b"\xff\xff\xff\xffgetstatus ".as_slice(), WORD, b"\n"]
            .concat()
            .into(),
    }]
}

/// Wants `statusResponse`, then pairs of `\key\value`, one of them our challenge.
fn recognise(received: &[u8]) -> Match {
    let Some(rest) = received.strip_prefix(b"\xff\xff\xff\xffstatusResponse\n\\") else {
        return Match::No;
    };
    let line = rest.split(|&b| b == b'\n').next().unwrap_or(&[]);
    let words: Vec<&[u8]> = line.split(|&b| b == b'\\').collect();
    let value = |key: &str| {
        let mut pairs = words.chunks_exact(2);
        pairs.find_map(|pair| match pair {
            [k, v] if k.eq_ignore_ascii_case(key.as_bytes()) => Some(*v),
            _ => None,
        })
    };
    if value("challenge") != Some(WORD) || words.len() < 4 {
        return Match::No;
    }
    let fields = [
        ("@version", value("version").unwrap_or(&[])),
        ("@gamename", value("gamename").unwrap_or(&[])),
    ];
    let (told, because) = product::told_by("quake3", &fields).unzip();
    let lines = ["version", "gamename", "sv_hostname", "mapname"];
    let lines = lines.into_iter().filter_map(|key| {
        let text = String::from_utf8_lossy(value(key)?);
        let text: String = text.chars().filter(char::is_ascii).take(100).collect();
        Some(format!("{key}: {text}"))
    });
    Match::Proven(Box::new(Proof {
        rule: "statusResponse with our challenge".into(),
        told: lines.collect(),
        ..product::proof(told, because.unwrap_or_default())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_with_our_challenge_proves_it() {
        let answer = b"\xff\xff\xff\xffstatusResponse\n\\version\\Q3 1.32c linux-i386 May  8 2006\\protocol\\68\\gamename\\baseq3\\mapname\\q3dm1\\challenge\\portolan1\n0 5 \"a\"\n";
        let Match::Proven(proof) = recognise(answer) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("quake3-arena"));
        assert_eq!(proof.version.as_deref(), Some("1.32c"));
        let text = String::from_utf8_lossy(&answer[4..]).replace("portolan1", "other");
        assert_eq!(
            recognise(&[&[0xff; 4], text.as_bytes()].concat()),
            Match::No
        );
        let question = first(([127, 0, 0, 1], 1).into()).remove(0).bytes;
        assert_eq!(&*question, b"\xff\xff\xff\xffgetstatus portolan1\n");
        assert_eq!(recognise(&question), Match::No);
    }
}
