//! Oracle Net: the listener's refusal of a ping, which tells its version; Oracle's "Net Services
//! Reference" (`tnsping`, `VSNNUM`), and the TNS packet as Wireshark's `packet-tns.c` documents it.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "oracle-tns",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// CONNECT of version 314 (compatible with 300), with 58 bytes of head and `(CONNECT_DATA=(COMMAND=ping))`.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "oracle-tns ping".into(),
        bytes: b"\0\x57\0\0\x01\0\0\0\x01\x3a\x01\x2c\0\0\x08\0\x7f\xff\x7f\x08\0\0\0\x01\0\x1d\0\x3a\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0(CONNECT_DATA=(COMMAND=ping))"
            .as_slice()
            .into(),
    }
}

/// Wants a REFUSE packet with a description in which VSNNUM stands.
fn recognise(received: &[u8]) -> Match {
    judged(refuse(received))
}

fn refuse(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    let length = usize::from(cursor.u16()?);
    ensure((24..=2048).contains(&length))?;
    cursor.fixed(&[0, 0])?;
    // REFUSE, reserved, header checksum.
    cursor.fixed(&[4])?;
    cursor.take(1)?;
    cursor.fixed(&[0, 0])?;
    // The user's and the system's reason.
    cursor.take(2)?;
    let size = usize::from(cursor.u16()?);
    ensure(size + 12 == length)?;
    let text = cursor.text(size)?;
    ensure(text.starts_with("(DESCRIPTION=(") && text.ends_with(')'))?;
    let number = text
        .split_once("(VSNNUM=")
        .and_then(|(_, rest)| rest.split_once(')')?.0.parse::<u32>().ok())
        .ok_or(Stop::Never)?;
    let version = version(number);
    Ok(Proof {
        rule: "REFUSE packet with VSNNUM of an Oracle Net listener".into(),
        ..product::proof(
            (number != 0).then(|| Told::new("oracle-tns-listener", Some(&version), None)),
            "VSNNUM of the refusal",
        )
    })
}

/// A version packed as 8, 4, 8, 4 and 8 bits; since 18c as 8, 8, 4, 8 and 4.
fn version(number: u32) -> String {
    let bits = |shift: u32, count: u32| number >> shift & ((1 << count) - 1);
    let major = bits(24, 8);
    let rest = match major {
        ..18 => [bits(20, 4), bits(12, 8), bits(8, 4), bits(0, 8)],
        _ => [bits(16, 8), bits(12, 4), bits(4, 8), bits(0, 4)],
    };
    let [a, b, c, d] = rest;
    format!("{major}.{a}.{b}.{c}.{d}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_documentation() {
        assert_eq!(version(153_092_352), "9.2.0.1.0");
        assert_eq!(version(186_647_552), "11.2.0.4.0");
        assert_eq!(version(318_767_104), "19.0.0.0.0");
    }

    #[test]
    fn a_refusal_tells_the_version() {
        let text = b"(DESCRIPTION=(TMP=)(VSNNUM=186647552)(ERR=0)(ALIAS=LISTENER))";
        let mut packet = vec![
            0,
            u8::try_from(text.len() + 12).unwrap(),
            0,
            0,
            4,
            0,
            0,
            0,
            0x22,
            0,
            0,
        ];
        packet.push(u8::try_from(text.len()).unwrap());
        packet.extend(text);
        let Match::Proven(proof) = recognise(&packet) else {
            panic!("not proven");
        };
        assert_eq!(proof.version.as_deref(), Some("11.2.0.4.0"));
        assert_eq!(recognise(&packet[..30]), Match::Partial);
        packet[4] = 2;
        assert_eq!(recognise(&packet), Match::No);
        let asked = first(SocketAddr::from(([127, 0, 0, 1], 1))).bytes;
        assert_eq!(usize::from(asked[1]), asked.len());
        assert_eq!(
            (usize::from(asked[25]), usize::from(asked[27])),
            (asked.len() - 58, 58)
        );
    }
}
