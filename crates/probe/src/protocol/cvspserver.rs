//! CVS's pserver: the complaint about a line that begins no authentication, "CVS Client/Server"
//! ("Connection and Authentication"). No login is tried.

use std::net::SocketAddr;

use super::{Match, Packet, Protocol, Safety, Stream, wire};
use crate::product::Told;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "cvspserver",
    safety: Safety::Polite,
    stream: Some(Stream {
        drawn_by: &["http"],
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "cvspserver empty line".into(),
        bytes: b"\n".as_slice().into(),
    }
}

/// Wants `cvs [pserver aborted]: bad auth protocol start: …`, whole.
pub(super) fn recognise(received: &[u8]) -> Match {
    const COMPLAINT: &[u8] = b"cvs [pserver aborted]: bad auth protocol start: ";
    match (
        wire::opens(received, COMPLAINT),
        received.len() < COMPLAINT.len(),
    ) {
        (false, _) => Match::No,
        (true, true) => Match::Partial,
        (true, false) => {
            let told = (
                Told::new("cvs", None, None),
                "it names itself in its complaint",
            );
            let rule = "a pserver's complaint about the first line";
            Match::Proven(Box::new(wire::proof(rule, Some(told))))
        }
    }
}
