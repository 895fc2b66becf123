//! PostgreSQL and its poolers: the ErrorResponse to a start without a user, frontend/backend
//! protocol §55.7 "Message Formats" and §55.8 "Error and Notice Message Fields".
//!
//! No user is named, so nothing is logged in and nothing is tried. Each pooler refuses in its own
//! words. No version is told before a login.
//!
//! Fields of `data/products/postgresql.toml`: `@routine` and `@file`, where in its source the server
//! says that it refused; `@message`.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream, Upgrade};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "postgresql",
    safety: Safety::Polite,
    stream: Some(Stream {
        upgrade: Some(upgrade),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// A StartupMessage of version 3.0 without the one parameter that is required, `user`.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "postgresql StartupMessage without a user".into(),
        bytes: [0, 0, 0, 9, 0, 3, 0, 0, 0].as_slice().into(),
    }
}

/// SSLRequest, §55.7: its length, and the code 80877103 in place of a version. §55.2.10: the answer
/// is one byte, `S` or `N`; a server too old to know it sends an ErrorResponse.
///
/// That TLS is offered is told by this answer alone, so `starttls` is not known beforehand.
fn upgrade(received: &[u8], sent: usize, _target: SocketAddr) -> Upgrade {
    match (received, sent) {
        ([], 0) => Upgrade::Say(Packet {
            name: "postgresql SSLRequest".into(),
            bytes: [0, 0, 0, 8, 4, 210, 22, 47].as_slice().into(),
        }),
        ([], _) => Upgrade::Wait,
        // A server that says more than this one byte before TLS is not to be believed.
        ([b'S'], 1..) => Upgrade::Ready,
        _ => Upgrade::Refused,
    }
}

/// An ErrorResponse before the start of a session is a few short texts.
const LONGEST: usize = 4096;

/// Wants one ErrorResponse whose severity, SQLSTATE and message fields all parse.
pub(super) fn recognise(received: &[u8]) -> Match {
    match received.first() {
        None => return Match::Partial,
        Some(b'E') => {}
        Some(_) => return Match::No,
    }
    let Some(length) = received.get(1..5) else {
        // The length is below LONGEST, so its upper half is zero.
        let hopeful = received[1..].iter().take(2).all(|&b| b == 0);
        return if hopeful { Match::Partial } else { Match::No };
    };
    let length = length
        .iter()
        .fold(0usize, |sum, &b| sum << 8 | usize::from(b));
    // The length counts itself; the shortest error has three fields and a terminator.
    if !(16..=LONGEST).contains(&length) {
        return Match::No;
    }
    match received.get(5..=length) {
        None if received.get(5).is_some_and(|b| !b.is_ascii_alphabetic()) => Match::No,
        None => Match::Partial,
        Some(body) => error(body).map_or(Match::No, |p| Match::Proven(Box::new(p))),
    }
}

/// The severities of §55.8, in the untranslated V field; S may be translated.
const SEVERITIES: [&str; 3] = ["ERROR", "FATAL", "PANIC"];

fn error(body: &[u8]) -> Option<Proof> {
    let mut fields = [None; 256];
    let mut rest = body;
    while rest != [0] {
        let (&kind, after) = rest.split_first()?;
        let end = after.iter().position(|&b| b == 0)?;
        let text = std::str::from_utf8(&after[..end]).ok()?;
        if !kind.is_ascii_alphabetic() || text.chars().any(|c| c.is_control() && c != '\n') {
            return None;
        }
        fields[usize::from(kind)] = Some(text);
        rest = &after[end + 1..];
    }
    let field = |kind: u8| fields[usize::from(kind)];
    let severity = field(b'V').or(field(b'S'))?;
    let sqlstate = field(b'C')?;
    let coded = sqlstate.len() == 5
        && sqlstate
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let message = field(b'M').filter(|m| !m.is_empty())?;
    if field(b'S').is_none() || !SEVERITIES.contains(&severity) || !coded {
        return None;
    }
    let of = |kind: u8| field(kind).unwrap_or("").as_bytes();
    let places = [
        ("@routine", of(b'R')),
        ("@file", of(b'F')),
        ("@message", message.as_bytes()),
    ];
    let told = product::told_by("postgresql", &places);
    let (told, how) = told.map_or((None, ""), |(told, how)| (Some(told), how));
    Some(Proof {
        rule: format!(
            "ErrorResponse with severity, SQLSTATE {sqlstate} and message, PostgreSQL protocol 3"
        )
        .into(),
        ..product::proof(told, how)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_tls() {
        let target = SocketAddr::from(([127, 0, 0, 1], 5432));
        assert!(
            matches!(upgrade(b"", 0, target), Upgrade::Say(p) if p.bytes[4..] == 80_877_103u32.to_be_bytes())
        );
        for (received, sent, wanted) in [
            (&b""[..], 1, Upgrade::Wait),
            (b"S", 1, Upgrade::Ready),
            (b"N", 1, Upgrade::Refused),
            (b"SS", 1, Upgrade::Refused),
            (b"E\0\0\0", 1, Upgrade::Refused),
            (b"S", 0, Upgrade::Refused),
        ] {
            assert_eq!(upgrade(received, sent, target), wanted);
        }
    }
}
