//! Network block device: the server's greeting, doc/proto.md of the NBD project, in its newstyle
//! and oldstyle form.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "nbd",
    safety: Safety::Polite,
    stream: Some(Stream {
        follow,
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

const NEWSTYLE: &[u8] = b"NBDMAGICIHAVEOPT";
const OLDSTYLE: &[u8] = b"NBDMAGIC\x00\x00\x42\x02\x81\x86\x12\x53";

/// Wants both magic numbers and the flags, or the size of an oldstyle export.
pub(super) fn recognise(received: &[u8]) -> Match {
    let newstyle = wire::opens(received, NEWSTYLE);
    if !newstyle && !wire::opens(received, OLDSTYLE) {
        return Match::No;
    }
    match (newstyle, received.len()) {
        (true, 18..) => Match::Proven(Box::new(Proof {
            rule: "newstyle greeting of the NBD protocol".into(),
            ..Proof::default()
        })),
        (false, 28..) => Match::Proven(Box::new(Proof {
            rule: "oldstyle greeting of the NBD protocol".into(),
            unauthenticated: Some(true),
            ..Proof::default()
        })),
        _ => Match::Partial,
    }
}

/// NBD_OPT_ABORT, the orderly end of a negotiation, after our flags.
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let newstyle = received.starts_with(NEWSTYLE) && received.len() >= 18;
    (newstyle && followed == 0).then(|| Packet {
        name: "nbd NBD_OPT_ABORT".into(),
        bytes: b"\0\0\0\x01IHAVEOPT\0\0\0\x02\0\0\0\0".as_slice().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_of_the_specification() {
        let greeting = b"NBDMAGICIHAVEOPT\0\x03";
        for end in 0..18 {
            assert_eq!(recognise(&greeting[..end]), Match::Partial, "{end}");
        }
        assert!(matches!(recognise(greeting), Match::Proven(_)));
        assert_eq!(recognise(b"NBDMAGICx"), Match::No);
    }
}
