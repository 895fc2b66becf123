//! WebSocket, RFC 6455: told by its handshake, or by the answer of one who wants nothing else.

use std::net::SocketAddr;

use super::http::answer::{Answer, Answers};
use super::http::follow_up::{Asked, told};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "websocket",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        // A plain GET of an endpoint that is nothing else is refused in its own terms.
        drawn_by: &["http"],
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// The key of the example in RFC 6455 §1.3 and the answer that only this protocol gives to it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &[u8] = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// The opening handshake of RFC 6455 §4.1 for the root.
fn first(target: SocketAddr) -> Packet {
    let version = env!("CARGO_PKG_VERSION");
    let text = format!(
        "GET / HTTP/1.1\r\nHost: {target}\r\nUser-Agent: portolan/{version}\r\n\
         Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\n\
         Sec-WebSocket-Version: 13\r\n\r\n"
    );
    Packet {
        name: "websocket handshake".into(),
        bytes: text.into_bytes().into(),
    }
}

/// Wants an answer of HTTP that [`how`] takes for a WebSocket endpoint's.
fn recognise(received: &[u8]) -> Match {
    let answers = match Answers::parse(received) {
        Ok(answers) => answers.all,
        Err(verdict) => return verdict,
    };
    let Some(rule) = answers.first().and_then(how) else {
        return Match::No;
    };
    let (told, because) = told(answers.get(..1).unwrap_or(&[]), &[Asked::Root]).unzip();
    Match::Proven(Box::new(Proof {
        rule: rule.into(),
        ..product::proof(told, because.unwrap_or(""))
    }))
}

/// Whether the answer is a WebSocket endpoint's, and no other service's.
pub(super) fn is_told(answer: &Answer<'_>) -> bool {
    how(answer).is_some()
}

/// What tells a WebSocket endpoint: the handshake accepted (RFC 6455 §4.2.2), an upgrade to it
/// demanded (426 and its `Upgrade`, RFC 9110 §15.5.22), or a refusal that says which versions it
/// speaks (RFC 6455 §4.4).
fn how(answer: &Answer<'_>) -> Option<&'static str> {
    let upgrade = || {
        answer
            .header("upgrade")
            .any(|v| v.eq_ignore_ascii_case(b"websocket"))
    };
    let says = |name| answer.header(name).next();
    match answer.status {
        101 if upgrade() && says("sec-websocket-accept").as_deref() == Some(ACCEPT) => {
            Some("status 101 and the Sec-WebSocket-Accept of RFC 6455 §4.2.2")
        }
        426 if upgrade() => Some("status 426 with Upgrade: websocket, RFC 9110 §15.5.22"),
        400 | 426 if says("sec-websocket-version").is_some_and(|v| is_versions(&v)) => {
            Some("a refusal with Sec-WebSocket-Version, RFC 6455 §4.4")
        }
        _ => None,
    }
}

/// A list of versions, each 0 to 255 (RFC 6455 §4.3).
fn is_versions(value: &[u8]) -> bool {
    let text = std::str::from_utf8(value).unwrap_or("");
    text.split(',').all(|v| v.trim().parse::<u8>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_6455_is_proven_and_what_lacks_its_answer_is_not() {
        let accepted = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
                        Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
        assert!(matches!(recognise(accepted.as_bytes()), Match::Proven(_)));
        for other in [
            accepted.replace("s3pP", "s3pQ"),
            accepted.replace("101 Switching Protocols", "200 OK"),
            accepted.replace("Upgrade: websocket", "Upgrade: h2c"),
            "HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n\r\n".to_owned(),
            "HTTP/1.1 400 Bad Request\r\nSec-WebSocket-Version: x\r\n\r\n".to_owned(),
        ] {
            assert_eq!(recognise(other.as_bytes()), Match::No, "{other}");
        }
    }

    #[test]
    fn an_endpoint_that_wants_an_upgrade_is_not_plain_http() {
        let refusal = b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\n\
                        Sec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n";
        assert!(matches!(recognise(refusal), Match::Proven(_)));
        assert_eq!(super::super::http::recognise(refusal), Match::No);
    }
}
