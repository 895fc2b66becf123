//! LIRC: the answer to `VERSION`, or the error that any other line draws; lircd(8), "SOCKET
//! COMMAND INTERFACE": `BEGIN`, the command, the result, data, `END`.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "lirc",
    safety: Safety::Polite,
    stream: Some(Stream {
        drawn_by: &["http"],
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "lirc VERSION".into(),
        bytes: b"VERSION\n".as_slice().into(),
    }
}

/// The answer to VERSION, up to the version itself.
const VERSION: &[u8] = b"BEGIN\nVERSION\nSUCCESS\nDATA\n1\n";

/// Wants a whole packet: the answer to VERSION, or a directive that is not known.
fn recognise(received: &[u8]) -> Match {
    const BEGIN: &[u8] = b"BEGIN\n";
    const LONGEST: usize = 600;
    let shared = received.len().min(BEGIN.len());
    if received.get(..shared) != BEGIN.get(..shared) {
        return Match::No;
    }
    let first = received.get(..LONGEST).unwrap_or(received);
    let mut lines = first.split(|&b| b == b'\n').skip(1);
    let mut next = || lines.next();
    let lines = [next(), next(), next(), next(), next(), next()];
    // What follows the last line feed is no line yet.
    let whole = first.iter().filter(|&&b| b == b'\n').count() > 6;
    let known: [&[&[u8]]; 3] = [&[b"SUCCESS", b"ERROR"], &[b"DATA"], &[b"1"]];
    for (line, words) in lines.iter().skip(1).zip(known) {
        if let Some(line) = line {
            let complete = words.contains(line);
            let partial = !whole && words.iter().any(|w| w.starts_with(line));
            if !complete && !partial {
                return Match::No;
            }
        }
    }
    let [Some(command), Some(result), _, _, Some(data), Some(end)] = lines else {
        return unfinished(received, LONGEST);
    };
    if !whole {
        return unfinished(received, LONGEST);
    }
    let asked = command == b"VERSION" && result == b"SUCCESS";
    let unknown = result == b"ERROR" && data.starts_with(b"unknown directive: \"");
    if end != b"END" || !(asked || unknown) {
        return Match::No;
    }
    let version = match asked {
        true => Some(data),
        false => after(received),
    };
    let version = version.and_then(|v| std::str::from_utf8(v).ok());
    let version = version.filter(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    let told = version.map(|v| Told::new("lirc", Some(v), Some("lirc:lirc")));
    Match::Proven(Box::new(Proof {
        rule: "packet of lircd(8), BEGIN to END".into(),
        ..product::proof(told, "the answer to VERSION")
    }))
}

fn unfinished(received: &[u8], longest: usize) -> Match {
    match received.len() < longest {
        true => Match::Partial,
        false => Match::No,
    }
}

/// The version in an answer to VERSION that comes after others.
fn after(received: &[u8]) -> Option<&[u8]> {
    let at = received.windows(VERSION.len()).position(|w| w == VERSION)?;
    let rest = received.get(at + VERSION.len()..)?;
    rest.get(..rest.iter().position(|&b| b == b'\n')?)
}

/// Where something else was asked and drew errors.
fn follow(received: &[u8], followed: usize, target: SocketAddr) -> Option<Packet> {
    let proven = matches!(recognise(received), Match::Proven(proof) if proof.product.is_none());
    (followed == 0 && proven).then(|| first(target))
}
