//! MySQL and MariaDB: the initial handshake packet, or the error in its place, MySQL's "Protocol
//! Basics", "Protocol::HandshakeV10" and "ERR_Packet".
//!
//! Field of `data/products/mysql.toml`: `@version`, the server version; `@refusal`, an error's text.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream, Upgrade};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "mysql",
    safety: Safety::Polite,
    stream: Some(Stream {
        upgrade: Some(upgrade),
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

const CLIENT_SSL: u64 = 0x0800;
const CLIENT_PROTOCOL_41: u64 = 0x0200;
const CLIENT_PLUGIN_AUTH: u64 = 0x0008_0000;

/// Longer than any greeting or refusal before a login.
const LONGEST: usize = 1024;

/// Wants a whole packet of number 0: a greeting of protocol 10, or an error without a session.
fn recognise(received: &[u8]) -> Match {
    judged(packet(received))
}

fn packet(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    let length = usize::try_from(cursor.little(3)?).or(Err(Stop::Never))?;
    ensure((12..=LONGEST).contains(&length))?;
    cursor.fixed(&[0])?;
    let kind = *cursor.rest().first().ok_or(Stop::Short)?;
    ensure(matches!(kind, 10 | 0xff))?;
    let body = Cursor::new(cursor.take(length)?);
    // The packet is whole: what is missing within it never comes.
    match kind {
        10 => greeting(body).or(Err(Stop::Never)),
        _ => refusal(body).or(Err(Stop::Never)),
    }
}

fn greeting(mut body: Cursor<'_>) -> Read<Proof> {
    body.fixed(&[10])?;
    let end = body.rest().iter().position(|&b| b == 0);
    let version = body.text(end.ok_or(Stop::Never)?)?;
    ensure(version.starts_with(|c: char| c.is_ascii_digit()) && version.contains('.'))?;
    // A terminator, the connection's id, eight bytes of the scramble, and a filler of zero.
    body.take(1 + 4 + 8)?;
    body.fixed(&[0])?;
    let lower = body.little(2)?;
    body.take(1 + 2)?;
    let capabilities = lower | body.little(2)? << 16;
    ensure(capabilities & CLIENT_PROTOCOL_41 != 0)?;
    let scramble = body.u8()?;
    // Ten reserved bytes; MariaDB keeps capabilities of its own in the last four.
    body.fixed(&[0; 6])?;
    body.take(4)?;
    if capabilities & CLIENT_PLUGIN_AUTH != 0 {
        body.take(usize::from(scramble).saturating_sub(8).max(13))?;
        let name = body.rest().strip_suffix(&[0]).unwrap_or(body.rest());
        ensure(!name.is_empty() && name.iter().all(u8::is_ascii_graphic))?;
    }
    let told = product::told_by("mysql", &[("@version", version.as_bytes())]);
    let (told, how) = told.map_or((None, ""), |(told, how)| (Some(told), how));
    Ok(Proof {
        rule: "initial handshake packet of protocol 10 (HandshakeV10)".into(),
        starttls: capabilities & CLIENT_SSL != 0,
        told: vec![format!(
            "version {}",
            version.chars().take(150).collect::<String>()
        )],
        ..product::proof(told, how)
    })
}

/// Errors that are given in place of a greeting, by number, with what each one's text holds:
/// ER_CON_COUNT_ERROR, ER_HOST_IS_BLOCKED, ER_HOST_NOT_PRIVILEGED.
const REFUSALS: [(u64, &str); 3] = [
    (1040, "Too many connections"),
    (1129, "is blocked because of many connection errors"),
    (1130, "is not allowed to connect to this "),
];

fn refusal(mut body: Cursor<'_>) -> Read<Proof> {
    body.fixed(&[0xff])?;
    let number = body.little(2)?;
    // Servers put "#08004" before the text where they already speak protocol 4.1.
    let text = body.text(body.rest().len())?;
    ensure(
        REFUSALS
            .iter()
            .any(|&(n, t)| n == number && text.contains(t)),
    )?;
    let told = product::told_by("mysql", &[("@refusal", text.as_bytes())]);
    let (told, how) = told.map_or((None, ""), |(told, how)| (Some(told), how));
    Ok(Proof {
        rule: format!("ERR_Packet {number} in place of a greeting").into(),
        ..product::proof(told, how)
    })
}

/// The SSLRequest packet of "Protocol::SSLRequest", once the greeting offers it.
fn upgrade(received: &[u8], sent: usize, _target: SocketAddr) -> Upgrade {
    // Capabilities: long password, protocol 4.1, TLS, secure connection; 16 MB; utf8mb4; zeros.
    const REQUEST: &[u8] = b"\x20\x00\x00\x01\x01\x8a\x00\x00\x00\x00\x00\x01\x2d\
        \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    match (recognise(received), sent) {
        (Match::Proven(proof), 0) if proof.starttls => Upgrade::Say(Packet {
            name: "mysql SSLRequest".into(),
            bytes: REQUEST.into(),
        }),
        (Match::Proven(proof), _) if proof.starttls => Upgrade::Ready,
        (Match::Partial, _) => Upgrade::Wait,
        _ => Upgrade::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of "Protocol::HandshakeV10", MySQL 5.5.2-m2.
    const DOCUMENTED: &[u8] = b"\x36\x00\x00\x00\x0a\x35\x2e\x35\x2e\x32\x2d\x6d\x32\x00\x0b\x00\
        \x00\x00\x64\x76\x48\x40\x49\x2d\x43\x4a\x00\xff\xf7\x08\x02\x00\x00\x00\x00\x00\x00\x00\
        \x00\x00\x00\x00\x00\x00\x00\x2a\x34\x64\x7c\x63\x5a\x77\x6b\x34\x5e\x5d\x3a\x00";

    /// A greeting as the documentation has it.
    fn greeting(version: &str, capabilities: u32) -> Vec<u8> {
        let [a, b, c, d] = capabilities.to_le_bytes();
        let mut body = vec![10];
        body.extend(version.bytes());
        body.extend(b"\0\x2a\0\0\0abcdefgh\0");
        body.extend([a, b, 45, 2, 0, c, d, 21]);
        body.extend([0; 10]);
        body.extend(b"ijklmnopqrst\0mysql_native_password\0");
        let mut packet = vec![u8::try_from(body.len()).unwrap(), 0, 0, 0];
        packet.extend(body);
        packet
    }

    fn proof(bytes: &[u8]) -> Proof {
        match recognise(bytes) {
            Match::Proven(proof) => *proof,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn greetings_of_the_documentation() {
        let old = proof(DOCUMENTED);
        assert_eq!((old.product.as_deref(), old.starttls), (None, false));
        for (version, product, told) in [
            ("8.0.36", "mysql", "8.0.36"),
            ("8.0.39-0ubuntu0.22.04.1", "mysql", "8.0.39"),
            ("5.5.5-10.6.12-MariaDB-log", "mariadb", "10.6.12"),
            ("11.4.2-MariaDB", "mariadb", "11.4.2"),
        ] {
            let proof = proof(&greeting(version, 0x00ff_ffff));
            assert_eq!(proof.product.as_deref(), Some(product), "{version}");
            assert_eq!(proof.version.as_deref(), Some(told), "{version}");
            assert!(proof.starttls);
        }
        let unknown = proof(&greeting("5.7.25-something", 0x0008_0200));
        assert_eq!((unknown.product, unknown.starttls), (None, false));
        let whole = greeting("8.0.36", 0x00ff_ffff);
        for end in 0..whole.len() {
            assert_eq!(recognise(&whole[..end]), Match::Partial, "{end}");
        }
    }

    #[test]
    fn a_refused_host_is_told_in_an_error() {
        let text = b"Host '10.0.0.1' is not allowed to connect to this MariaDB server";
        let mut packet = vec![
            u8::try_from(text.len() + 3).unwrap(),
            0,
            0,
            0,
            0xff,
            0x6a,
            0x04,
        ];
        packet.extend(text);
        assert_eq!(proof(&packet).product.as_deref(), Some("mariadb"));
        packet[5] = 0x6b;
        assert_eq!(recognise(&packet), Match::No);
    }

    #[test]
    fn tls_is_asked_for_only_where_offered() {
        let target = SocketAddr::from(([127, 0, 0, 1], 1));
        let offered = greeting("8.0.36", 0x00ff_ffff);
        let Upgrade::Say(packet) = upgrade(&offered, 0, target) else {
            panic!("nothing said");
        };
        assert_eq!(packet.bytes.len(), 36);
        assert_eq!(upgrade(&offered, 1, target), Upgrade::Ready);
        assert_eq!(upgrade(&offered[..9], 0, target), Upgrade::Wait);
        let not = greeting("8.0.36", 0x00ff_f7ff);
        assert_eq!(upgrade(&not, 0, target), Upgrade::Refused);
    }
}
