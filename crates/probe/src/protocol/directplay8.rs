//! DirectPlay 8: the answer to an enumeration of sessions, MC-DPL8CS ("DirectPlay 8 Protocol: Core
//! and Service Providers") §2.2.1 EnumQuery and §2.2.2 EnumResponse.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "directplay8",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram {
        // DPNSVR, the shared port, hands the question on to the game's own.
        strays: true,
        ..Datagram::asked(first, recognise)
    }),
};

/// EnumPayload: returned as it is.
const PAYLOAD: [u8; 2] = *b"PO";

/// Lead byte 0, command 2 (a query), our payload, type 2: sessions of any application.
fn first(_target: SocketAddr) -> Vec<Packet> {
    let [a, b] = PAYLOAD;
    vec![Packet {
        name: "directplay8 EnumQuery".into(),
        bytes: vec![0, 2, a, b, 2].into(),
    }]
}

/// Wants lead byte 0, command 3, our payload, an application description of 0x50 octets, and
/// offsets and sizes that lie within.
fn recognise(received: &[u8]) -> Match {
    /// The description begins after the lead, the payload and the reply's place.
    const DESCRIPTION: usize = 12;
    const SIZE: usize = 0x50;
    let [a, b] = PAYLOAD;
    let number = |at: usize| {
        let bytes = received.get(at..at + 4)?;
        usize::try_from(bytes.iter().rev().fold(0, |n, &b| n << 8 | u32::from(b))).ok()
    };
    // Offsets count from the end of the payload.
    let within = |offset: usize, size: usize| {
        let place = number(offset).zip(number(size));
        place.is_some_and(|(at, n)| n == 0 || at.saturating_add(n) <= received.len() - 4)
    };
    let players = number(DESCRIPTION + 8).zip(number(DESCRIPTION + 12));
    let sound = received.starts_with(&[0, 3, a, b])
        && received.len() >= DESCRIPTION + SIZE
        && number(DESCRIPTION) == Some(SIZE)
        && players.is_some_and(|(most, now)| most == 0 || now <= most)
        && within(4, 8)
        && within(DESCRIPTION + 16, DESCRIPTION + 20);
    if !sound {
        return Match::No;
    }
    Match::Proven(Box::new(Proof {
        rule: "EnumResponse of MC-DPL8CS with our payload".into(),
        ..Proof::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Laid out after the structure of EnumResponse.
    fn response() -> Vec<u8> {
        let mut bytes = vec![0, 3, PAYLOAD[0], PAYLOAD[1]];
        bytes.extend([0; 8]);
        for number in [0x50_u32, 0, 8, 1, 0x58, 10] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.resize(12 + 0x50, 0);
        bytes.extend(b"g\0a\0m\0e\0\0\0");
        bytes
    }

    #[test]
    fn a_response_with_our_payload_proves_it() {
        assert!(matches!(recognise(&response()), Match::Proven(_)));
        for at in [1, 2, 12, 29] {
            let mut other = response();
            other[at] ^= 0x40;
            assert_eq!(recognise(&other), Match::No, "{at}");
        }
        assert_eq!(recognise(&response()[..90]), Match::No);
    }
}
