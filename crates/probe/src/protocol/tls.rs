//! TLS and SSL 3: the first record that a server sends, RFC 8446 §5.1 and §4.1.3, RFC 5246 §7.
//!
//! The record alone proves TLS, also for versions and ciphers that no handshake of ours agrees
//! on. What is spoken inside is found by a real handshake in `handshake`.

use super::{Match, Proof, Protocol, Safety, Speaker, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "tls",
    safety: Safety::Polite,
    stream: Some(Stream {
        speaker: Speaker::Client,
        // The ClientHello is made by the TLS library, with a key share of its own.
        first: None,
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;

/// §5.1: the length of a plain record "MUST NOT exceed 2^14 bytes".
const LONGEST_RECORD: usize = 1 << 14;

/// IANA's TLS Alerts registry.
const ALERTS: [u8; 35] = [
    0, 10, 20, 21, 22, 30, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 60, 70, 71, 80, 86,
    90, 100, 109, 110, 111, 112, 113, 114, 115, 116, 120,
];

/// Wants a ServerHello or an alert in one record of its own.
pub(super) fn recognise(received: &[u8]) -> Match {
    match received {
        [] | [ALERT | HANDSHAKE] | [ALERT | HANDSHAKE, 3] | [ALERT | HANDSHAKE, 3, 0..=4] => {
            Match::Partial
        }
        [ALERT, 3, 0..=4, rest @ ..] => alert(rest),
        [HANDSHAKE, 3, 0..=4, rest @ ..] => hello(rest),
        _ => Match::No,
    }
}

fn proven(rule: &'static str) -> Match {
    Match::Proven(Box::new(Proof {
        rule: rule.into(),
        ..Proof::default()
    }))
}

/// Two bytes of length, then level and description (§6).
fn alert(rest: &[u8]) -> Match {
    match rest {
        [] | [0] | [0, 2] | [0, 2, 1 | 2] => Match::Partial,
        [0, 2, 1 | 2, what, ..] if ALERTS.contains(what) => proven("alert record of RFC 8446 §6"),
        _ => Match::No,
    }
}

/// A record's length and the ServerHello in it.
fn hello(rest: &[u8]) -> Match {
    let Some((length, record)) = split_u16(rest) else {
        return Match::Partial;
    };
    // Type, length, version, random, session, cipher, compression: 42 bytes at the least.
    if !(42..=LONGEST_RECORD).contains(&length) {
        return Match::No;
    }
    // Every byte that has arrived is judged, so that nonsense is refused before its record ends.
    let fixed: [&[u8]; 5] = [&[SERVER_HELLO], &[0], &[], &[], &[3]];
    for (at, wanted) in fixed.iter().enumerate() {
        if record
            .get(at)
            .is_some_and(|b| !wanted.is_empty() && !wanted.contains(b))
        {
            return Match::No;
        }
    }
    if record.get(5).is_some_and(|&minor| minor > 3) {
        return Match::No;
    }
    let Some((size, _)) = record.get(2..).and_then(split_u16) else {
        return Match::Partial;
    };
    // The hello may not claim to be longer than the record that holds it whole.
    if size < 38 || size + 4 > length {
        return Match::No;
    }
    let Some(body) = record.get(4..4 + size) else {
        return Match::Partial;
    };
    match server_hello(body) {
        true => proven("ServerHello record of RFC 8446 §4.1.3"),
        false => Match::No,
    }
}

/// Version, random, session id, cipher suite, compression and extensions, to the last byte.
fn server_hello(body: &[u8]) -> bool {
    let Some((&session, rest)) = body.get(34..).and_then(<[u8]>::split_first) else {
        return false;
    };
    let Some(rest) = rest.get(usize::from(session)..).filter(|_| session <= 32) else {
        return false;
    };
    // Cipher suite and compression: no more than null and DEFLATE (RFC 3749) were ever assigned.
    let [_, _, 0 | 1, extensions @ ..] = rest else {
        return false;
    };
    if extensions.is_empty() {
        return true;
    }
    let Some((length, mut rest)) = split_u16(extensions) else {
        return false;
    };
    if rest.len() != length {
        return false;
    }
    while !rest.is_empty() {
        let Some((length, data)) = rest.get(2..).and_then(split_u16) else {
            return false;
        };
        let Some(after) = data.get(length..) else {
            return false;
        };
        rest = after;
    }
    true
}

fn split_u16(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let [high, low, rest @ ..] = bytes else {
        return None;
    };
    Some((usize::from(*high) << 8 | usize::from(*low), rest))
}
