//! STUN, RFC 8489: the response to a Binding request, tied to it by the magic cookie and the
//! transaction's id. TURN servers (RFC 8656) answer it as well: it is the same protocol.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "stun",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: Some(Datagram::asked(first_datagram, recognise)),
};

/// §5: the type Binding request and no attributes, the magic cookie, and a transaction of ours.
const REQUEST: &[u8; 20] = b"\x00\x01\x00\x00\x21\x12\xa4\x42portolan0001";
/// The header's length.
const HEADER: usize = 20;

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "stun Binding request".into(),
        bytes: REQUEST.as_slice().into(),
    }
}

fn first_datagram(target: SocketAddr) -> Vec<Packet> {
    vec![first(target)]
}

/// Wants a Binding response or error response with our cookie and transaction, and attributes
/// that fill its length.
fn recognise(received: &[u8]) -> Match {
    /// A Binding response holds an address or two and some words.
    const LONGEST: usize = 1024;
    let tied = received
        .iter()
        .zip(REQUEST)
        .enumerate()
        .skip(4)
        .all(|(_, (a, b))| a == b);
    let kind = matches!(received, [] | [1] | [1, 1 | 0x11, ..]);
    if !tied || !kind {
        return Match::No;
    }
    let Some(length) = received.get(2..4) else {
        return Match::Partial;
    };
    let length = length.iter().fold(0, |n, &b| n << 8 | usize::from(b));
    if length > LONGEST || !length.is_multiple_of(4) || length == 0 {
        return Match::No;
    }
    let Some(mut attributes) = received.get(HEADER..HEADER + length) else {
        return Match::Partial;
    };
    let mut software: &[u8] = &[];
    while let [a, b, c, d, rest @ ..] = attributes {
        let size = usize::from(u16::from_be_bytes([*c, *d]));
        let Some(value) = rest.get(..size) else {
            return Match::No;
        };
        // §14.14 SOFTWARE.
        if [*a, *b] == [0x80, 0x22] {
            software = value;
        }
        // §14: each is padded to a multiple of four.
        attributes = rest.get(size.next_multiple_of(4)..).unwrap_or(&[]);
    }
    let (told, because) = product::told_by("stun", &[("@software", software)]).unzip();
    Match::Proven(Box::new(Proof {
        rule: "Binding response of RFC 8489 §5 with our transaction".into(),
        ..product::proof(told, because.unwrap_or_default())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Our transaction in the layout of RFC 5769 §2.2, without integrity and fingerprint.
    fn response(software: &[u8]) -> Vec<u8> {
        let mut bytes = REQUEST.to_vec();
        bytes.extend(b"\x80\x22\x00");
        bytes.push(u8::try_from(software.len()).unwrap());
        bytes.extend(software);
        bytes.resize(bytes.len().next_multiple_of(4), b' ');
        bytes.extend(b"\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43");
        bytes[0] = 1;
        bytes[1] = 1;
        bytes[3] = u8::try_from(bytes.len() - HEADER).unwrap();
        bytes
    }

    #[test]
    fn a_response_with_our_transaction_proves_it_and_may_name_its_software() {
        let bytes = response(b"Coturn-4.5.2 'dan Eider'");
        let Match::Proven(proof) = recognise(&bytes) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("coturn"));
        assert_eq!(proof.version.as_deref(), Some("4.5.2"));
        for end in 0..bytes.len() {
            assert_eq!(recognise(&bytes[..end]), Match::Partial, "{end}");
        }
        assert!(
            matches!(recognise(&response(b"test vector")), Match::Proven(p) if p.product.is_none())
        );
        assert_eq!(recognise(REQUEST), Match::No, "our own request");
        for at in [0, 4, 8, 19] {
            let mut other = response(b"x");
            other[at] ^= 1;
            assert_eq!(recognise(&other), Match::No, "{at}");
        }
    }
}
