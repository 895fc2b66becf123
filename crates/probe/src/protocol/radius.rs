//! RADIUS over UDP: Status-Server, RFC 5997. Who does not share a secret with a server is met
//! with silence (§4.1 there), and what does answer cannot be checked without the secret: its
//! authenticator is a digest over it (RFC 2865 §3). So an answer is likely, and never a proof.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "radius",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram::asked(first, recognise)),
};

/// Code 12, identifier 80, a Request Authenticator, and no attribute.
const STATUS: &[u8] = b"\x0c\x50\0\x14portolan portola";

fn first(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "radius Status-Server".into(),
        bytes: STATUS.into(),
    }]
}

/// Access-Accept, Accounting-Response, or Access-Reject with our identifier, and attributes that
/// fill it.
fn recognise(received: &[u8]) -> Match {
    fn read(received: &[u8]) -> Option<()> {
        let mut rest = wire::Wire(received);
        let code = rest.u8()?;
        let ours = rest.u8()? == 0x50;
        let length = usize::from(rest.u16()?);
        rest.take(16)?;
        while !rest.0.is_empty() {
            let (kind, length) = (rest.u8()?, rest.u8()?);
            rest.take(usize::from(length).checked_sub(2)?)?;
            if kind == 0 {
                return None;
            }
        }
        (ours && matches!(code, 2 | 3 | 5) && length == received.len()).then_some(())
    }
    match read(received) {
        None => Match::No,
        Some(()) => Match::Likely(Box::new(Proof {
            rule: "an answer in the form of RFC 2865 §3, which only the secret could prove".into(),
            ..Proof::default()
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_likely_only_with_our_identifier_and_sound_attributes() {
        let accept = [b"\x02\x50\0\x1a".as_slice(), &[7; 16], b"\x12\x06okay"].concat();
        assert!(matches!(recognise(&accept), Match::Likely(_)));
        for (at, to) in [(0, 1), (1, 2), (3, 0x19), (20, 0), (21, 1), (21, 9)] {
            let mut changed = accept.clone();
            changed[at] = to;
            assert_eq!(recognise(&changed), Match::No, "{at}");
        }
    }
}
