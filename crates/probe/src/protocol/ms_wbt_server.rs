//! RDP: an X.224 connection request and its confirmation, [MS-RDPBCGR] §2.2.1.1 and §2.2.1.2.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream, Upgrade, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ms-wbt-server",
    safety: Safety::Polite,
    stream: Some(Stream {
        upgrade: Some(upgrade),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// Requests TLS or CredSSP (§2.2.1.1.1), within X.224 and TPKT.
const REQUEST: &[u8] = b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0";

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "ms-wbt-server connection request".into(),
        bytes: REQUEST.into(),
    }
}

/// Wants the confirmation with RDP's own response or failure. A bare one is X.224's, which
/// other protocols speak as well.
pub(super) fn recognise(received: &[u8]) -> Match {
    match negotiated(received) {
        Negotiated::No => Match::No,
        Negotiated::Partial => Match::Partial,
        Negotiated::Bare => Match::Likely(Box::new(Proof {
            rule: "bare X.224 connection confirm, as RDP before version 5.2".into(),
            ..Proof::default()
        })),
        Negotiated::Chosen(protocol) => Match::Proven(Box::new(Proof {
            rule: "RDP negotiation response of [MS-RDPBCGR] §2.2.1.2.1".into(),
            starttls: protocol != 0,
            told: wire::lines([match protocol {
                0 => "standard RDP security".to_owned(),
                1 => "TLS security".to_owned(),
                _ => "CredSSP security".to_owned(),
            }]),
            ..Proof::default()
        })),
        Negotiated::Failed(code) => Match::Proven(Box::new(Proof {
            rule: "RDP negotiation failure of [MS-RDPBCGR] §2.2.1.2.2".into(),
            told: wire::lines([format!("negotiation failure {code}")]),
            ..Proof::default()
        })),
    }
}

enum Negotiated {
    No,
    Partial,
    /// No negotiation data.
    Bare,
    /// The selected protocol.
    Chosen(u32),
    /// The failure's code.
    Failed(u32),
}

fn negotiated(received: &[u8]) -> Negotiated {
    const BARE: &[u8] = b"\x03\0\0\x0b\x06\xd0\0\0";
    const FULL: &[u8] = b"\x03\0\0\x13\x0e\xd0\0\0";
    let bare = wire::opens(received, BARE);
    if !bare && !wire::opens(received, FULL) {
        return Negotiated::No;
    }
    // The server's reference, and class 0.
    if received.get(10).is_some_and(|&class| class != 0) {
        return Negotiated::No;
    }
    match (received.get(11..19), bare && received.len() >= 11) {
        (_, true) => Negotiated::Bare,
        (None, _) => match received.get(11) {
            None | Some(2 | 3) => Negotiated::Partial,
            Some(_) => Negotiated::No,
        },
        (Some([kind, _flags, 8, 0, a, b, c, d]), _) => {
            match (kind, u32::from_le_bytes([*a, *b, *c, *d])) {
                (2, protocol @ (0 | 1 | 2 | 8)) => Negotiated::Chosen(protocol),
                (3, code @ 1..=6) => Negotiated::Failed(code),
                _ => Negotiated::No,
            }
        }
        _ => Negotiated::No,
    }
}

/// TLS begins right after the confirmation that selects it, §5.4.5.1.
fn upgrade(received: &[u8], sent: usize, target: SocketAddr) -> Upgrade {
    match negotiated(received) {
        _ if sent == 0 => Upgrade::Say(first(target)),
        Negotiated::Partial => Upgrade::Wait,
        Negotiated::Chosen(1 | 2 | 8) => Upgrade::Ready,
        _ => Upgrade::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_ready_once_it_is_selected() {
        let target = SocketAddr::from(([127, 0, 0, 1], 3389));
        let confirm = b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\x1f\x08\0\x02\0\0\0";
        assert_eq!(upgrade(b"", 0, target), Upgrade::Say(first(target)));
        assert_eq!(upgrade(&confirm[..12], 1, target), Upgrade::Wait);
        assert_eq!(upgrade(confirm, 1, target), Upgrade::Ready);
        let bare = b"\x03\0\0\x0b\x06\xd0\0\0\x12\x34\0";
        assert_eq!(upgrade(bare, 1, target), Upgrade::Refused);
        assert!(matches!(recognise(bare), Match::Likely(_)));
    }
}
