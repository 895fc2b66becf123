//! IKE over UDP: a first message whose one proposal nobody knows, which is refused without a
//! state being kept, RFC 7296 §2.6 and §3.10; version 1 likewise, RFC 2408 §3.14. Each goes out
//! bare and behind the non-ESP marker of RFC 3948 §2.2, which ports other than 500 want.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, wire};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "isakmp",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram::asked(first, recognise)),
};

const MARKER: &[u8] = &[0; 4];

/// The initiator's SPI of both messages.
const OURS: &[u8] = b"PORTOLAN";

/// IKE_SA_INIT: SA with one transform of private type 65000, KE of group 19, and a nonce.
const VERSION_2: &[u8] = b"PORTOLAN\0\0\0\0\0\0\0\0\x21\x20\x22\x08\0\0\0\0\0\0\0\x9c\
    \x22\0\0\x14\0\0\0\x10\x01\x01\0\x01\0\0\0\x08\x01\0\xfd\xe8\
    \x28\0\0\x48\0\x13\0\0\
    \x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\
    \x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96\
    \x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16\
    \x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51\xf5\
    \0\0\0\x24portolan portolan portolan porto";

/// Main mode: SA of the IPsec DOI with one transform, whose cipher is of the private range.
const VERSION_1: &[u8] = b"PORTOLAN\0\0\0\0\0\0\0\0\x01\x10\x02\0\0\0\0\0\0\0\0\x48\
    \0\0\0\x2c\0\0\0\x01\0\0\0\x01\0\0\0\x20\x01\x01\0\x01\0\0\0\x18\x01\x01\0\0\
    \x80\x01\xfd\xe8\x80\x02\0\x02\x80\x03\0\x01\x80\x04\0\x0e";

fn first(_target: SocketAddr) -> Vec<Packet> {
    let packet = |name: &'static str, marker: &[u8], bytes: &[u8]| Packet {
        name: name.into(),
        bytes: [marker, bytes].concat().into(),
    };
    vec![
        packet("isakmp IKE_SA_INIT", &[], VERSION_2),
        packet("isakmp IKE_SA_INIT behind a marker", MARKER, VERSION_2),
        packet("isakmp main mode", &[], VERSION_1),
        packet("isakmp main mode behind a marker", MARKER, VERSION_1),
    ]
}

/// Wants a message with our SPI, of exactly its length, and payloads that fill it.
fn recognise(received: &[u8]) -> Match {
    let message = received.strip_prefix(MARKER).unwrap_or(received);
    read(message).map_or(Match::No, |proof| Match::Proven(Box::new(proof)))
}

fn read(message: &[u8]) -> Option<Proof> {
    let mut rest = wire::Wire(message);
    let ours = rest.take(8)? == OURS;
    rest.take(8)?;
    let (mut kind, version, exchange) = (rest.u8()?, rest.u8()?, rest.u8()?);
    let flags = rest.u8()?;
    rest.u32()?;
    let length = usize::try_from(rest.u32()?).ok()?;
    // Version 2 marks a response; version 1 answers in main mode or informationally.
    let sound = match version {
        0x20 => exchange == 34 && flags & 0x20 != 0,
        0x10 => matches!(exchange, 2 | 5),
        _ => false,
    };
    if !ours || !sound || length != message.len() || kind == 0 {
        return None;
    }
    let mut vendors = Vec::new();
    let mut told = Vec::new();
    while kind != 0 {
        let (next, _critical) = (rest.u8()?, rest.u8()?);
        let length = usize::from(rest.u16()?);
        let body = rest.take(length.checked_sub(4)?)?;
        match (version, kind) {
            (0x20, 41) => told.push(format!("notify {}", u16_at(body, 2)?)),
            (0x10, 11) => told.push(format!("notify {}", u16_at(body, 6)?)),
            (0x20, 43) | (0x10, 13) => vendors.push(hexadecimal(body)),
            _ => {}
        }
        kind = next;
    }
    let product = product::told_by("isakmp", &[("@vendors", vendors.join(" ").as_bytes())]);
    told.extend(vendors.into_iter().map(|v| format!("vendor id {v}")));
    let rule = match version {
        0x20 => "IKE_SA_INIT response of RFC 7296 §1.2",
        _ => "ISAKMP message of RFC 2408 §3.1 with our cookie",
    };
    rest.0.is_empty().then(|| Proof {
        told: wire::lines(told),
        ..wire::proof(rule, product)
    })
}

fn u16_at(body: &[u8], at: usize) -> Option<u16> {
    wire::Wire(body.get(at..)?).u16()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().take(32).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lengths_of_both_messages_are_sound() {
        for message in [VERSION_2, VERSION_1] {
            let length = message.get(24..28).unwrap();
            assert_eq!(length, u32::try_from(message.len()).unwrap().to_be_bytes());
        }
    }

    #[test]
    fn a_vendor_id_tells_the_product() {
        let vendor = b"\x88\x2f\xe5\x6d\x6f\xd2\x0d\xbc\x22\x51\x61\x3b\x2e\xbe\x5b\xeb";
        let head = b"PORTOLANresponse\x29\x20\x22\x20\0\0\0\0\0\0\0\x38";
        let message = [head.as_slice(), b"\x2b\0\0\x08\0\0\0\x0e\0\0\0\x14", vendor].concat();
        let Match::Proven(proof) = recognise(&message) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("strongswan"));
        for end in 0..message.len() {
            assert_eq!(recognise(&message[..end]), Match::No, "{end}");
        }
    }
}
