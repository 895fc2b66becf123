//! Subversion's own protocol: the server's greeting, subversion/libsvn_ra_svn/protocol §2.

use super::{Match, Protocol, Safety, Stream, wire};
use crate::product::Told;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "svn",
    safety: Safety::Polite,
    stream: Some(Stream::greeted(recognise)),
    datagram: None,
};

const HEAD: &[u8] = b"( success ( ";
const LONGEST: usize = 2048;

/// Wants `( success ( minver maxver ( mech … ) ( cap … ) ) ) `; mech has been empty since 1.0.
pub(super) fn recognise(received: &[u8]) -> Match {
    const END: &[u8] = b" ) ) ) ";
    if !wire::opens(received, HEAD) {
        return Match::No;
    }
    let rest = received.get(HEAD.len()..).unwrap_or_default();
    let Some(end) = rest.windows(END.len()).position(|w| w == END) else {
        let hopeful = received.len() < LONGEST && wire::is_printable(rest);
        return if hopeful { Match::Partial } else { Match::No };
    };
    let greeting = rest.get(..end).and_then(|g| std::str::from_utf8(g).ok());
    let Some(capabilities) = greeting.and_then(capabilities).filter(|_| end < LONGEST) else {
        return Match::No;
    };
    // Only Subversion's own libraries speak its delta format and name both.
    let own = ["edit-pipeline", "svndiff1", "absent-entries"];
    let told = own.iter().all(|c| capabilities.contains(c)).then(|| {
        let how = "the capabilities of Subversion's own server";
        (Told::new("subversion", None, None), how)
    });
    Match::Proven(Box::new(wire::proof(
        "greeting of the svn protocol §2",
        told,
    )))
}

fn capabilities(greeting: &str) -> Option<Vec<&str>> {
    let mut words = greeting.split(' ');
    let number = |w: &str| matches!(w.len(), 1..=2) && w.bytes().all(|b| b.is_ascii_digit());
    let versioned = words.next().is_some_and(number) && words.next().is_some_and(number);
    let mechanisms = words.next() == Some("(") && words.by_ref().any(|w| w == ")");
    let word = |w: &&str| {
        w.starts_with(|c: char| c.is_ascii_alphabetic())
            && w.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let opened = words.next() == Some("(");
    let capabilities: Vec<_> = words.collect();
    let sound = versioned && mechanisms && opened && capabilities.iter().all(word);
    (sound && !capabilities.is_empty()).then_some(capabilities)
}
