//! RTSP, RFC 2326 and RFC 7826: the response to OPTIONS, which repeats our CSeq.

use std::net::SocketAddr;

use super::status::{self, Head, Read};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "rtsp",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// RFC 2326 §10.1: OPTIONS may be asked at any time and changes nothing.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "rtsp OPTIONS".into(),
        bytes: b"OPTIONS * RTSP/1.0\r\nCSeq: 7031\r\n\r\n"
            .as_slice()
            .into(),
    }
}

/// Wants the status line of either version and our CSeq; an error may be without it
/// (RFC 7826 §20.3 where the request could not be read), and is then known by its status line.
fn recognise(received: &[u8]) -> Match {
    let mut partial = false;
    for version in ["RTSP/1.0 ", "RTSP/2.0 "] {
        match status::read(received, version) {
            Read::No => {}
            Read::Partial => partial = true,
            Read::Whole(head) => return answer(&head),
        }
    }
    match partial {
        true => Match::Partial,
        false => Match::No,
    }
}

fn answer(head: &Head<'_>) -> Match {
    match head.field("CSeq") {
        Some("7031") => {}
        None if head.code >= 400 => {}
        _ => return Match::No,
    }
    let (told, because) = product::told("rtsp", &|field| head.values(field)).unzip();
    Match::Proven(Box::new(Proof {
        rule: "response of RFC 2326 §7 to our OPTIONS".into(),
        told: head
            .field("Public")
            .map(|methods| format!("methods: {}", methods.chars().take(180).collect::<String>()))
            .into_iter()
            .collect(),
        ..product::proof(told, because.unwrap_or_default())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_2326_proves_it() {
        let answer = b"RTSP/1.0 200 OK\r\nCSeq: 7031\r\nPublic: DESCRIBE, SETUP, TEARDOWN, PLAY, PAUSE\r\n\r\n";
        assert!(matches!(recognise(answer), Match::Proven(_)));
        for end in 0..answer.len() {
            assert_eq!(recognise(&answer[..end]), Match::Partial, "{end}");
        }
        for other in [
            b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n".as_slice(),
            b"RTSP/1.0 200 OK\r\nno field\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nCSeq: 7031\r\n\r\n",
            b"RTSP/3.0 200 OK\r\nCSeq: 7031\r\n\r\n",
        ] {
            assert_eq!(recognise(other), Match::No);
        }
        let error = b"RTSP/1.0 400 Bad Request\r\nServer: x\r\n\r\n";
        assert!(matches!(recognise(error), Match::Proven(_)));
    }
}
