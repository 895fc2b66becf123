//! Memcached's text protocol: the answer to `version`, then to `stats`; memcached's `protocol.txt`,
//! "Other commands", "General-purpose statistics" and "UDP protocol".
//!
//! `stats` reads counters. It is asked because the version alone could be anybody's: only
//! memcached itself reports the libevent that it was built with.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "memcache",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        farewell: Some(b"quit\r\n"),
        ..Stream::asked(first, recognise)
    }),
    datagram: Some(Datagram::asked(first_datagram, recognise_datagram)),
};

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "memcache version".into(),
        bytes: b"version\r\n".as_slice().into(),
    }
}

/// The frame header: request id, sequence number, number of datagrams, reserved.
const FRAME: [u8; 8] = [0x70, 0x6f, 0, 0, 0, 1, 0, 0];

fn first_datagram(_target: SocketAddr) -> Vec<Packet> {
    let bytes = [FRAME.as_slice(), b"version\r\n"].concat();
    vec![Packet {
        name: "memcache version".into(),
        bytes: bytes.into(),
    }]
}

/// Wants `VERSION`, and adds what `stats` tells.
fn recognise(received: &[u8]) -> Match {
    match error(received) {
        Ok(proof) => Match::Likely(Box::new(proof)),
        Err(_) if received.first().is_none_or(|&b| b != b'S') => judged(version(received)),
        Err(Stop::Short) => Match::Partial,
        Err(Stop::Never) => Match::No,
    }
}

fn recognise_datagram(received: &[u8]) -> Match {
    let mut cursor = Cursor::new(received);
    judged(cursor.fixed(&FRAME).and_then(|()| version(cursor.rest())))
}

const LONGEST_LINE: usize = 1024;

fn version(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(b"VERSION ")?;
    let version = cursor.line(64)?;
    let numbers = version.split(['-', '_', ' ']).next().unwrap_or("");
    let numbered = numbers.split('.').count() >= 3
        && numbers
            .split('.')
            .all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    ensure(numbered && received.starts_with(format!("VERSION {version}\r\n").as_bytes()))?;
    let mut rest = cursor;
    let mut own = false;
    let mut whole = cursor.rest().is_empty();
    while let Ok(line) = rest.line(LONGEST_LINE) {
        let Some(stat) = line.strip_prefix("STAT ") else {
            whole = true;
            break;
        };
        own |= stat.starts_with("libevent ");
    }
    let told = own.then(|| Told::new("memcached", Some(version), Some("memcached:memcached")));
    Ok(Proof {
        rule: "VERSION reply of memcached's protocol.txt".into(),
        // The command is answered to anybody; with SASL, only the binary protocol is spoken.
        unauthenticated: Some(true),
        more: !whole,
        ..product::proof(told, "reply to version, and libevent among the statistics")
    })
}

/// A proxy such as twemproxy answers so for a server that it cannot reach.
fn error(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(b"SERVER_ERROR ")?;
    ensure(!cursor.line(LONGEST_LINE)?.is_empty())?;
    Ok(Proof {
        rule: "SERVER_ERROR reply of memcached's protocol.txt".into(),
        ..Proof::default()
    })
}

fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let told = followed == 0 && version(received).is_ok();
    told.then(|| Packet {
        name: "memcache stats".into(),
        bytes: b"stats\r\n".as_slice().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_alone_names_no_product() {
        let Match::Proven(proof) = recognise(b"VERSION 43.0.0 mcrouter\r\n") else {
            panic!("not proven");
        };
        assert_eq!((proof.product, proof.more), (None, false));
        for alike in [
            b"VERSION 2\r\n".as_slice(),
            b"VERSION 1.0\r\n",
            b"VERSION 1.6.18\n",
        ] {
            assert_eq!(recognise(alike), Match::No);
        }
    }

    #[test]
    fn an_error_is_likely_at_most() {
        assert!(matches!(
            recognise(b"SERVER_ERROR Connection refused\r\n"),
            Match::Likely(_)
        ));
    }

    #[test]
    fn a_datagram_echoes_the_request_id() {
        let answer = |frame: [u8; 8]| [frame.as_slice(), b"VERSION 1.6.18\r\n"].concat();
        assert!(matches!(
            recognise_datagram(&answer(FRAME)),
            Match::Proven(_)
        ));
        let mut other = FRAME;
        other[0] = 0;
        assert_eq!(recognise_datagram(&answer(other)), Match::No);
    }
}
