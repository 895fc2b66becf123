//! BACnet/IP: ReadProperty of the device's own name, ANSI/ASHRAE 135 §15.5 and annex J. It only
//! reads, but what it reaches may run a building: safety full.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "bacnet",
    safety: Safety::Full,
    stream: None,
    datagram: Some(Datagram::asked(first, recognise)),
};

/// Invoke 80, device 4194303 (whichever it is, clause 15.5.2), property object-name.
const READ: &[u8] = b"\x81\x0a\0\x11\x01\x04\0\x05\x50\x0c\x0c\x02\x3f\xff\xff\x19\x4d";

fn first(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "bacnet ReadProperty object-name".into(),
        bytes: READ.into(),
    }]
}

/// Wants an answer to our invocation in a datagram of exactly its length: ComplexACK, Error,
/// Reject or Abort, §20.1.
fn recognise(received: &[u8]) -> Match {
    read(received).map_or(Match::No, |name| {
        let name = name.map(|name| format!("device name {name}"));
        Match::Proven(Box::new(Proof {
            told: wire::lines(name),
            ..wire::proof("answer to ReadProperty of BACnet §20.1", None)
        }))
    })
}

fn read(received: &[u8]) -> Option<Option<String>> {
    let mut rest = wire::Wire(received);
    let head = rest.take(2)? == [0x81, 0x0a];
    let length = usize::from(rest.u16()?);
    let network = rest.take(2)? == [1, 0];
    let (kind, invocation, service) = (rest.u8()?, rest.u8()?, rest.u8()?);
    if !head || length != received.len() || !network || invocation != 0x50 {
        return None;
    }
    match (kind, service) {
        // Then the object, the property, and the name between opening and closing tags.
        (0x30, 0x0c) => {
            let object = rest.take(1)? == [0x0c];
            rest.take(4)?;
            let named = rest.take(4)? == [0x19, 0x4d, 0x3e, 0x75];
            let length = usize::from(rest.u8()?).checked_sub(1)?;
            let _characters = rest.u8()?;
            let name = wire::text(rest.take(length)?);
            (object && named && rest.0 == [0x3f]).then_some(Some(name))
        }
        // An error is a class and a code, both enumerated.
        (0x50, 0x0c) => (rest.take(1)? == [0x91]).then_some(None),
        (0x60 | 0x70 | 0x71, 0..=11) if rest.0.is_empty() => Some(None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_told_and_an_error_is_proof() {
        let ack =
            b"\x81\x0a\0\x1d\x01\0\x30\x50\x0c\x0c\x02\0\0\x01\x19\x4d\x3e\x75\x09\0ROOM 101\x3f";
        let Match::Proven(proof) = recognise(ack) else {
            panic!("not proven");
        };
        assert_eq!(proof.told, ["device name ROOM 101"]);
        let error = b"\x81\x0a\0\x0d\x01\0\x50\x50\x0c\x91\x01\x91\x1f";
        assert!(matches!(recognise(error), Match::Proven(_)));
        for end in 0..ack.len() {
            assert_eq!(recognise(&ack[..end]), Match::No, "{end}");
        }
    }
}
