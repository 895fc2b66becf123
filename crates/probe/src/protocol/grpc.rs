//! gRPC over HTTP/2: told by `grpc-status` or its content type in the answer to a call of no
//! method (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md, Responses).

use super::h2::{self, Kind, Session};
use super::{Match, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "grpc",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        // The plain GET of HTTP/2 is refused by it in a way of its own, and the call follows.
        drawn_by: &["h2"],
        follow: h2::follow,
        ..Stream::asked(h2::first, recognise)
    }),
    datagram: None,
};

fn recognise(received: &[u8]) -> Match {
    let session = match Session::read(received) {
        Ok(Some(session)) => session,
        Ok(None) => return Match::Partial,
        Err(()) => return Match::No,
    };
    match h2::kind(&session) {
        Kind::Grpc => {
            let (told, how) = h2::told(&session).unzip();
            Match::Proven(Box::new(Proof {
                rule: "grpc-status or content type of gRPC over HTTP/2".into(),
                ..product::proof(told, how.unwrap_or(""))
            }))
        }
        Kind::Web => Match::No,
        Kind::Open | Kind::Refused if session.broken => Match::No,
        Kind::Open | Kind::Refused => Match::Partial,
    }
}
