//! HTTP/2 without an upgrade (prior knowledge), RFC 9113 §3.3 and §3.4; over TLS as well.

mod hpack;
mod huffman;
mod session;

use std::borrow::Cow;
use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;
pub(super) use hpack::{Header, values};
pub(super) use session::{Event, Reply, Session};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "h2",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        farewell: Some(GOAWAY),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// The preface of a client (§3.4), and SETTINGS that take no pushed answers (§6.5.2).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x06\x04\0\0\0\0\0\0\x02\0\0\0\0";

/// NO_ERROR, and no stream of the server's was seen (§6.8).
const GOAWAY: &[u8] = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// A GET of the root on the first stream.
pub(super) fn first(target: SocketAddr) -> Packet {
    // RFC 7541: :method GET, :scheme http, :path / are 2, 6 and 4 of the static table.
    let mut block = vec![0x82, 0x86, 0x84];
    push_rest(&mut block, target);
    let mut bytes = PREFACE.to_vec();
    push_frame(&mut bytes, 1, 0x05, 1, &block);
    Packet {
        name: "h2 GET /".into(),
        bytes: bytes.into(),
    }
}

/// Where the GET was refused as servers of gRPC refuse it, or the SETTINGS are those of its core
/// (github.com/grpc/grpc, http2_settings: 0xfe03 and 0xfe04), which takes its time to refuse, a call of no method, which none can
/// carry out: a POST of no message to the root, on the second stream.
pub(super) fn follow(received: &[u8], followed: usize, target: SocketAddr) -> Option<Packet> {
    let session = Session::read(received).ok()??;
    if followed > 0 || session.broken || kind(&session) != Kind::Refused {
        return None;
    }
    // :method POST, :scheme http, :path /.
    let mut block = vec![0x83, 0x86, 0x84];
    push_rest(&mut block, target);
    for (name, value) in [("content-type", "application/grpc"), ("te", "trailers")] {
        push_literal(&mut block, name, value);
    }
    let mut bytes = b"\0\0\0\x04\x01\0\0\0\0".to_vec();
    push_frame(&mut bytes, 1, 0x05, 3, &block);
    Some(Packet {
        name: "grpc call of no method".into(),
        bytes: bytes.into(),
    })
}

fn push_rest(block: &mut Vec<u8>, target: SocketAddr) {
    push_literal(block, ":authority", &target.to_string());
    push_literal(
        block,
        "user-agent",
        concat!("portolan/", env!("CARGO_PKG_VERSION")),
    );
}

/// A literal that is not kept, with a name of its own (RFC 7541 §6.2.2); both are short.
fn push_literal(block: &mut Vec<u8>, name: &str, value: &str) {
    block.push(0);
    for text in [name, value] {
        block.push(u8::try_from(text.len()).unwrap_or(0) & 0x7f);
        block.extend_from_slice(text.as_bytes());
    }
}

fn push_frame(bytes: &mut Vec<u8>, kind: u8, flags: u8, stream: u8, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(0).to_be_bytes();
    bytes.extend_from_slice(&length[1..]);
    bytes.extend_from_slice(&[kind, flags, 0, 0, 0, stream]);
    bytes.extend_from_slice(payload);
}

/// What a server turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It has said too little.
    Open,
    /// It refuses a GET as servers of gRPC do.
    Refused,
    /// A server of gRPC.
    Grpc,
    /// Any other.
    Web,
}

/// Judged by the first event that decides, so that no later one takes it back.
pub(super) fn kind(session: &Session) -> Kind {
    let mut kind = match session.of_grpc {
        true => Kind::Refused,
        false => Kind::Open,
    };
    for event in &session.events {
        kind = match (*event, kind) {
            (Event::Answered { reply, stream }, _) => {
                let headers = session.replies.get(reply).map_or(&[][..], |r| &r.headers);
                match () {
                    () if is_grpc(headers) => Kind::Grpc,
                    () if stream == 1 && is_refusal(headers) => Kind::Refused,
                    () => Kind::Web,
                }
            }
            (Event::Reset { stream: 1 }, _) => Kind::Refused,
            (Event::Reset { .. } | Event::GoAway, _) => Kind::Web,
        };
        if matches!(kind, Kind::Grpc | Kind::Web) {
            break;
        }
    }
    kind
}

/// What the specification of gRPC over HTTP/2 has every answer carry: a content type of its own,
/// and the status of the call.
fn is_grpc(headers: &[Header]) -> bool {
    values(headers, "grpc-status").next().is_some()
        || values(headers, "content-type").any(|v| v.starts_with(b"application/grpc"))
}

/// 405 or 415, from somebody who does not say who it is.
fn is_refusal(headers: &[Header]) -> bool {
    let status = values(headers, ":status").next();
    matches!(status.as_deref(), Some(b"405" | b"415")) && values(headers, "server").next().is_none()
}

/// Wants SETTINGS first, as §3.4 has it, and an answer to the GET or GOAWAY after it.
fn recognise(received: &[u8]) -> Match {
    let session = match Session::read(received) {
        Ok(Some(session)) => session,
        Ok(None) => return Match::Partial,
        Err(()) => return Match::No,
    };
    match kind(&session) {
        Kind::Web => proven(&session),
        Kind::Grpc => Match::No,
        Kind::Open | Kind::Refused if session.broken => Match::No,
        // Nobody else acknowledges SETTINGS, but who it is may still be told.
        Kind::Open | Kind::Refused if session.acknowledged => Match::Likely(Box::new(Proof {
            rule: "SETTINGS, and ours acknowledged (RFC 9113 §6.5.3), without an answer".into(),
            ..Proof::default()
        })),
        Kind::Open | Kind::Refused => Match::Partial,
    }
}

fn proven(session: &Session) -> Match {
    let (told, how) = told(session).unzip();
    let gone = session.events.contains(&Event::GoAway);
    let status = session
        .replies
        .first()
        .and_then(|r| values(&r.headers, ":status").next());
    Match::Proven(Box::new(Proof {
        rule: "SETTINGS first (RFC 9113 §3.4), and frames of an answer or GOAWAY".into(),
        unauthenticated: matches!(status.as_deref(), Some(b"401" | b"407")).then_some(false),
        more: !session.broken && !gone && session.replies.first().is_some_and(|r| !r.ended),
        ..product::proof(told, how.unwrap_or(""))
    }))
}

/// The product by the rules of HTTP: its semantics are the same in every version (RFC 9110 §1).
pub(super) fn told(session: &Session) -> Option<(product::Told, &'static str)> {
    let first = session.replies.first()?;
    product::told("http", &|field| values_of(first, field))
}

fn values_of<'a>(reply: &'a Reply, field: &str) -> Vec<Cow<'a, [u8]>> {
    match field {
        "@names" => {
            let names = reply.headers.iter().map(|(name, _)| name.as_slice());
            let names: Vec<&[u8]> = names.filter(|n| !n.starts_with(b":")).collect();
            vec![Cow::Owned(names.join(&b'\n'))]
        }
        "@body" => vec![Cow::Borrowed(reply.body.as_slice())],
        "@title" => super::http::answer::title(&reply.body)
            .map(Cow::Owned)
            .into_iter()
            .collect(),
        name => values(&reply.headers, name).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SETTINGS of no parameter, and its acknowledgement.
    const GREETING: &[u8] = b"\0\0\0\x04\0\0\0\0\0\0\0\0\x04\x01\0\0\0\0";

    fn after(frames: &[&[u8]]) -> Match {
        recognise(&[GREETING, &frames.concat()].concat())
    }

    fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        push_frame(&mut bytes, kind, flags, stream, payload);
        bytes
    }

    #[test]
    fn settings_alone_prove_nothing_and_goaway_after_them_does() {
        assert_eq!(recognise(&GREETING[..9]), Match::Partial);
        assert!(matches!(recognise(GREETING), Match::Likely(_)));
        assert!(matches!(after(&[GOAWAY]), Match::Proven(_)));
        for other in [
            &b"\0\0\0\x04\x01\0\0\0\0"[..],
            b"\0\0\x05\x04\0\0\0\0\0",
            b"\0\0\0\x04\0\0\0\0\x01",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
        ] {
            assert_eq!(recognise(other), Match::No, "{other:x?}");
        }
    }

    #[test]
    fn an_answer_tells_its_product() {
        let mut block = vec![0x88];
        push_literal(&mut block, "server", "nginx/1.22.1");
        let Match::Proven(proof) = after(&[&frame(1, 5, 1, &block)]) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("nginx"));
        assert_eq!(proof.version.as_deref(), Some("1.22.1"));
        assert!(!proof.more);
    }

    #[test]
    fn a_refused_get_leads_to_a_call_and_its_answer_decides() {
        let target = "127.0.0.1:1".parse().unwrap();
        let reset = frame(3, 0, 1, &[0, 0, 0, 2]);
        let refused = [GREETING, &reset].concat();
        assert!(matches!(recognise(&refused), Match::Likely(_)));
        assert!(follow(&refused, 0, target).is_some());
        assert!(follow(&refused, 1, target).is_none());
        assert!(follow(GREETING, 0, target).is_none());
        let mut block = vec![0x88];
        push_literal(&mut block, "grpc-status", "12");
        assert_eq!(after(&[&reset, &frame(1, 5, 3, &block)]), Match::No);
        let other = after(&[&reset, &frame(3, 0, 3, &[0, 0, 0, 2])]);
        assert!(matches!(other, Match::Proven(_)));
    }

    #[test]
    fn what_no_server_may_send_proves_nothing() {
        for frames in [
            frame(5, 4, 1, &[0, 0, 0, 2]),
            frame(1, 4, 1, &[0x00, 1, b'x', 1, b'y']),
            frame(0, 1, 1, b"hello"),
            frame(1, 4, 7, &[0x88]),
            frame(9, 4, 1, &[0x88]),
        ] {
            assert_eq!(after(&[&frames]), Match::No, "{frames:x?}");
        }
    }
}
