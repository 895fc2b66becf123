//! Network UPS Tools: the answer to `VER`, or the errors that any other text draws; RFC 9271
//! §4.2.12 and §4.3.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "nut",
    safety: Safety::Polite,
    stream: Some(Stream {
        drawn_by: &["http"],
        follow,
        farewell: Some(b"LOGOUT\n"),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "nut VER".into(),
        bytes: b"VER\n".as_slice().into(),
    }
}

/// What `GET / HTTP/1.1` draws, GET being a command of its own, and each field after it.
const ERRORS: &[u8] = b"ERR INVALID-ARGUMENT\nERR UNKNOWN-COMMAND\n";
const VERSION: &[u8] = b"Network UPS Tools upsd ";

fn recognise(received: &[u8]) -> Match {
    const LONGEST: usize = 200;
    let begins = |with: &[u8]| {
        let shared = received.len().min(with.len());
        received.get(..shared) == with.get(..shared)
    };
    let line = match (begins(VERSION), begins(ERRORS)) {
        (false, false) => return Match::No,
        (true, _) => received,
        (_, true) if received.len() < ERRORS.len() => return Match::Partial,
        // The answer to VER comes after one error for each line that was no command.
        (_, true) => received
            .split(|&b| b == b'\n')
            .find(|line| line.starts_with(VERSION))
            .unwrap_or(&[]),
    };
    let line = match line.iter().position(|&b| b == b'\n') {
        Some(end) => line.get(..end).unwrap_or(&[]),
        None if begins(ERRORS) && received.len() >= ERRORS.len() => line,
        None if line.len() > LONGEST => return Match::No,
        None => return Match::Partial,
    };
    let sound = line.len() <= LONGEST && line.iter().all(|&b| (0x20..0x7f).contains(&b));
    if !sound && begins(VERSION) {
        return Match::No;
    }
    let (told, because) = product::told_by("nut", &[("@version", line)]).unzip();
    let rule = match begins(VERSION) {
        true => "answer to VER of RFC 9271 §4.2.12",
        false => "errors of RFC 9271 §4.3, one for each line",
    };
    Match::Proven(Box::new(Proof {
        rule: rule.into(),
        ..product::proof(told, because.unwrap_or_default())
    }))
}

/// Where only errors came, because something else was asked.
fn follow(received: &[u8], followed: usize, target: SocketAddr) -> Option<Packet> {
    (followed == 0 && received.starts_with(ERRORS)).then(|| first(target))
}
