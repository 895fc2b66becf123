//! Aerospike: the names `build` and `edition` of the info protocol, Aerospike's "Wire protocol",
//! "Info message" and "Info commands".

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "aerospike",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// Version 2, type 1 (info), a length of 48 bits, and the names.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "aerospike info build".into(),
        bytes: b"\x02\x01\0\0\0\0\0\x0ebuild\nedition\n".as_slice().into(),
    }
}

/// Wants the same head and, for each name asked, a line `name TAB value`.
fn recognise(received: &[u8]) -> Match {
    judged(info(received))
}

fn info(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(&[2, 1, 0, 0, 0, 0])?;
    let length = usize::from(cursor.u16()?);
    ensure((6..=1024).contains(&length))?;
    let body = cursor.take(length)?;
    let body = std::str::from_utf8(body).or(Err(Stop::Never))?;
    let of = |name: &str| {
        let line = body
            .lines()
            .find_map(|l| l.strip_prefix(name)?.strip_prefix('\t'));
        line.filter(|value| !value.chars().any(char::is_control))
    };
    let build = of("build").ok_or(Stop::Never)?;
    // With security on, a name is answered by an error instead.
    let closed = build.starts_with("ERROR");
    let version = build
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(build);
    ensure(closed || version.is_some())?;
    let edition = of("edition").filter(|e| e.starts_with("Aerospike ") && e.len() < 100);
    Ok(Proof {
        rule: "info message of Aerospike's wire protocol".into(),
        unauthenticated: closed.then_some(false),
        told: edition.into_iter().map(str::to_owned).collect(),
        ..product::proof(
            Some(Told::new(
                "aerospike",
                version,
                Some("aerospike:aerospike_server"),
            )),
            "build of the info message",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_as_documented() {
        let body = b"build\t6.4.0.3\nedition\tAerospike Community Edition\n";
        let head = [2, 1, 0, 0, 0, 0, 0, u8::try_from(body.len()).unwrap()];
        let answer = [head.as_slice(), body].concat();
        let Match::Proven(proof) = recognise(&answer) else {
            panic!("not proven");
        };
        assert_eq!(proof.version.as_deref(), Some("6.4.0.3"));
        assert_eq!(proof.told, ["Aerospike Community Edition"]);
        assert_eq!(recognise(&answer[..20]), Match::Partial);
        let asked = first(SocketAddr::from(([127, 0, 0, 1], 1))).bytes;
        assert_eq!(usize::from(asked[7]) + 8, asked.len());
        assert_eq!(recognise(b"\x02\x01\0\0\0\0\0\x06build\n"), Match::No);
    }
}
