//! TeamSpeak 3's ServerQuery: its greeting, then `version`, which needs no login; TeamSpeak 3
//! Server Query Manual, "Connecting to the ServerQuery interface" and "version".

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "teamspeak",
    safety: Safety::Polite,
    stream: Some(Stream {
        follow,
        farewell: Some(b"quit\n"),
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

const GREETING: &[u8] = b"TS3\n\rWelcome to the TeamSpeak 3 ServerQuery";

fn recognise(received: &[u8]) -> Match {
    let shared = received.len().min(GREETING.len());
    if received.get(..shared) != GREETING.get(..shared) {
        return Match::No;
    }
    if shared < GREETING.len() {
        return Match::Partial;
    }
    // "version=3.13.7 build=1655727713 platform=Linux"
    let text = String::from_utf8_lossy(received.get(..4096).unwrap_or(received));
    let version = text
        .split(['\n', '\r'])
        .find_map(|line| line.strip_prefix("version=")?.split_once(" build="))
        .map(|(version, _)| version);
    let told = Told::new("teamspeak3-server", version, Some("teamspeak:teamspeak3"));
    Match::Proven(Box::new(Proof {
        rule: "greeting of TeamSpeak 3's ServerQuery".into(),
        ..product::proof(Some(told), "the greeting names the product")
    }))
}

fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let greeted = matches!(recognise(received), Match::Proven(_));
    (greeted && followed == 0).then(|| Packet {
        name: "teamspeak version".into(),
        bytes: b"version\n".as_slice().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manuals_greeting_proves_it_and_version_is_read() {
        let greeting = b"TS3\n\rWelcome to the TeamSpeak 3 ServerQuery interface, type \"help\" for a list of commands.\n\r";
        let target = ([127, 0, 0, 1], 1).into();
        assert!(follow(greeting, 0, target).is_some());
        assert!(follow(greeting, 1, target).is_none());
        let answer = b"version=3.13.7 build=1655727713 platform=Linux\n\rerror id=0 msg=ok\n\r";
        let whole = [greeting.as_slice(), answer].concat();
        assert!(
            matches!(recognise(&whole), Match::Proven(p) if p.version.as_deref() == Some("3.13.7"))
        );
        assert_eq!(recognise(b"TS3\n\rHello"), Match::No);
        assert_eq!(recognise(b"TS3\n"), Match::Partial);
    }
}
