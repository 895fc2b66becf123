//! AJP: the CPong to a CPing, then a page; Apache Tomcat's "The Apache Tomcat Connectors - AJP
//! Protocol Reference", AJPv13.
//!
//! Fields of `data/products/ajp.toml`: `@body`, the beginning of the page.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ajp",
    safety: Safety::Polite,
    stream: Some(Stream {
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "ajp CPing".into(),
        bytes: b"\x12\x34\0\x01\x0a".as_slice().into(),
    }
}

const CPONG: &[u8] = b"AB\0\x01\x09";

/// A Forward Request: GET, HTTP/1.1, `/`, from 127.0.0.1 without a name, for localhost:80, not
/// over TLS, with a Host header.
const GET: &[u8] = b"\x12\x34\0\x3f\x02\x02\0\x08HTTP/1.1\0\0\x01/\0\0\x09127.0.0.1\0\xff\xff\
    \0\x09localhost\0\0\x50\0\0\x01\xa0\x0b\0\x09localhost\0\xff";

/// Wants the CPong, and adds what the page tells.
fn recognise(received: &[u8]) -> Match {
    judged(pong(received))
}

fn pong(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(CPONG)?;
    let mut body = Vec::new();
    let more = !cursor.rest().is_empty() && page(cursor, &mut body) == Err(Stop::Short);
    let told = product::told_by("ajp", &[("@body", body.as_slice())]);
    let (told, how) = told.map_or((None, ""), |(told, how)| (Some(told), how));
    Ok(Proof {
        rule: "CPong of AJPv13".into(),
        more,
        ..product::proof(told, how)
    })
}

/// Gathers the chunks of the body up to the end of the response.
fn page(mut cursor: Cursor<'_>, body: &mut Vec<u8>) -> Read<()> {
    loop {
        cursor.fixed(b"AB")?;
        let length = usize::from(cursor.u16()?);
        let mut packet = Cursor::new(cursor.take(length)?);
        match packet.u8().or(Err(Stop::Never))? {
            // Send Headers.
            4 => {}
            // Send Body Chunk.
            3 => {
                let count = usize::from(packet.u16().or(Err(Stop::Never))?);
                body.extend(packet.take(count).or(Err(Stop::Never))?);
            }
            // End Response.
            5 => return Ok(()),
            _ => return Err(Stop::Never),
        }
        ensure(body.len() <= 16 * 1024)?;
    }
}

fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    (followed == 0 && received == CPONG).then(|| Packet {
        name: "ajp GET /".into(),
        bytes: GET.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_has_the_length_it_says() {
        assert_eq!(usize::from(GET[3]) + 4, GET.len());
    }
}
