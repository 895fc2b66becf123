//! NRPE: the answer to the command `_NRPE_CHECK`, which runs nothing and tells the version;
//! nrpe's docs/README and include/common.h (packet of version 2).

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "nrpe",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// Version, type, CRC, result, 1,024 octets of text, two of padding.
const SIZE: usize = 1036;
const QUERY: u8 = 1;
const RESPONSE: u8 = 2;

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "nrpe _NRPE_CHECK".into(),
        bytes: packet(QUERY, b"_NRPE_CHECK").into(),
    }
}

fn packet(kind: u8, text: &[u8]) -> Vec<u8> {
    let build = |crc: u32| {
        let head = [[0, 2, 0, kind].as_slice(), &crc.to_be_bytes(), &[0, 0]].concat();
        let mut bytes = [head.as_slice(), text].concat();
        bytes.resize(SIZE, 0);
        bytes
    };
    build(crc(&build(0)))
}

/// Wants a response packet whose CRC is right.
fn recognise(received: &[u8]) -> Match {
    let head = [0, 2, 0, RESPONSE];
    let shared = received.len().min(head.len());
    if received.get(..shared) != head.get(..shared) {
        return Match::No;
    }
    let Some(packet) = received.get(..SIZE) else {
        return Match::Partial;
    };
    let mut blank = packet.to_vec();
    let sum: Vec<u8> = blank.splice(4..8, [0; 4]).collect();
    if crc(&blank).to_be_bytes().as_slice() != sum {
        return Match::No;
    }
    let text = packet.get(10..1034).unwrap_or(&[]);
    let text = text.split(|&b| b == 0).next().unwrap_or(&[]);
    let text = String::from_utf8_lossy(text);
    // "NRPE v4.1.0"; clones for other systems put their own name.
    let version = text
        .strip_prefix("NRPE v")
        .map(|rest| rest.split_whitespace().next().unwrap_or(""));
    let told = version.map(|v| Told::new("nrpe", Some(v), Some("nagios:remote_plugin_executor")));
    let line: String = text.chars().filter(|c| !c.is_control()).take(100).collect();
    Match::Proven(Box::new(Proof {
        rule: "response packet of NRPE's common.h with a sound CRC".into(),
        told: vec![line],
        unauthenticated: Some(true),
        ..product::proof(told, "the answer to _NRPE_CHECK")
    }))
}

/// CRC-32 of ISO 3309, as in common.h's generate_crc32_table.
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_with_a_sound_crc_proves_it() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        let answer = packet(RESPONSE, b"NRPE v4.1.0");
        let Match::Proven(proof) = recognise(&answer) else {
            panic!("not proven");
        };
        assert_eq!(proof.version.as_deref(), Some("4.1.0"));
        for end in [0, 3, 8, SIZE - 1] {
            assert_eq!(recognise(&answer[..end]), Match::Partial);
        }
        for at in [0, 3, 5, 12, SIZE - 1] {
            let mut other = answer.clone();
            other[at] ^= 1;
            assert_eq!(recognise(&other), Match::No, "{at}");
        }
        assert_eq!(recognise(&packet(QUERY, b"_NRPE_CHECK")), Match::No);
    }
}
