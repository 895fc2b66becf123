//! SOCKS 5: the choice of a method, and a request whose destination cannot be, RFC 1928 §3, §4
//! and §6. Tor's port also answers a web browser, with a page of its own.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream, wire};
use crate::product::Told;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "socks",
    safety: Safety::Polite,
    stream: Some(Stream {
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// One method: no authentication.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "socks methods".into(),
        bytes: [5, 1, 0].as_slice().into(),
    }
}

/// What Tor answers to `GET` at its SOCKS port; learnt from Tor 0.4.9.
const TOR_PAGE: &[u8] = b"HTTP/1.0 501 Tor is not an HTTP Proxy\r\n";

/// Wants the chosen method and the reply to the request. A choice alone is two bytes.
pub(super) fn recognise(received: &[u8]) -> Match {
    if received.first() == Some(&b'H') {
        return match (
            wire::opens(received, TOR_PAGE),
            received.len() < TOR_PAGE.len(),
        ) {
            (false, _) => Match::No,
            (true, true) => Match::Partial,
            (true, false) => {
                let told = (
                    Told::new("tor", None, None),
                    "the page for web browsers is Tor's",
                );
                Match::Proven(Box::new(wire::proof(
                    "Tor's page at a SOCKS port",
                    Some(told),
                )))
            }
        };
    }
    match received {
        [] | [5] | [5, 0, ..] => wire::settled(reply(received)),
        // No acceptable method: who comes is to say who they are.
        [5, 0xff] => Match::Likely(Box::new(Proof {
            rule: "a method is chosen as RFC 1928 §3 has it".into(),
            unauthenticated: Some(false),
            ..Proof::default()
        })),
        _ => Match::No,
    }
}

fn reply(received: &[u8]) -> Option<Match> {
    let mut rest = wire::Wire(received);
    rest.take(2)?;
    let (version, reply, reserved) = (rest.u8()?, rest.u8()?, rest.u8()?);
    let kind = rest.u8()?;
    if version != 5 || !matches!(reply, 1..=8) || reserved != 0 {
        return Some(Match::No);
    }
    // The bound address and port, which mean nothing where a request fails.
    let bound = match kind {
        1 => rest.take(6)?,
        3 => {
            let length = rest.u8()?;
            rest.take(usize::from(length) + 2)?
        }
        4 => rest.take(18)?,
        _ => return Some(Match::No),
    };
    (!bound.is_empty()).then(|| {
        Match::Proven(Box::new(Proof {
            unauthenticated: Some(true),
            ..wire::proof("method and refusing reply of RFC 1928 §6", None)
        }))
    })
}

/// CONNECT to a name of no letters at port 0: there is nothing to resolve and nothing to dial.
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    (followed == 0 && received == [5, 0]).then(|| Packet {
        name: "socks CONNECT to nowhere".into(),
        bytes: [5, 1, 0, 3, 0, 0, 0].as_slice().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tors_page_is_no_web_server() {
        let page = [
            TOR_PAGE,
            b"Content-Type: text/html; charset=iso-8859-1\r\n\r\n<html>",
        ]
        .concat();
        assert_eq!(crate::protocol::http::recognise(&page), Match::No);
        let Match::Proven(proof) = recognise(&page) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("tor"));
    }

    #[test]
    fn a_choice_of_method_alone_is_not_proof() {
        assert_eq!(recognise(&[5, 0]), Match::Partial);
        assert!(matches!(recognise(&[5, 0xff]), Match::Likely(_)));
        assert_eq!(recognise(&[5, 7]), Match::No);
        let refused = [5, 0, 5, 8, 0, 1, 0, 0, 0, 0, 0, 0];
        assert!(matches!(recognise(&refused), Match::Proven(_)));
        // A request that cannot succeed did.
        assert_eq!(recognise(&[5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]), Match::No);
    }
}
