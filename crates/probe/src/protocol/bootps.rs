//! DHCP, RFC 2131: the DHCPACK to a DHCPINFORM (§3.4), tied to it by the transaction's id.
//!
//! A server keeps no lease for it, but it is logged, and it answers to the client's address.

use std::net::{IpAddr, SocketAddr};

use super::{Datagram, Match, Packet, Proof, Protocol, Safety};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "bootps",
    safety: Safety::Full,
    stream: None,
    datagram: Some(Datagram {
        strays: true,
        ..Datagram::asked(first, recognise)
    }),
};

const TRANSACTION: &[u8; 4] = b"PORT";
/// RFC 1497, kept by RFC 2131 §3.
const MAGIC: &[u8; 4] = &[99, 130, 83, 99];

/// There is no DHCP of this form for IPv6. The client's address is known on loopback only; where
/// it is zero, a server answers to where the packet came from.
fn first(target: SocketAddr) -> Vec<Packet> {
    let IpAddr::V4(address) = target.ip() else {
        return Vec::new();
    };
    let ours = match address.is_loopback() {
        true => address.octets(),
        false => [0; 4],
    };
    // op, htype, hlen, hops; xid; secs, flags; ciaddr; yiaddr, siaddr, giaddr.
    let mut bytes = [
        [1, 1, 6, 0].as_slice(),
        TRANSACTION,
        &[0; 4],
        &ours,
        &[0; 12],
    ]
    .concat();
    // chaddr: an address of local administration; sname and file.
    bytes.extend(b"\x02PORT\x01");
    bytes.extend([0; 10 + 64 + 128]);
    bytes.extend(MAGIC);
    // Option 53: DHCPINFORM; the end.
    bytes.extend([53, 1, 8, 255]);
    vec![Packet {
        name: "dhcp DHCPINFORM".into(),
        bytes: bytes.into(),
    }]
}

/// Wants a BOOTREPLY with our transaction, the magic cookie and the type of a server's message.
fn recognise(received: &[u8]) -> Match {
    let head = received
        .get(..8)
        .is_some_and(|head| head.starts_with(&[2, 1, 6]) && head.ends_with(TRANSACTION));
    let Some(mut options) = received.get(240..) else {
        return Match::No;
    };
    if !head || received.get(236..240) != Some(MAGIC) {
        return Match::No;
    }
    while let [code, rest @ ..] = options {
        options = match (code, rest) {
            (0, rest) => rest,
            // DHCPOFFER, DHCPACK and DHCPNAK are what servers send.
            (53, [1, 2 | 5 | 6, ..]) => {
                return Match::Proven(Box::new(Proof {
                    rule: "BOOTREPLY of RFC 2131 §2 with our transaction and a message type".into(),
                    ..Proof::default()
                }));
            }
            (255, _) | (_, []) => break,
            (_, [length, data @ ..]) => match data.get(usize::from(*length)..) {
                None => break,
                Some(rest) => rest,
            },
        };
    }
    Match::No
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made after RFC 2131's figure 1 and RFC 2132 §9.6.
    fn answer() -> Vec<u8> {
        let question = first(([127, 0, 0, 1], 67).into()).remove(0);
        let mut answer = question.bytes.into_owned();
        answer[0] = 2;
        answer.truncate(240);
        answer.extend([0, 54, 4, 127, 0, 0, 1, 53, 1, 5, 255]);
        answer
    }

    #[test]
    fn an_acknowledgement_with_our_transaction_proves_it() {
        assert!(matches!(recognise(&answer()), Match::Proven(_)));
        for (at, to) in [(0, 1), (4, 0), (236, 0), (249, 8)] {
            let mut other = answer();
            other[at] = to;
            assert_eq!(recognise(&other), Match::No, "{at}");
        }
        for end in 0..answer().len() - 1 {
            let proven = matches!(recognise(&answer()[..end]), Match::Proven(_));
            assert_eq!(proven, end > 249, "{end}");
        }
    }
}
