//! MQTT 3.1.1: the CONNACK to a clean session without a name, then what `$SYS` tells; OASIS
//! mqtt-v3.1.1 §3.1 to §3.14.
//!
//! No user is named, nothing is published and nothing is kept: a clean session with an empty
//! client identifier ends with its connection (§3.1.2.4).
//!
//! Fields of `data/products/mqtt.toml`: `@version`, what was published on `$SYS/broker/version`;
//! `@brokers`, the same on `$SYS/brokers/NODE/version`.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "mqtt",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        // DISCONNECT, §3.14.
        farewell: Some(&[0xe0, 0]),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// CONNECT: protocol level 4, clean session, 60 s, no client identifier.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "mqtt CONNECT".into(),
        bytes: b"\x10\x0c\0\x04MQTT\x04\x02\0\x3c\0\0".as_slice().into(),
    }
}

/// SUBSCRIBE as packet 0x706f to both topics, at most once; then PINGREQ, whose answer says that
/// all that was retained has been sent.
const SUBSCRIBE: &[u8] =
    b"\x82\x31\x70\x6f\0\x13$SYS/broker/version\0\0\x16$SYS/brokers/+/version\0\xc0\0";

/// Wants a whole CONNACK, and adds the version that a broker publishes of itself.
fn recognise(received: &[u8]) -> Match {
    judged(answer(received))
}

fn answer(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    // §3.2: no session can be present, for the one asked for is clean.
    cursor.fixed(&[0x20, 2, 0])?;
    let code = cursor.u8()?;
    ensure(code <= 5)?;
    let mut published = Published::default();
    let more = !cursor.rest().is_empty() && published.read(cursor) == Err(Stop::Short);
    let told = product::told_by(
        "mqtt",
        &[
            ("@version", published.version),
            ("@brokers", published.brokers),
        ],
    );
    let (told, how) = told.map_or((None, ""), |(told, how)| (Some(told), how));
    Ok(Proof {
        rule: "CONNACK of MQTT 3.1.1 §3.2".into(),
        unauthenticated: match code {
            0 => Some(true),
            4 | 5 => Some(false),
            _ => None,
        },
        more,
        ..product::proof(told, how)
    })
}

/// What came on the topics that were subscribed to.
#[derive(Default)]
struct Published<'a> {
    version: &'a [u8],
    brokers: &'a [u8],
}

impl<'a> Published<'a> {
    /// Reads SUBACK and PUBLISH packets up to PINGRESP; short as long as more is to come.
    fn read(&mut self, mut cursor: Cursor<'a>) -> Read<()> {
        loop {
            let kind = cursor.u8()? >> 4;
            let mut length = 0;
            // §2.2.3, bounded to two bytes: nothing that was asked for is longer.
            for shift in [0, 7] {
                let byte = cursor.u8()?;
                length |= usize::from(byte & 0x7f) << shift;
                ensure(byte & 0x80 == 0 || shift == 0)?;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            let mut body = Cursor::new(cursor.take(length)?);
            match kind {
                9 => {}
                13 => return Ok(()),
                3 => {
                    let name = usize::from(body.u16()?);
                    let topic = body.take(name)?;
                    match topic {
                        b"$SYS/broker/version" => self.version = body.rest(),
                        _ if topic.starts_with(b"$SYS/brokers/") => self.brokers = body.rest(),
                        _ => {}
                    }
                }
                _ => return Err(Stop::Never),
            }
        }
    }
}

fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    (followed == 0 && received == [0x20, 2, 0, 0]).then(|| Packet {
        name: "mqtt SUBSCRIBE $SYS/broker/version".into(),
        bytes: SUBSCRIBE.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_an_answer() {
        let Match::Proven(proof) = recognise(&[0x20, 2, 0, 5]) else {
            panic!("not proven");
        };
        assert_eq!(proof.unauthenticated, Some(false));
        let target = SocketAddr::from(([127, 0, 0, 1], 1));
        assert_eq!(follow(&[0x20, 2, 0, 5], 0, target), None);
        assert_eq!(recognise(&[0x20, 2, 0, 6]), Match::No);
        assert_eq!(recognise(&[0x20, 2, 1, 0]), Match::No);
    }

    #[test]
    fn the_packet_that_subscribes_is_well_formed() {
        assert_eq!(usize::from(SUBSCRIBE[1]) + 2 + 2, SUBSCRIBE.len());
    }
}
