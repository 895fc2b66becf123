//! SIP, RFC 3261: the response to OPTIONS (§11), which asks what a server can do and begins no
//! call. It repeats our Call-ID and CSeq (§8.2.6.2).

use std::net::SocketAddr;

use super::status::{self, Head, Read};
use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "sip",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: Some(Datagram::asked(first_datagram, recognise)),
};

const CALL: &str = "portolan-options-1";

fn first(target: SocketAddr) -> Packet {
    options(target, "TCP")
}

/// `rport` (RFC 3581) has the answer come back to the port that asked.
fn first_datagram(target: SocketAddr) -> Vec<Packet> {
    vec![options(target, "UDP")]
}

fn options(target: SocketAddr, transport: &str) -> Packet {
    let text = format!(
        "OPTIONS sip:{target} SIP/2.0\r\n\
         Via: SIP/2.0/{transport} portolan.invalid;branch=z9hG4bKportolan1;rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:portolan@portolan.invalid>;tag=portolan\r\n\
         To: <sip:{target}>\r\nCall-ID: {CALL}\r\nCSeq: 1 OPTIONS\r\n\
         Contact: <sip:portolan@portolan.invalid>\r\nAccept: application/sdp\r\n\
         Content-Length: 0\r\n\r\n"
    );
    Packet {
        name: "sip OPTIONS".into(),
        bytes: text.into_bytes().into(),
    }
}

fn recognise(received: &[u8]) -> Match {
    match status::read(received, "SIP/2.0 ") {
        Read::No => Match::No,
        Read::Partial => Match::Partial,
        Read::Whole(head) => answer(&head),
    }
}

fn answer(head: &Head<'_>) -> Match {
    let call = head.field("Call-ID").or_else(|| head.field("i"));
    let sequence = head.field("CSeq").unwrap_or("");
    if call != Some(CALL) || sequence.split_ascii_whitespace().ne(["1", "OPTIONS"]) {
        return Match::No;
    }
    let found = product::told("sip", &|field| head.values(field));
    let (told, because) = found.unzip();
    Match::Proven(Box::new(Proof {
        rule: "response of RFC 3261 §8.2.6 to our OPTIONS".into(),
        told: vec![format!("status: {}", head.code)],
        ..product::proof(told, because.unwrap_or_default())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After the example of RFC 3261 §11.2, with our own fields.
    const ANSWER: &[u8] = b"SIP/2.0 200 OK\r\n\
        Via: SIP/2.0/UDP portolan.invalid;branch=z9hG4bKportolan1;received=192.0.2.4\r\n\
        To: <sip:carol@chicago.com>;tag=93810874\r\nFrom: <sip:portolan@portolan.invalid>;tag=portolan\r\n\
        Call-ID: portolan-options-1\r\nCSeq: 1 OPTIONS\r\nAllow: INVITE, ACK, CANCEL, OPTIONS, BYE\r\n\
        Server: example/1\r\n\r\n";

    #[test]
    fn a_response_to_our_options_proves_it() {
        assert!(matches!(recognise(ANSWER), Match::Proven(_)));
        for end in 0..ANSWER.len() {
            assert_eq!(recognise(&ANSWER[..end]), Match::Partial, "{end}");
        }
        let text = String::from_utf8_lossy(ANSWER);
        for (from, to) in [
            ("1 OPTIONS", "1 INVITE"),
            ("portolan-options-1", "else"),
            ("SIP/2.0 200", "RTSP/1.0 200"),
            ("SIP/2.0 200", "SIP/2.0 2000"),
        ] {
            let other = text.replacen(from, to, 1);
            assert_eq!(recognise(other.as_bytes()), Match::No, "{to}");
        }
    }
}
