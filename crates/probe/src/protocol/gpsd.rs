//! gpsd: the VERSION object with which it greets; gpsd_json(5).

use super::{Match, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "gpsd",
    safety: Safety::Polite,
    stream: Some(Stream::greeted(recognise)),
    datagram: None,
};

/// Wants one line of JSON of the class VERSION with a release and the protocol's numbers.
fn recognise(received: &[u8]) -> Match {
    const GREETING: &[u8] = b"{\"class\":\"VERSION\",\"release\":\"";
    const LONGEST: usize = 400;
    let shared = received.len().min(GREETING.len());
    if received.get(..shared) != GREETING.get(..shared) {
        return Match::No;
    }
    let end = received.iter().position(|&b| b == b'\n');
    let line = received.get(..end.unwrap_or(received.len())).unwrap_or(&[]);
    let text = line
        .iter()
        .all(|&b| (0x20..0x7f).contains(&b) || b == b'\r');
    if line.len() > LONGEST || !text {
        return Match::No;
    }
    if end.is_none() {
        return Match::Partial;
    }
    let line = String::from_utf8_lossy(line);
    let rest = line.get(GREETING.len()..).unwrap_or("");
    let Some((release, rest)) = rest.split_once('"') else {
        return Match::No;
    };
    if !rest.contains("\"proto_major\":") || !rest.contains("\"proto_minor\":") {
        return Match::No;
    }
    let told = Told::new("gpsd", Some(release), Some("gpsd_project:gpsd"));
    Match::Proven(Box::new(Proof {
        rule: "VERSION object of gpsd_json(5)".into(),
        ..product::proof(Some(told), "the release in the greeting")
    }))
}
