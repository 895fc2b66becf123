//! Kafka: ApiVersions, which a client may ask before it logs in; Apache Kafka's "Protocol guide",
//! "Retrieving Supported API versions" and "ApiVersions API (Key: 18)". No product is told.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "kafka",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// Request 18 in version 0, correlation id 0x706f7274, client id "portolan".
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "kafka ApiVersions".into(),
        bytes: b"\0\0\0\x12\0\x12\0\0port\0\x08portolan".as_slice().into(),
    }
}

/// Wants our correlation id, no error, and a list that fills the response and holds ApiVersions.
fn recognise(received: &[u8]) -> Match {
    judged(response(received))
}

fn response(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    let size = cursor.count(8192)?;
    ensure(size >= 16)?;
    cursor.fixed(b"port")?;
    cursor.fixed(&[0, 0])?;
    let count = cursor.count(512)?;
    ensure(size == 10 + count * 6)?;
    let mut list = Cursor::new(cursor.take(count * 6)?);
    let mut known = false;
    for _ in 0..count {
        let (key, least, most) = (list.u16()?, list.u16()?, list.u16()?);
        ensure(least <= most && most < 256)?;
        known |= key == 18;
    }
    if !known {
        return Err(Stop::Never);
    }
    Ok(Proof {
        rule: "ApiVersions response of Apache Kafka's protocol guide".into(),
        ..Proof::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_fills_its_response() {
        let answer = b"\0\0\0\x16port\0\0\0\0\0\x02\0\0\0\0\0\x09\0\x12\0\0\0\x03";
        assert!(matches!(recognise(answer), Match::Proven(_)));
        for end in 0..answer.len() {
            assert_eq!(recognise(&answer[..end]), Match::Partial);
        }
        let mut other = *answer;
        other[21] = 0x11;
        assert_eq!(recognise(&other), Match::No);
        let asked = first(SocketAddr::from(([127, 0, 0, 1], 1))).bytes;
        assert_eq!(usize::from(asked[3]) + 4, asked.len());
    }
}
