//! SPICE: the link that a client asks for, and the server's reply, which comes before any
//! ticket, "Spice Remote Computing Protocol Definition" §11 ("Channel Connection").

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "spice",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// RedLinkMess: version 2.2, no session, the main channel, and no capabilities.
const LINK: &[u8] = b"REDQ\x02\0\0\0\x02\0\0\0\x12\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\x12\0\0\0";

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "spice link".into(),
        bytes: LINK.into(),
    }
}

/// Wants RedLinkReply: the mark, a version, and an error of the specification.
pub(super) fn recognise(received: &[u8]) -> Match {
    wire::settled(read(received))
}

fn read(received: &[u8]) -> Option<Match> {
    let mut rest = wire::Wire(received);
    if !wire::opens(received, b"REDQ") {
        return Some(Match::No);
    }
    rest.take(4)?;
    let (major, minor) = (rest.u32_le()?, rest.u32_le()?);
    let (size, error) = (rest.u32_le()?, rest.u32_le()?);
    let sound = matches!(major, 1..=2) && minor < 16 && (4..=4096).contains(&size) && error <= 10;
    Some(match sound {
        false => Match::No,
        true => Match::Proven(Box::new(Proof {
            // SPICE_LINK_ERR_NEED_SECURED.
            wants_tls: error == 5,
            told: wire::lines([format!("protocol {major}.{minor}")]),
            ..wire::proof("RedLinkReply of the SPICE protocol", None)
        })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_of_the_specification() {
        let reply = b"REDQ\x02\0\0\0\x02\0\0\0\xba\0\0\0\0\0\0\0";
        for end in 0..reply.len() {
            assert_eq!(recognise(&reply[..end]), Match::Partial, "{end}");
        }
        assert!(matches!(recognise(reply), Match::Proven(_)));
        assert_eq!(
            recognise(b"REDQ\x09\0\0\0\x02\0\0\0\xba\0\0\0\0\0\0\0"),
            Match::No
        );
        assert_eq!(LINK.len(), 16 + 0x12);
    }
}
