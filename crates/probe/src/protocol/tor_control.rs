//! Tor's control port: PROTOCOLINFO, the one question that is answered before anybody
//! authenticates, Tor control protocol specification §3.21.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream, wire};
use crate::product::Told;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "tor-control",
    safety: Safety::Polite,
    stream: Some(Stream {
        drawn_by: &["http"],
        farewell: Some(b"QUIT\r\n"),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "tor-control PROTOCOLINFO".into(),
        bytes: b"PROTOCOLINFO 1\r\n".as_slice().into(),
    }
}

/// What the port answers to `GET`; learnt from Tor 0.4.9.
const PAGE: &[u8] = b"HTTP/1.0 501 Tor ControlPort is not an HTTP proxy\r\n";
const HEAD: &[u8] = b"250-PROTOCOLINFO 1\r\n";
const LONGEST: usize = 4096;

/// Wants the reply to PROTOCOLINFO with its last line, or the page for web browsers.
pub(super) fn recognise(received: &[u8]) -> Match {
    if !wire::opens(received, HEAD) {
        return match (wire::opens(received, PAGE), received.len() < PAGE.len()) {
            (false, _) => Match::No,
            (true, true) => Match::Partial,
            (true, false) => {
                let told = (
                    Told::new("tor", None, None),
                    "the page for web browsers is Tor's",
                );
                Match::Proven(Box::new(wire::proof(
                    "Tor's page at a control port",
                    Some(told),
                )))
            }
        };
    }
    const END: &[u8] = b"\r\n250 OK\r\n";
    let end = received.windows(END.len()).position(|w| w == END);
    let reply = received.get(..end.unwrap_or(received.len()));
    let lines = reply.and_then(|r| std::str::from_utf8(r).ok());
    let is_text = |c: char| matches!(c, '\r' | '\n' | ' '..='~');
    let Some(lines) = lines.filter(|l| l.len() < LONGEST && l.chars().all(is_text)) else {
        return Match::No;
    };
    if end.is_none() {
        return Match::Partial;
    }
    let field = |name: &str| lines.split("\r\n").find_map(|l| l.strip_prefix(name));
    let version = field("250-VERSION Tor=\"").and_then(|v| v.split(['"', ' ']).next());
    let Some(version) = version else {
        return Match::No;
    };
    let methods = field("250-AUTH METHODS=").and_then(|m| m.split(' ').next());
    let told = Told::new("tor", Some(version), Some("torproject:tor"));
    Match::Proven(Box::new(Proof {
        unauthenticated: methods.map(|m| m.split(',').any(|m| m == "NULL")),
        ..wire::proof(
            "reply to PROTOCOLINFO of the Tor control protocol §3.21",
            Some((told, "the VERSION line of the reply")),
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_for_browsers_is_no_web_server() {
        let page = [
            PAGE,
            b"Content-Type: text/html; charset=iso-8859-1\r\n\r\n<html>",
        ]
        .concat();
        assert_eq!(crate::protocol::http::recognise(&page), Match::No);
        assert!(
            matches!(recognise(&page), Match::Proven(p) if p.product.as_deref() == Some("tor"))
        );
    }
}
