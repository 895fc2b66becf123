//! S7 communication of Siemens' controllers: a connection of ISO transport class 0 (RFC 1006, ITU-T
//! X.224) and the set-up of S7, as Wireshark's description of S7comm and the Snap7 project have
//! it. What it reaches runs a machine: safety full.

use std::net::SocketAddr;

use super::{Match, Packet, Protocol, Safety, Stream, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "s7",
    safety: Safety::Full,
    stream: Some(Stream {
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// Connection request from TSAP 1.0 (a programming device) to rack 0, slot 2.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "s7 connection request".into(),
        bytes: b"\x03\0\0\x16\x11\xe0\0\0\x50\x4f\0\xc0\x01\x0a\xc1\x02\x01\0\xc2\x02\x01\x02"
            .as_slice()
            .into(),
    }
}

/// Wants the confirmation of our reference and S7's acknowledgement of the set-up.
pub(super) fn recognise(received: &[u8]) -> Match {
    wire::settled(read(received))
}

fn read(received: &[u8]) -> Option<Match> {
    let mut rest = wire::Wire(received);
    let no = Some(Match::No);
    if !wire::opens(received, &[3, 0, 0]) {
        return no;
    }
    rest.take(3)?;
    let length = usize::from(rest.u8()?);
    if !(11..=64).contains(&length) {
        return no;
    }
    let mut confirm = wire::Wire(rest.0);
    confirm.u8()?;
    if !wire::opens(confirm.0, b"\xd0\x50\x4f") {
        return no;
    }
    rest.take(length - 4)?;
    if !wire::opens(rest.0, &[3, 0, 0, 27, 2, 0xf0, 0x80, 0x32, 3, 0, 0]) {
        return no;
    }
    let answer = rest.take(27)?;
    // The reference of our message, and function 0xf0 of it.
    let ours = answer.get(11..13) == Some(b"PO") && answer.get(19) == Some(&0xf0);
    Some(match ours {
        true => wire::proven("acknowledged set-up of S7 communication"),
        false => Match::No,
    })
}

/// Set-up communication: one job each way, and packets of 480 bytes.
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let confirmed = matches!(received, [3, 0, 0, length, _, 0xd0, 0x50, 0x4f, ..]
        if received.len() == usize::from(*length));
    (confirmed && followed == 0).then(|| Packet {
        name: "s7 set-up communication".into(),
        bytes: b"\x03\0\0\x19\x02\xf0\x80\x32\x01\0\0PO\0\x08\0\0\xf0\0\0\x01\0\x01\x01\xe0"
            .as_slice()
            .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmed_connection_alone_is_not_s7() {
        let target = SocketAddr::from(([127, 0, 0, 1], 102));
        let confirm =
            b"\x03\0\0\x16\x11\xd0\x50\x4f\0\x02\0\xc0\x01\x0a\xc1\x02\x01\0\xc2\x02\x01\x02";
        assert_eq!(recognise(confirm), Match::Partial);
        assert_eq!(follow(confirm, 0, target).unwrap().bytes.len(), 25);
        let setup = b"\x03\0\0\x1b\x02\xf0\x80\x32\x03\0\0PO\0\x08\0\0\0\0\xf0\0\0\x01\0\x01\0\xf0";
        let whole = [confirm.as_slice(), setup].concat();
        for end in 0..whole.len() {
            assert_eq!(recognise(&whole[..end]), Match::Partial, "{end}");
        }
        assert!(matches!(recognise(&whole), Match::Proven(_)));
    }
}
