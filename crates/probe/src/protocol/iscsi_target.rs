//! iSCSI: a login request of a version that nobody speaks, which a target refuses before it looks
//! at who asks, RFC 7143 §11.12 and §11.13.5. No session begins.

use std::net::SocketAddr;

use super::{Match, Packet, Protocol, Safety, Stream, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "iscsi-target",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// A Login Request whose versions are both 255, and whose task tag is "PORT".
const LOGIN: &[u8] = b"\x43\x87\xff\xff\0\0\0\0\x80\0\0\0\0\0\0\0PORT\0\0\0\0\0\0\0\0\0\0\0\0\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "iscsi-target login of an unknown version".into(),
        bytes: LOGIN.into(),
    }
}

/// Wants the header of a Login Response with our task tag and a status of §11.13.5.
pub(super) fn recognise(received: &[u8]) -> Match {
    wire::settled(read(received))
}

fn read(received: &[u8]) -> Option<Match> {
    let mut rest = wire::Wire(received);
    let no = Some(Match::No);
    if rest.u8()? != 0x23 {
        return no;
    }
    rest.take(3)?;
    // No additional header segments; the data of a refusal is short, if there is any.
    if rest.take(2)? != [0, 0] {
        return no;
    }
    rest.take(10)?;
    if !wire::opens(rest.0, b"PORT\0\0\0\0") {
        return no;
    }
    rest.take(20)?;
    let (class, detail) = (rest.u8()?, rest.u8()?);
    let known = matches!(
        (class, detail),
        (0, 0) | (1, 1..=2) | (2, 0..=0x0b) | (3, 0..=2)
    );
    if !known || rest.take(10)? != [0; 10] {
        return no;
    }
    Some(wire::proven(
        "Login Response of RFC 7143 §11.13 to our task",
    ))
}
