//! Beanstalkd: the YAML that `stats` returns, beanstalkd's `doc/protocol.txt`, "Other Commands".
//!
//! Any other line draws `UNKNOWN_COMMAND`, after which the same connection is asked for `stats`.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "beanstalkd",
    safety: Safety::Polite,
    stream: Some(Stream {
        drawn_by: &["http"],
        follow,
        farewell: Some(b"quit\r\n"),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// `stats` reads counters of the system as a whole.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "beanstalkd stats".into(),
        bytes: b"stats\r\n".as_slice().into(),
    }
}

const UNKNOWN: &[u8] = b"UNKNOWN_COMMAND\r\n";

/// Wants `OK <bytes>`, then a YAML dictionary that begins as the protocol document lists it.
fn recognise(received: &[u8]) -> Match {
    judged(stats(skip(received)))
}

/// What follows the refusals of lines that belonged to other protocols.
fn skip(mut received: &[u8]) -> &[u8] {
    while let Some(rest) = received.strip_prefix(UNKNOWN) {
        received = rest;
    }
    received
}

fn stats(received: &[u8]) -> Read<Proof> {
    if UNKNOWN.starts_with(received) {
        return Err(Stop::Short);
    }
    let mut cursor = Cursor::new(received);
    cursor.fixed(b"OK ")?;
    let length = cursor.line(5)?.parse::<usize>().or(Err(Stop::Never))?;
    ensure((64..=8192).contains(&length))?;
    cursor.fixed(b"---\ncurrent-jobs-urgent: ")?;
    ensure(cursor.line(20)?.bytes().all(|b| b.is_ascii_digit()))?;
    cursor.fixed(b"current-jobs-ready: ")?;
    let mut version = None;
    let mut whole = false;
    while let Ok(line) = cursor.line(512) {
        if let Some(told) = line.strip_prefix("version: ") {
            version = Some(told.trim_matches('"'));
        }
        whole = line.is_empty();
    }
    Ok(Proof {
        rule: "reply to stats of beanstalkd's protocol.txt".into(),
        unauthenticated: Some(true),
        more: !whole,
        ..product::proof(
            Some(Told::new(
                "beanstalkd",
                version,
                Some("beanstalkd_project:beanstalkd"),
            )),
            "the statistics are beanstalkd's own",
        )
    })
}

fn follow(received: &[u8], followed: usize, target: SocketAddr) -> Option<Packet> {
    let refused = received.starts_with(UNKNOWN) && skip(received).is_empty();
    (refused && followed == 0).then(|| first(target))
}
