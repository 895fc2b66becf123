//! Bacula's File daemon: how it turns a Director away that it does not know. Bacula Developer's
//! Guide, "Bacula Network Protocol": a length in four octets, then the message.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "bacula-fd",
    // Whoever reads the daemon's messages is told of a Director that was refused.
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// Names a Director and offers no password.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "bacula-fd Hello".into(),
        bytes: b"\0\0\0\x1fHello Director portolan calling\n"
            .as_slice()
            .into(),
    }
}

/// Wants one message of the File daemon's hello.c that repeats the name, or its challenge.
fn recognise(received: &[u8]) -> Match {
    const LONGEST: usize = 400;
    const REFUSED: &str = " Connection from unknown Director portolan at ";
    let Some((head, rest)) = received.split_first_chunk::<4>() else {
        let zeros = received.iter().take(2).all(|&b| b == 0);
        return if zeros { Match::Partial } else { Match::No };
    };
    let length = usize::try_from(u32::from_be_bytes(*head)).unwrap_or(usize::MAX);
    if !(20..=LONGEST).contains(&length) {
        return Match::No;
    }
    let text = rest.get(..rest.len().min(length)).unwrap_or(&[]);
    if !text
        .iter()
        .all(|&b| (0x20..0x7f).contains(&b) || b == b'\n')
    {
        return Match::No;
    }
    if rest.len() < length {
        return Match::Partial;
    }
    let text = String::from_utf8_lossy(text);
    let refused = text.starts_with("hello.c:") && text.contains(REFUSED);
    if !refused {
        return Match::No;
    }
    Match::Proven(Box::new(Proof {
        rule: "refusal of a Director in Bacula's frame".into(),
        ..product::proof(
            Some(Told::new("bacula", None, None)),
            "the refusal names its source file",
        )
    }))
}
