//! Microsoft SQL Server: the answer to a TDS pre-login, [MS-TDS] §2.2.6.5 PRELOGIN and §3.2.5.
//! Nobody logs in: PRELOGIN comes before LOGIN7.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ms-sql-s",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// VERSION 0.0.0.0 and ENCRYPT_NOT_SUP, in one packet that ends its message.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "ms-sql-s PRELOGIN".into(),
        bytes: b"\x12\x01\0\x1a\0\0\0\0\0\0\x0b\0\x06\x01\0\x11\0\x01\xff\0\0\0\0\0\0\x02"
            .as_slice()
            .into(),
    }
}

/// Wants one packet of type 4 whose options lie inside it, VERSION first.
fn recognise(received: &[u8]) -> Match {
    judged(response(received))
}

fn response(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(&[4, 1])?;
    let length = usize::from(cursor.u16()?);
    ensure((8 + 5 + 1 + 6..=512).contains(&length))?;
    // The server's process id (zero in most), packet number, window.
    cursor.take(2)?;
    ensure(cursor.u8()? <= 1)?;
    cursor.fixed(&[0])?;
    let body = cursor.take(length - 8)?;
    options(body).or(Err(Stop::Never))
}

fn options(body: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(body);
    let mut version = None;
    let mut encryption = None;
    let mut expected = 0;
    for at in 0..16 {
        let token = cursor.u8()?;
        if token == 0xff {
            break;
        }
        // §2.2.6.5: VERSION is the first; the values follow the list without a gap.
        ensure(token <= 7 && (token == 0) == (at == 0))?;
        let (offset, length) = (usize::from(cursor.u16()?), usize::from(cursor.u16()?));
        ensure(at == 0 || offset == expected || length == 0)?;
        expected = offset + length;
        let value = body.get(offset..expected).ok_or(Stop::Never)?;
        match (token, value) {
            (0, &[major, minor, high, low, _, _]) => {
                version = Some((major, minor, u16::from_be_bytes([high, low])));
            }
            (1, &[value]) if value <= 3 => encryption = Some(value),
            (0 | 1, _) => return Err(Stop::Never),
            _ => {}
        }
    }
    let (major, minor, build) = version.ok_or(Stop::Never)?;
    ensure(encryption.is_some() && (7..=32).contains(&major))?;
    // Babelfish for PostgreSQL passes for 12.0.2000, which SQL Server 2014 was when it came out.
    let own = (major, minor, build) != (12, 0, 2000) && build > 0;
    let told = own.then(|| {
        let version = format!("{major}.{minor}.{build}");
        Told::new(
            "microsoft-sql-server",
            Some(&version),
            Some("microsoft:sql_server"),
        )
    });
    Ok(Proof {
        rule: "PRELOGIN response of [MS-TDS] §2.2.6.5".into(),
        ..product::proof(told, "VERSION of the PRELOGIN response")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [MS-TDS] §4.3 "Pre-Login Response", with MARS, a version of 16.0.4135 for its 9.0.0.
    const RESPONSE: &[u8] = b"\x04\x01\x00\x2b\x00\x00\x01\x00\x00\x00\x1a\x00\x06\x01\x00\x20\x00\
        \x01\x02\x00\x21\x00\x01\x03\x00\x22\x00\x00\x04\x00\x22\x00\x01\xff\x10\x00\x10\x27\x00\
        \x00\x00\x00\x00";

    #[test]
    fn the_example_of_the_specification() {
        let Match::Proven(proof) = recognise(RESPONSE) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("microsoft-sql-server"));
        assert_eq!(proof.version.as_deref(), Some("16.0.4135"));
        for end in 0..RESPONSE.len() {
            assert_eq!(recognise(&RESPONSE[..end]), Match::Partial);
        }
        let mut babelfish = RESPONSE.to_vec();
        babelfish[34..38].copy_from_slice(&[12, 0, 0x07, 0xd0]);
        let Match::Proven(proof) = recognise(&babelfish) else {
            panic!("not proven");
        };
        assert_eq!(proof.product, None);
        let mut wrong = RESPONSE.to_vec();
        wrong[10] = 0x40;
        assert_eq!(recognise(&wrong), Match::No);
    }

    #[test]
    fn the_packet_has_the_length_it_says() {
        let packet = first(SocketAddr::from(([127, 0, 0, 1], 1)));
        assert_eq!(usize::from(packet.bytes[3]), packet.bytes.len());
    }
}
