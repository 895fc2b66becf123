//! NATS: the INFO line with which a server greets, NATS client protocol, "INFO".
//!
//! Field of `data/products/nats.toml`: `@info`, the JSON.

use super::cursor::{Cursor, Read, ensure, judged};
use super::{Match, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "nats",
    safety: Safety::Polite,
    // TLS begins after INFO, on the server's word alone.
    stream: Some(Stream::greeted(recognise)),
    datagram: None,
};

/// A cluster lists the addresses of its members.
const LONGEST: usize = 12 * 1024;

/// Wants `INFO` with the object that the protocol document describes.
fn recognise(received: &[u8]) -> Match {
    judged(info(received))
}

fn info(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(b"INFO {")?;
    let line = cursor.line(LONGEST)?.trim_end();
    let object = line.ends_with('}');
    let keys = ["\"server_id\":", "\"version\":", "\"max_payload\":"];
    ensure(object && keys.iter().all(|key| line.contains(key)))?;
    let told = product::told_by("nats", &[("@info", line.as_bytes())]);
    let (told, how) = told.map_or((None, ""), |(told, how)| (Some(told), how));
    let has = |key: &str| line.contains(key);
    Ok(Proof {
        rule: "INFO line of the NATS client protocol".into(),
        starttls: has("\"tls_required\":true") || has("\"tls_available\":true"),
        unauthenticated: has("\"auth_required\":true").then_some(false),
        ..product::proof(told, how)
    })
}
