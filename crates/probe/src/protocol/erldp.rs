//! Erlang's distribution: the status and the challenge that answer a name, Erlang's "Distribution
//! Protocol", "Distribution Handshake".
//!
//! The handshake ends there: the challenge is left unanswered, so no node is joined and the
//! cookie is not tried.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "erldp",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// SEND_NAME in the form of OTP 23 and later, with the flags that OTP 25 and 26 want, and the name
/// of no node.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "erldp SEND_NAME".into(),
        bytes: b"\0\x1dN\0\0\0\x0d\x07\xdf\x7f\xbd\0\0\0\x01\0\x0eprobe@portolan"
            .as_slice()
            .into(),
    }
}

/// Wants a status, and after one that goes on, the challenge with the node's name.
fn recognise(received: &[u8]) -> Match {
    judged(handshake(received))
}

fn handshake(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    let length = usize::from(cursor.u16()?);
    ensure((3..=64).contains(&length))?;
    cursor.fixed(b"s")?;
    let status = cursor.text(length - 1)?;
    let told = match status {
        "ok" | "ok_simultaneous" => Some(challenge(&mut cursor)?),
        "not_allowed" | "alive" => None,
        _ => return Err(Stop::Never),
    };
    Ok(Proof {
        rule: "status and challenge of Erlang's distribution handshake".into(),
        told: told.into_iter().collect(),
        ..Proof::default()
    })
}

/// `'N' flags:64 challenge:32 creation:32 length:16 name`, or of old
/// `'n' version:16 flags:32 challenge:32 name`.
fn challenge(cursor: &mut Cursor<'_>) -> Read<String> {
    let length = usize::from(cursor.u16()?);
    ensure((14..=300).contains(&length))?;
    let kind = *cursor.rest().first().ok_or(Stop::Short)?;
    ensure(matches!(kind, b'N' | b'n'))?;
    let mut body = Cursor::new(cursor.take(length)?);
    let head = if kind == b'N' {
        1 + 8 + 4 + 4 + 2
    } else {
        1 + 2 + 4 + 4
    };
    body.take(head).or(Err(Stop::Never))?;
    let name = body.text(body.rest().len())?;
    ensure(name.contains('@'))?;
    Ok(format!(
        "node {}",
        name.chars().take(150).collect::<String>()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packet_has_the_lengths_it_says() {
        let packet = first(SocketAddr::from(([127, 0, 0, 1], 1)));
        assert_eq!(usize::from(packet.bytes[1]) + 2, packet.bytes.len());
        assert_eq!(
            usize::from(packet.bytes[16]) + 17 + 1,
            packet.bytes.len() + 1
        );
    }

    #[test]
    fn a_node_that_refuses_the_name_is_one_all_the_same() {
        assert!(matches!(recognise(b"\0\x0csnot_allowed"), Match::Proven(_)));
        assert_eq!(recognise(b"\0\x03sno"), Match::No);
        assert_eq!(recognise(b"\0\x03sok"), Match::Partial);
    }
}
