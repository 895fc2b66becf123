//! DNP3 over TCP: Request Link Status, IEEE 1815 §9.2 (data link layer), answered by Status of
//! Link. What it reaches controls a grid: safety full.

use std::net::SocketAddr;

use super::{Match, Packet, Protocol, Safety, Stream, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "dnp",
    safety: Safety::Full,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// From a master at address 0x504f to the self-address 0xfffc (§9.2.5.2): control 0xc9.
const REQUEST: [u8; 8] = [0x05, 0x64, 5, 0xc9, 0xfc, 0xff, b'O', b'P'];

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "dnp request link status".into(),
        bytes: [REQUEST.as_slice(), &checksum(&REQUEST)].concat().into(),
    }
}

/// Wants a header to our address of a secondary station, with its checksum.
pub(super) fn recognise(received: &[u8]) -> Match {
    let (head, rest) = received.split_at(received.len().min(8));
    if !wire::opens(head, &[0x05, 0x64, 5])
        || head.get(4..).is_some_and(|to| !wire::opens(to, b"OP"))
    {
        return Match::No;
    }
    match (head.get(3), rest.get(..2)) {
        (_, None) => Match::Partial,
        // Functions ACK, NACK, Status of Link and Not Supported, with the primary bit clear.
        (Some(&control), Some(sum))
            if matches!(control & 0x4f, 0 | 1 | 11 | 15) && sum == checksum(head) =>
        {
            wire::proven("link header of IEEE 1815 §9.2 to our address")
        }
        _ => Match::No,
    }
}

/// CRC-16/DNP of §9.2.4.3.2: polynomial 0x3d65 reflected, inverted at the end.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let sum = bytes.iter().fold(0u16, |sum, &byte| {
        (0..8).fold(sum ^ u16::from(byte), |sum, _| match sum & 1 {
            1 => (sum >> 1) ^ 0xa6bc,
            _ => sum >> 1,
        })
    });
    (!sum).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_with_its_checksum() {
        // The check value of CRC-16/DNP in the catalogue of parametrised CRC algorithms.
        assert_eq!(checksum(b"123456789"), 0xea82u16.to_le_bytes());
        let head = [0x05, 0x64, 5, 0x0b, b'O', b'P', 1, 0];
        let mut answer = [head.as_slice(), &checksum(&head)].concat();
        for end in 0..answer.len() {
            assert_eq!(recognise(&answer[..end]), Match::Partial, "{end}");
        }
        assert!(matches!(recognise(&answer), Match::Proven(_)));
        answer[9] ^= 1;
        assert_eq!(recognise(&answer), Match::No);
    }
}
