//! RTMP: the handshake, Adobe's "Real Time Messaging Protocol" 1.0 §5.2. The server's S2 is our C1
//! come back, which nothing else would send after 1,537 octets of its own.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "rtmp",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// C0 and C1, S0 and S1, S2: the version 3, then 1,536 octets.
const VERSION: u8 = 3;
const SIZE: usize = 1536;
/// What S2 repeats after the two timestamps.
const RANDOM: &[u8; 8] = b"portolan";

/// No connection is opened within: that would be the C2 and a command.
fn first(_target: SocketAddr) -> Packet {
    let mut bytes = vec![VERSION, 0, 0, 0, 0, 0, 0, 0, 0];
    while bytes.len() <= SIZE {
        bytes.extend(RANDOM);
    }
    bytes.truncate(SIZE + 1);
    Packet {
        name: "rtmp C0 and C1".into(),
        bytes: bytes.into(),
    }
}

/// Wants S0 of version 3 and an S2 that repeats ours.
fn recognise(received: &[u8]) -> Match {
    if received.first().is_some_and(|&version| version != VERSION) {
        return Match::No;
    }
    let begins = 1 + SIZE;
    // The timestamp is ours, 0; then comes when it was read, then what we sent.
    let time = received.get(begins..).unwrap_or(&[]);
    let zero = time.iter().take(4).all(|&b| b == 0);
    let random = received.get(begins + 8..).unwrap_or(&[]);
    let ours = RANDOM.iter().cycle().take(SIZE - 8);
    if !zero || random.iter().zip(ours).any(|(a, b)| a != b) {
        return Match::No;
    }
    match received.len() < begins + SIZE {
        true => Match::Partial,
        false => Match::Proven(Box::new(Proof {
            rule: "S0, S1 and S2 of RTMP 1.0 §5.2".into(),
            ..Proof::default()
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_that_repeats_ours_proves_it() {
        let ours = first(([127, 0, 0, 1], 1935).into()).bytes;
        assert_eq!(ours.len(), 1 + SIZE);
        let mut answer = [[VERSION].as_slice(), &[7; SIZE], &ours[1..]].concat();
        answer[1 + SIZE + 6] = 9;
        assert!(matches!(recognise(&answer), Match::Proven(_)));
        assert_eq!(recognise(&answer[..answer.len() - 1]), Match::Partial);
        answer[2 * SIZE - 9] ^= 1;
        assert_eq!(recognise(&answer), Match::No);
        assert_eq!(recognise(&ours), Match::Partial, "half of an echo");
        assert_eq!(recognise(&[ours.clone(), ours].concat()), Match::No);
    }
}
