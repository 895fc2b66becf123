//! Gearman: an ECHO_REQ in the binary protocol, then `version` in the administrative one; gearmand's
//! `PROTOCOL` document, "Binary Packet", "Client/Worker Requests" and "Administrative Protocol".
//!
//! Any other line draws that protocol's error, in words of its own (`libgearman-server/text.cc`).

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "gearman",
    safety: Safety::Polite,
    stream: Some(Stream {
        drawn_by: &["http"],
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// ECHO_REQ (16) with eight bytes of opaque data.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "gearman ECHO_REQ".into(),
        bytes: b"\0REQ\0\0\0\x10\0\0\0\x08portolan".as_slice().into(),
    }
}

/// ECHO_RES (17) with the same data.
const ECHO: &[u8] = b"\0RES\0\0\0\x11\0\0\0\x08portolan";

/// Wants the ECHO_RES, and adds the version that the line after it tells.
fn recognise(received: &[u8]) -> Match {
    match received.first() {
        Some(b'E') => judged(refused(received)),
        _ => judged(echoed(received)),
    }
}

/// The error for a line that is no command, as gearmand and as those before it write it.
fn refused(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(b"ERR ")?;
    let upper = cursor
        .rest()
        .first()
        .ok_or(Stop::Short)?
        .is_ascii_uppercase();
    let code: &[u8] = if upper {
        b"UNKNOWN_COMMAND"
    } else {
        b"unknown_command"
    };
    cursor.fixed(code)?;
    cursor.fixed(b" Unknown+server+command")?;
    Ok(Proof {
        rule: "error for an unknown command of the administrative protocol".into(),
        ..Proof::default()
    })
}

fn echoed(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(ECHO)?;
    let mut more = !cursor.rest().is_empty();
    let version = cursor.line(64).and_then(|line| {
        more = false;
        // gearmand has put "OK" before it since it was rewritten in C++; others have not.
        let version = line.strip_prefix("OK ").ok_or(Stop::Never)?;
        ensure(version.starts_with(|c: char| c.is_ascii_digit()) && version.contains('.'))?;
        Ok(version)
    });
    let told = version
        .ok()
        .map(|v| Told::new("gearmand", Some(v), Some("gearman:gearmand")));
    Ok(Proof {
        rule: "ECHO_RES with the data of the ECHO_REQ".into(),
        unauthenticated: Some(true),
        more,
        ..product::proof(told, "reply to version of the administrative protocol")
    })
}

fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    (followed == 0 && received == ECHO).then(|| Packet {
        name: "gearman version".into(),
        bytes: b"version\r\n".as_slice().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_echo_proves_it_and_the_line_tells_the_version() {
        let Match::Proven(alone) = recognise(ECHO) else {
            panic!("not proven");
        };
        assert_eq!((alone.product, alone.more), (None, false));
        let Match::Proven(told) = recognise(&[ECHO, b"OK 1.1.19\n"].concat()) else {
            panic!("not proven");
        };
        assert_eq!(told.product.as_deref(), Some("gearmand"));
        assert_eq!(told.version.as_deref(), Some("1.1.19"));
        let Match::Proven(half) = recognise(&[ECHO, b"OK 1."].concat()) else {
            panic!("not proven");
        };
        assert!(half.more);
        assert_eq!(recognise(&ECHO[..9]), Match::Partial);
        assert_eq!(recognise(b"\0RES\0\0\0\x13\0\0\0\x00"), Match::No);
    }

    #[test]
    fn a_line_that_is_no_command_draws_its_error() {
        for error in [
            b"ERR UNKNOWN_COMMAND Unknown+server+command\r\n".as_slice(),
            b"ERR unknown_command Unknown+server+command\n",
        ] {
            assert!(matches!(recognise(error), Match::Proven(_)));
            assert_eq!(recognise(&error[..30]), Match::Partial);
        }
        assert_eq!(recognise(b"ERR unknown command\r\n"), Match::No);
    }
}
