//! CoAP over UDP (RFC 7252) and TCP (RFC 8323): the answer to a GET of `/.well-known/core`
//! (RFC 6690), tied to it by message id and token. A second GET, of `/`, may name the product.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "coap",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: Some(Datagram {
        follow: follow_datagram,
        ..Datagram::asked(first_datagram, recognise_datagram)
    }),
};

const ID: [u8; 2] = *b"PO";
const TOKEN: &[u8; 4] = b"PORT";
const GET: u8 = 1;
/// RFC 8323 §5.3: the Capabilities and Settings Message, the first of either side.
const SETTINGS: u8 = 0xe1;
/// Uri-Path `.well-known`, then `core`.
const WELL_KNOWN: &[u8] = b"\xbb.well-known\x04core";

fn first_datagram(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "coap GET /.well-known/core".into(),
        bytes: datagram(WELL_KNOWN).into(),
    }]
}

/// Version 1, confirmable, a token of four octets.
fn datagram(options: &[u8]) -> Vec<u8> {
    [&[0x44, GET], ID.as_slice(), TOKEN, options].concat()
}

fn follow_datagram(_received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    (followed == 0).then(|| Packet {
        name: "coap GET /".into(),
        bytes: datagram(&[]).into(),
    })
}

/// RFC 8323 §3.2: lengths from 13 on take an octet of their own.
fn first(_target: SocketAddr) -> Packet {
    let length = u8::try_from(WELL_KNOWN.len().saturating_sub(13)).unwrap_or(0);
    let get = [[0xd4, length, GET].as_slice(), TOKEN, WELL_KNOWN].concat();
    Packet {
        name: "coap GET /.well-known/core".into(),
        bytes: [[0x00, SETTINGS].as_slice(), &get].concat().into(),
    }
}

fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let proven = matches!(recognise(received), Match::Proven(_));
    (proven && followed == 0).then(|| Packet {
        name: "coap GET /".into(),
        bytes: [[0x04, GET].as_slice(), TOKEN].concat().into(),
    })
}

/// Wants an acknowledgement with our message id and token and the code of a response; one without
/// content, or a reset, is too little to prove it.
fn recognise_datagram(received: &[u8]) -> Match {
    let [head, code, a, b, rest @ ..] = received else {
        return Match::No;
    };
    if [*a, *b] != ID {
        return Match::No;
    }
    let proof = |payload| {
        Box::new(answered(
            payload,
            "response of RFC 7252 §5.2 with our token",
        ))
    };
    match (head, code, rest) {
        (0x60 | 0x70, 0, []) => Match::Likely(Box::new(Proof {
            rule: "empty message of RFC 7252 §4.1 with our message id".into(),
            ..Proof::default()
        })),
        (0x64, code, rest) if is_response(*code) => match rest.strip_prefix(TOKEN) {
            Some(rest) => payload(rest).map_or(Match::No, |p| Match::Proven(proof(p))),
            None => Match::No,
        },
        _ => Match::No,
    }
}

/// Wants the server's settings and, after them, a response with our token.
fn recognise(received: &[u8]) -> Match {
    const LONGEST: usize = 64 * 1024;
    let mut rest = received;
    let (mut settled, mut proof) = (false, None);
    loop {
        let (code, token, body, after) = match message(rest, LONGEST) {
            Framed::No => return proof.map_or(Match::No, Match::Proven),
            Framed::Partial => return proof.map_or(Match::Partial, Match::Proven),
            Framed::Whole(code, token, body, after) => (code, token, body, after),
        };
        match (settled, code) {
            (false, SETTINGS) if token.is_empty() => settled = true,
            (true, code) if is_response(code) && token == TOKEN => {
                if let Some(payload) = payload(body) {
                    let next = answered(payload, "response of RFC 8323 §3.2 with our token");
                    let better = proof.as_ref().is_none_or(|_| next.product.is_some());
                    proof = if better { Some(Box::new(next)) } else { proof };
                } else if proof.is_none() {
                    return Match::No;
                }
            }
            // A ping, or settings again (RFC 8323 §5).
            (true, 0xe0..=0xe5) => {}
            _ => return proof.map_or(Match::No, Match::Proven),
        }
        rest = after;
    }
}

enum Framed<'a> {
    No,
    Partial,
    /// Code, token, options and payload, what follows.
    Whole(u8, &'a [u8], &'a [u8], &'a [u8]),
}

/// RFC 8323 §3.2: four bits of length, four of the token's, more length, code, token, the rest.
fn message(bytes: &[u8], longest: usize) -> Framed<'_> {
    let Some((&head, rest)) = bytes.split_first() else {
        return Framed::Partial;
    };
    let extended = match head >> 4 {
        13 => 1,
        14 => 2,
        15 => return Framed::No,
        _ => 0,
    };
    let token = usize::from(head & 15);
    if token > 8 {
        return Framed::No;
    }
    let Some((more, rest)) = rest.split_at_checked(extended) else {
        return Framed::Partial;
    };
    let more = more.iter().fold(0, |n, &b| n << 8 | usize::from(b));
    let length = match extended {
        0 => usize::from(head >> 4),
        1 => 13 + more,
        _ => 269 + more,
    };
    let Some((&code, rest)) = rest.split_first() else {
        return Framed::Partial;
    };
    if length > longest || !(is_response(code) || code >> 5 == 7) {
        return Framed::No;
    }
    let whole = rest.split_at_checked(token).and_then(|(token, rest)| {
        let (body, after) = rest.split_at_checked(length)?;
        Some(Framed::Whole(code, token, body, after))
    });
    whole.unwrap_or(Framed::Partial)
}

/// Classes 2, 4 and 5 of §12.1.2.
fn is_response(code: u8) -> bool {
    matches!(code >> 5, 2 | 4 | 5)
}

/// What follows the options, §3.1; `None` where these are none.
fn payload(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let (&head, after) = match rest.split_first() {
            None => return Some(&[]),
            Some((0xff, payload)) => return (!payload.is_empty()).then_some(payload),
            Some(split) => split,
        };
        rest = after;
        let mut length = 0;
        for nibble in [head >> 4, head & 15] {
            let (value, after) = match nibble {
                13 => (usize::from(*rest.first()?) + 13, rest.get(1..)?),
                14 => {
                    let (pair, after) = rest.split_first_chunk::<2>()?;
                    (usize::from(u16::from_be_bytes(*pair)) + 269, after)
                }
                15 => return None,
                n => (usize::from(n), rest),
            };
            (length, rest) = (value, after);
        }
        rest = rest.get(length..)?;
    }
}

fn answered(payload: &[u8], rule: &'static str) -> Proof {
    let (told, because) = product::told_by("coap", &[("@payload", payload)]).unzip();
    Proof {
        rule: rule.into(),
        ..product::proof(told, because.unwrap_or_default())
    }
}
