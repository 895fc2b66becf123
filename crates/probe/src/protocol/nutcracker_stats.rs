//! The statistics that twemproxy (nutcracker) hands to whoever connects: one JSON object, then it
//! hangs up; twemproxy's README, "Observability".

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "nutcracker-stats",
    safety: Safety::Polite,
    stream: Some(Stream::greeted(recognise)),
    datagram: None,
};

/// Wants the object's first keys, in their order.
fn recognise(received: &[u8]) -> Match {
    judged(statistics(received))
}

fn statistics(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(b"{\"service\":\"nutcracker\",")?;
    value(&mut cursor, b"\"source\":\"")?;
    cursor.fixed(b",")?;
    let version = value(&mut cursor, b"\"version\":\"")?;
    ensure(version.starts_with(|c: char| c.is_ascii_digit()))?;
    Ok(Proof {
        rule: "statistics of twemproxy's README".into(),
        unauthenticated: Some(true),
        ..product::proof(
            Some(Told::new(
                "nutcracker",
                Some(version),
                Some("twitter:twemproxy"),
            )),
            "its own statistics",
        )
    })
}

/// The text after `key`, which a blank may precede.
fn value<'a>(cursor: &mut Cursor<'a>, key: &[u8]) -> Read<&'a str> {
    if cursor.rest().first() == Some(&b' ') {
        cursor.take(1)?;
    }
    cursor.fixed(key)?;
    let end = cursor.rest().iter().take(256).position(|&b| b == b'"');
    let missing = if cursor.rest().len() < 256 {
        Stop::Short
    } else {
        Stop::Never
    };
    let text = cursor.text(end.ok_or(missing)?)?;
    cursor.fixed(b"\"")?;
    Ok(text)
}
