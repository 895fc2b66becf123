//! L2TP version 2 over UDP: a tunnel is asked for (SCCRQ), and given up as soon as the answer has
//! come (StopCCN), RFC 2661 §3.1, §4.1 and §6.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "l2tp",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram {
        follow,
        ..Datagram::asked(first, recognise)
    }),
};

/// The number of our end of the tunnel, "PO".
const TUNNEL: u16 = 0x504f;

/// SCCRQ (§6.1): message type 1, protocol version 1.0, framing, host name and assigned tunnel.
const SCCRQ: &[u8] = b"\xc8\x02\0\x3c\0\0\0\0\0\0\0\0\
    \x80\x08\0\0\0\0\0\x01\x80\x08\0\0\0\x02\x01\0\x80\x0a\0\0\0\x03\0\0\0\x03\
    \x80\x0e\0\0\0\x07portolan\x80\x08\0\0\0\x09PO";

fn first(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "l2tp SCCRQ".into(),
        bytes: SCCRQ.into(),
    }]
}

/// Wants a control message to our tunnel, made of whole AVPs, that is SCCRP or StopCCN.
fn recognise(received: &[u8]) -> Match {
    let Some(answer) = read(received) else {
        return Match::No;
    };
    let lines = [("host name", &answer.host), ("vendor", &answer.vendor)];
    let lines = lines.iter().filter(|(_, text)| !text.is_empty());
    Match::Proven(Box::new(Proof {
        told: wire::lines(lines.map(|(what, text)| format!("{what} {text}"))),
        ..wire::proof("control message of RFC 2661 §6 to our tunnel", None)
    }))
}

struct Answer {
    /// 2 for SCCRP, 4 for StopCCN.
    kind: u16,
    host: String,
    vendor: String,
    /// The number of its end of the tunnel.
    tunnel: u16,
}

fn read(received: &[u8]) -> Option<Answer> {
    let mut rest = wire::Wire(received);
    let flags = rest.u16()?;
    let length = usize::from(rest.u16()?);
    let (tunnel, session) = (rest.u16()?, rest.u16()?);
    rest.take(4)?;
    // T, L and S are set, and the version is 2.
    if flags & 0xcf0f != 0xc802 || length != received.len() || tunnel != TUNNEL || session != 0 {
        return None;
    }
    let mut answer = Answer {
        kind: 0,
        host: String::new(),
        vendor: String::new(),
        tunnel: 0,
    };
    while !rest.0.is_empty() {
        let (head, vendor, kind) = (rest.u16()?, rest.u16()?, rest.u16()?);
        let value = rest.take(usize::from(head & 0x3ff).checked_sub(6)?)?;
        let number = || wire::Wire(value).u16();
        match (vendor, kind) {
            (0, 0) if answer.kind == 0 => answer.kind = number()?,
            _ if answer.kind == 0 => return None,
            (0, 7) => answer.host = wire::text(value),
            (0, 8) => answer.vendor = wire::text(value),
            (0, 9) => answer.tunnel = number()?,
            _ => {}
        }
    }
    matches!(answer.kind, 2 | 4).then_some(answer)
}

/// StopCCN (§6.4) with our tunnel and result 1, "General request to clear control connection".
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let answer = read(received).filter(|answer| answer.kind == 2 && followed == 0)?;
    let stop =
        b"\0\0\0\x01\0\x01\x80\x08\0\0\0\0\0\x04\x80\x08\0\0\0\x09PO\x80\x08\0\0\0\x01\0\x01";
    Some(Packet {
        name: "l2tp StopCCN".into(),
        bytes: [
            b"\xc8\x02\0\x24".as_slice(),
            &answer.tunnel.to_be_bytes(),
            stop,
        ]
        .concat()
        .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tunnel_that_is_granted_is_given_up() {
        let target = SocketAddr::from(([127, 0, 0, 1], 1701));
        let avps = b"\x80\x08\0\0\0\0\0\x02\x80\x08\0\0\0\x02\x01\0\x80\x09\0\0\0\x07lns\
            \0\x0e\0\0\0\x08MikroTik\x80\x08\0\0\0\x09\x12\x34";
        let length = u8::try_from(12 + avps.len()).unwrap();
        let head = [0xc8, 2, 0, length, b'P', b'O', 0, 0, 0, 0, 0, 1];
        let answer = [head.as_slice(), avps].concat();
        let Match::Proven(proof) = recognise(&answer) else {
            panic!("not proven");
        };
        assert_eq!(proof.told, ["host name lns", "vendor MikroTik"]);
        let stop = follow(&answer, 0, target).unwrap();
        assert_eq!(stop.bytes.get(4..6), Some([0x12, 0x34].as_slice()));
        assert_eq!(stop.bytes.len(), 0x24);
        assert_eq!(SCCRQ.len(), 0x3c);
        for end in 0..answer.len() {
            assert_eq!(recognise(&answer[..end]), Match::No, "{end}");
        }
    }
}
