//! Character generator, RFC 864: lines of 72 of the printable characters in turn, each line
//! beginning one further than the last. Without the space in the ring it is as common.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "chargen",
    safety: Safety::Polite,
    stream: Some(Stream::greeted(recognise)),
    datagram: Some(Datagram::asked(first, recognise_datagram)),
};

const WIDTH: usize = 72;

/// "The data in the received datagram is ignored."
fn first(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "chargen datagram".into(),
        bytes: b"\r\n".as_slice().into(),
    }]
}

/// Wants one line and the first characters of the next.
fn recognise(received: &[u8]) -> Match {
    const ENOUGH: usize = WIDTH + 2 + 8;
    let seen = received.get(..ENOUGH).unwrap_or(received);
    match (follows(seen), seen.len() < ENOUGH) {
        (false, _) => Match::No,
        (true, true) => Match::Partial,
        (true, false) => proven(),
    }
}

/// A datagram holds between 0 and 512 characters; the alphabet alone could be anybody's.
fn recognise_datagram(received: &[u8]) -> Match {
    const LEAST: usize = 40;
    match received.len() >= LEAST && follows(received.get(..WIDTH + 10).unwrap_or(received)) {
        true => proven(),
        false => Match::No,
    }
}

/// Whether the bytes are the pattern's, in the ring with the space or in the one without.
fn follows(bytes: &[u8]) -> bool {
    [b' ', b'!'].into_iter().any(|lowest| {
        let ring = usize::from(b'~' - lowest) + 1;
        let Some(start) = bytes.first().and_then(|b| b.checked_sub(lowest)) else {
            return bytes.is_empty();
        };
        bytes.iter().enumerate().all(|(at, &byte)| {
            let (line, column) = (at / (WIDTH + 2), at % (WIDTH + 2));
            match column {
                WIDTH => byte == b'\r',
                73.. => byte == b'\n',
                _ => {
                    let turn = (usize::from(start) + line + column) % ring;
                    usize::from(byte) == usize::from(lowest) + turn
                }
            }
        })
    })
}

fn proven() -> Match {
    Match::Proven(Box::new(Proof {
        rule: "pattern of RFC 864".into(),
        ..Proof::default()
    }))
}
