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
    // 0.3 and before put no blanks after the commas.
    cursor.fixed(b"{\"service\":\"nutcracker\",")?;
    let rest = cursor.rest();
    let key = b"\"version\":\"";
    let head = rest.get(..512.min(rest.len())).unwrap_or(rest);
    ensure(head.iter().all(|&b| b >= 0x20))?;
    let missing = if head.len() < 512 { Stop::Short } else { Stop::Never };
    let at = head.windows(key.len()).position(|w| w == key).ok_or(missing)?;
    let told = head.get(at + key.len()..).ok_or(missing)?;
    let end = told.iter().position(|&b| b == b'"').ok_or(missing)?;
    let version = Cursor::new(told).text(end).or(Err(Stop::Never))?;
    ensure(version.starts_with(|c: char| c.is_ascii_digit()))?;
    Ok(Proof {
        rule: "statistics of twemproxy's README".into(),
        unauthenticated: Some(true),
        ..product::proof(
            Some(Told::new("nutcracker", Some(version), Some("twitter:twemproxy"))),
            "its own statistics",
        )
    })
}
