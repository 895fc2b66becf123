//! BZFlag: the server's greeting `BZFS`, its protocol's version and our player id; BZFlag's
//! include/Protocol.h. Since 2.4 it waits for the client's own greeting.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "bzflag",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "bzflag connect header".into(),
        bytes: b"BZFLAG\r\n\r\n".as_slice().into(),
    }
}

/// Wants `BZFS`, four characters of a version such as `0221` or `0026`, and one octet.
fn recognise(received: &[u8]) -> Match {
    const MAGIC: &[u8] = b"BZFS";
    let shared = received.len().min(MAGIC.len());
    if received.get(..shared) != MAGIC.get(..shared) {
        return Match::No;
    }
    let version = received.get(4..received.len().min(8)).unwrap_or(&[]);
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let sound = match version {
        [first, rest @ ..] => {
            *first == b'0'
                && match rest {
                    [a, b, last] => digits(&[*a, *b]) && last.is_ascii_alphanumeric(),
                    rest => digits(rest),
                }
        }
        [] => true,
    };
    match (sound, received.len()) {
        (false, _) => Match::No,
        (true, ..9) => Match::Partial,
        (true, _) => Match::Proven(Box::new(Proof {
            rule: "greeting of BZFlag's Protocol.h".into(),
            told: vec![format!("protocol: {}", String::from_utf8_lossy(version))],
            ..product::proof(
                Some(Told::new("bzflag", None, None)),
                "only this game greets so",
            )
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_of_protocol_h_proves_it() {
        for greeting in [b"BZFS0221\xff".as_slice(), b"BZFS0026\x00", b"BZFS107e\x01"] {
            let sound = greeting[4] == b'0';
            assert_eq!(matches!(recognise(greeting), Match::Proven(_)), sound);
        }
        assert_eq!(recognise(b"BZFS02"), Match::Partial);
        assert_eq!(recognise(b"BZFSabcd\x00"), Match::No);
        assert_eq!(recognise(b"BZFLAG\r\n\r\n"), Match::No, "our own greeting");
    }
}
