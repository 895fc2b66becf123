//! NetBIOS session service: a session request, RFC 1002 §4.3.2, and SMB within the session that
//! is granted. A grant of four bytes alone proves nothing.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream, microsoft_ds, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "netbios-ssn",
    safety: Safety::Polite,
    stream: Some(Stream {
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// The called name `*SMBSERVER`, which every SMB server takes for its own, and ours, in the
/// first-level encoding of RFC 1001 §14.1.
const REQUEST: &[u8] = b"\x81\0\0\x44\
    \x20CKFDENECFDEFFCFGEFFCCACACACACACA\0\
    \x20FAEPFCFEEPEMEBEOCACACACACACACAAA\0";

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "netbios-ssn session request".into(),
        bytes: REQUEST.into(),
    }
}

const GRANTED: &[u8] = &[0x82, 0, 0, 0];
const REFUSED: &[u8] = &[0x83, 0, 0, 1];

/// Wants the refusal with a reason of §4.3.4, or the grant and SMB's answer after it.
pub(super) fn recognise(received: &[u8]) -> Match {
    let (head, rest) = received.split_at(received.len().min(4));
    if wire::opens(head, REFUSED) {
        return match (head.len(), rest.first()) {
            (..4, _) | (_, None) => Match::Partial,
            (_, Some(0x80..=0x83 | 0x8f)) => {
                wire::proven("negative session response of RFC 1002 §4.3.4")
            }
            _ => Match::No,
        };
    }
    match wire::opens(head, GRANTED) {
        false => Match::No,
        true if rest.is_empty() => Match::Partial,
        true => match microsoft_ds::recognise(rest) {
            Match::Proven(proof) => Match::Proven(Box::new(Proof {
                rule: "session response of RFC 1002 §4.3.3, and SMB within the session".into(),
                ..*proof
            })),
            other => other,
        },
    }
}

/// SMB's negotiation, once the session is granted.
fn follow(received: &[u8], followed: usize, target: SocketAddr) -> Option<Packet> {
    (followed == 0 && received == GRANTED).then(|| microsoft_ds::negotiate(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_needs_a_reason_of_the_rfc() {
        assert!(matches!(
            recognise(&[0x83, 0, 0, 1, 0x82]),
            Match::Proven(_)
        ));
        assert_eq!(recognise(&[0x83, 0, 0, 1, 0x84]), Match::No);
        assert_eq!(recognise(&[0x82, 0, 0, 1]), Match::No);
        assert_eq!(REQUEST.len(), 4 + 0x44);
    }
}
