//! ClickHouse's native protocol: the exception that meets a first packet other than Hello,
//! ClickHouse's `src/Server/TCPHandler.cpp` and its "Native interface" documentation.
//!
//! A Hello names a user, so none is sent. A browser's request draws a hint in the form of HTTP.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "clickhouse",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        drawn_by: &["http"],
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// Ping, which may only follow a Hello.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "clickhouse Ping".into(),
        bytes: [4].as_slice().into(),
    }
}

/// Wants the hint or the exception.
fn recognise(received: &[u8]) -> Match {
    match received.first() {
        Some(b'H') => judged(hint(received)),
        _ => judged(exception(received)),
    }
}

/// The hint, of which HTTP's grammar makes an answer without a header; its first line alone may
/// still become one.
pub(super) fn hint(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(b"HTTP/1.0 400 Bad Request\r\n\r\nPort ")?;
    let digits = cursor
        .rest()
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count();
    ensure(digits <= 5)?;
    cursor.take(digits)?;
    cursor.fixed(b" is for clickhouse-client program")?;
    Ok(proof(
        "hint for browsers on the port of ClickHouse's native protocol",
    ))
}

/// `2, code, name, message, …`: UNEXPECTED_PACKET_FROM_CLIENT (101), texts after a variable length.
fn exception(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(&[2, 101, 0, 0, 0])?;
    let length = usize::from(cursor.u8()?);
    ensure((5..=64).contains(&length))?;
    cursor.fixed(b"DB::")?;
    let name = cursor.text(length - 4)?;
    ensure(name.ends_with("Exception"))?;
    let length = usize::from(cursor.u8()?);
    ensure((8..=127).contains(&length))?;
    let message = cursor.text(length)?;
    ensure(message.contains("Unexpected packet from client"))?;
    Ok(proof("exception 101 of ClickHouse's native protocol"))
}

fn proof(rule: &'static str) -> Proof {
    Proof {
        rule: rule.into(),
        ..product::proof(
            Some(Told::new("clickhouse", None, None)),
            "the answer is ClickHouse's own",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::http;

    /// What 18.16.1 sends to `GET /`.
    const HINT: &[u8] = b"HTTP/1.0 400 Bad Request\r\n\r\n\
        Port 9000 is for clickhouse-client program.\r\nYou must use port 8123 for HTTP.\r\n";

    #[test]
    fn the_hint_for_browsers_is_no_http() {
        assert!(matches!(recognise(HINT), Match::Proven(_)));
        assert_eq!(http::recognise(HINT), Match::No);
        for end in 0..60 {
            assert_eq!(recognise(&HINT[..end]), Match::Partial, "{end}");
            assert_eq!(http::recognise(&HINT[..end]), Match::Partial, "{end}");
        }
        let other = b"HTTP/1.0 400 Bad Request\r\n\r\nno";
        assert!(matches!(http::recognise(other), Match::Proven(_)));
        assert_eq!(recognise(other), Match::No);
    }
}
