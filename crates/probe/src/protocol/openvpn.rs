//! OpenVPN: the reset that begins a session, and the server's own, "OpenVPN Wire Protocol"
//! (doc/doxygen/doc_protocol_overview.h). A server with tls-auth or tls-crypt stays silent.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Protocol, Safety, Stream, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "openvpn",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: Some(Datagram::asked(
        |_| vec![packet(RESET.into())],
        |received| wire::settled(read(received, true)),
    )),
};

/// P_CONTROL_HARD_RESET_CLIENT_V2 with key 0, our session, no acknowledgements, and packet 0.
const RESET: &[u8] = b"\x38PORTOLAN\0\0\0\0\0";

/// P_CONTROL_HARD_RESET_SERVER_V2 with key 0.
const ANSWER: u8 = 8 << 3;

fn packet(bytes: Vec<u8>) -> Packet {
    Packet {
        name: "openvpn client reset".into(),
        bytes: bytes.into(),
    }
}

fn first(_target: SocketAddr) -> Packet {
    // Over TCP each packet stands behind its length.
    packet([&[0, 14], RESET].concat())
}

/// Wants the server's reset that acknowledges our packet of our session.
pub(super) fn recognise(received: &[u8]) -> Match {
    let mut rest = wire::Wire(received);
    match rest.u16() {
        None if wire::opens(received, &[0]) => Match::Partial,
        Some(26..=64) => wire::settled(read(rest.0, false)),
        _ => Match::No,
    }
}

fn read(received: &[u8], whole: bool) -> Option<Match> {
    let no = Some(Match::No);
    let mut rest = wire::Wire(received);
    if whole && received.len() < 26 {
        return no;
    }
    if rest.u8()? != ANSWER {
        return no;
    }
    rest.take(8)?;
    // One acknowledgement, of packet 0 of our session; then the server's own packet 0.
    if !wire::opens(rest.0, b"\x01\0\0\0\0PORTOLAN\0\0\0\0") {
        return no;
    }
    rest.take(17)?;
    Some(wire::proven(
        "P_CONTROL_HARD_RESET_SERVER_V2 that acknowledges our session",
    ))
}
