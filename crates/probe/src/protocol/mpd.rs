//! The Music Player Daemon's protocol: the greeting `OK MPD version`, MPD protocol, "Requests".
//!
//! The version is the protocol's, not the program's.

use super::{Match, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "mpd",
    safety: Safety::Polite,
    stream: Some(Stream {
        farewell: Some(b"close\n"),
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

fn recognise(received: &[u8]) -> Match {
    const GREETING: &[u8] = b"OK MPD ";
    const LONGEST: usize = 24;
    let shared = received.len().min(GREETING.len());
    if received.get(..shared) != GREETING.get(..shared) {
        return Match::No;
    }
    let rest = received.get(GREETING.len()..).unwrap_or(&[]);
    let end = rest.iter().position(|&b| b == b'\n');
    let version = rest.get(..end.unwrap_or(rest.len())).unwrap_or(&[]);
    let numbers = version.iter().all(|&b| b.is_ascii_digit() || b == b'.');
    if !numbers || version.len() > LONGEST {
        return Match::No;
    }
    if end.is_none() {
        return Match::Partial;
    }
    let parts: Vec<u32> = version
        .split(|&b| b == b'.')
        .filter_map(|part| std::str::from_utf8(part).ok()?.parse().ok())
        .collect();
    let [major, minor, _] = *parts else {
        return Match::No;
    };
    // Mopidy speaks 0.19.0 and has stayed there; all that is newer is MPD's own.
    let own = (major, minor) >= (0, 20);
    Match::Proven(Box::new(Proof {
        rule: "greeting of the MPD protocol".into(),
        ..product::proof(
            own.then(|| Told::new("mpd", None, None)),
            "only the daemon itself speaks so new a version of its protocol",
        )
    }))
}
