//! DCE/RPC's endpoint mapper: a bind to its interface, answered by bind_ack or bind_nak, C706
//! ("DCE 1.1: Remote Procedure Call") §12.6.4. Nothing is called.

use std::net::SocketAddr;

use super::{Match, Packet, Protocol, Safety, Stream, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "epmap",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// bind, call 0x504f5254, one context: interface e1af8308-5d1f-11c9-91a4-08002b14a0fa 3.0
/// (appendix O) in NDR.
const BIND: &[u8] = b"\x05\0\x0b\x03\x10\0\0\0\x48\0\0\0TROP\xb8\x10\xb8\x10\0\0\0\0\
    \x01\0\0\0\0\0\x01\0\x08\x83\xaf\xe1\x1f\x5d\xc9\x11\x91\xa4\x08\0\x2b\x14\xa0\xfa\x03\0\0\0\
    \x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\0\x2b\x10\x48\x60\x02\0\0\0";

const NDR: &[u8] = b"\x04\x5d\x88\x8a\xeb\x1c\xc9\x11\x9f\xe8\x08\0\x2b\x10\x48\x60\x02\0\0\0";

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "epmap bind".into(),
        bytes: BIND.into(),
    }
}

/// Wants bind_ack to our call that accepts the endpoint mapper's interface.
pub(super) fn recognise(received: &[u8]) -> Match {
    wire::settled(read(received))
}

fn read(received: &[u8]) -> Option<Match> {
    let mut rest = wire::Wire(received);
    if !wire::opens(received, b"\x05\0\x0c") {
        return Some(Match::No);
    }
    rest.take(3)?;
    let _flags = rest.u8()?;
    if rest.take(4)? != [0x10, 0, 0, 0] {
        return Some(Match::No);
    }
    let length = usize::from(rest.u16_le()?);
    rest.u16_le()?;
    if rest.take(4)? != b"TROP" || !(60..=1024).contains(&length) {
        return Some(Match::No);
    }
    Some(match accepted(rest.take(length - 16)?) {
        Some(true) => wire::proven("bind_ack to the endpoint mapper's interface, C706 §12.6.4.4"),
        _ => Match::No,
    })
}

/// Reads the body: sizes and group, the secondary address, and the result of each context.
fn accepted(body: &[u8]) -> Option<bool> {
    let mut rest = wire::Wire(body);
    rest.take(8)?;
    let address = usize::from(rest.u16_le()?);
    rest.take(address)?;
    // The results are aligned to four, and the body begins at 16.
    rest.take((4 - (10 + address) % 4) % 4)?;
    let results = rest.u32_le()? & 0xff;
    let result = rest.u16_le()?;
    rest.u16_le()?;
    Some(results == 1 && result == 0 && rest.take(20)? == NDR)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// bind_ack as C706 §12.6.4.4 lays it out, with the secondary address "135".
    fn ack(result: u8) -> Vec<u8> {
        let head =
            b"\x05\0\x0c\x03\x10\0\0\0\x3c\0\0\0TROP\xb8\x10\xb8\x10\x01\0\0\0\x04\x00135\0\0\0";
        [head.as_slice(), &[1, 0, 0, 0, result, 0, 0, 0], NDR].concat()
    }

    #[test]
    fn only_an_accepted_bind_is_the_endpoint_mapper() {
        let whole = ack(0);
        assert_eq!(whole.len(), 0x3c);
        assert!(matches!(recognise(&whole), Match::Proven(_)));
        for end in 0..whole.len() {
            assert_eq!(recognise(&whole[..end]), Match::Partial, "{end}");
        }
        assert_eq!(recognise(&ack(2)), Match::No);
        assert_eq!(BIND.len(), 0x48);
    }
}
