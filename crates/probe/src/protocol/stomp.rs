//! STOMP: the CONNECTED or ERROR frame that answers CONNECT, STOMP 1.2 "Connecting" and
//! "STOMP Frames". No login and no passcode are given.
//!
//! Field of `data/products/stomp.toml`: `@server`, the header of that name.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "stomp",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        farewell: Some(b"DISCONNECT\n\n\0"),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// Host `/` is what brokers with virtual hosts call the one that everybody reaches.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "stomp CONNECT".into(),
        bytes: b"CONNECT\naccept-version:1.0,1.1,1.2\nhost:/\n\n\0"
            .as_slice()
            .into(),
    }
}

const LONGEST_LINE: usize = 2048;
const MOST_HEADERS: usize = 32;

/// Wants one whole frame.
fn recognise(received: &[u8]) -> Match {
    judged(frame(received))
}

fn frame(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    let error = cursor.rest().first().ok_or(Stop::Short)? == &b'E';
    cursor.fixed(if error { b"ERROR" } else { b"CONNECTED" })?;
    ensure(cursor.line(0)?.is_empty())?;
    let mut headers = Vec::new();
    loop {
        let line = cursor.line(LONGEST_LINE)?;
        if line.is_empty() {
            break;
        }
        headers.push(line.split_once(':').ok_or(Stop::Never)?);
        ensure(headers.len() <= MOST_HEADERS)?;
    }
    let header = |name: &str| {
        headers
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| *value)
    };
    let proper = match error {
        // "The ERROR frame SHOULD contain a message header"; all servers seen do so.
        true => header("message").is_some(),
        false => ["version", "session", "server"]
            .iter()
            .any(|n| header(n).is_some()),
    };
    ensure(proper)?;
    if !error {
        cursor.fixed(&[0])?;
    } else if !cursor.rest().contains(&0) {
        let body = cursor.rest();
        ensure(body.len() < 8192)?;
        return Err(Stop::Short);
    }
    let told = header("server")
        .and_then(|server| product::told_by("stomp", &[("@server", server.as_bytes())]));
    let (told, how) = told.map_or((None, ""), |(told, how)| (Some(told), how));
    Ok(Proof {
        rule: match error {
            true => "ERROR frame of STOMP 1.2",
            false => "CONNECTED frame of STOMP 1.2",
        }
        .into(),
        unauthenticated: (!error).then_some(true),
        ..product::proof(told, how)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_the_specification() {
        let connected = b"CONNECTED\nversion:1.1\n\n\0";
        assert!(matches!(recognise(connected), Match::Proven(_)));
        let error = b"ERROR\nversion:1.2,2.1\ncontent-type:text/plain\nmessage:no\n\nSupported protocol versions are 1.2 2.1\0";
        assert!(matches!(recognise(error), Match::Proven(_)));
        assert_eq!(recognise(&error[..error.len() - 1]), Match::Partial);
        for alike in [
            b"ERROR\r\n".as_slice(),
            b"ERROR\n\n\0",
            b"CONNECTED\n\n\0",
            b"CONNECTED to\n",
        ] {
            assert!(!matches!(recognise(alike), Match::Proven(_)));
        }
    }
}
