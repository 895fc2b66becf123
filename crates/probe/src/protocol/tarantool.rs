//! Tarantool: the greeting of 128 bytes, Tarantool's binary protocol (IPROTO), "Greeting message".

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "tarantool",
    safety: Safety::Polite,
    stream: Some(Stream::greeted(recognise)),
    datagram: None,
};

/// Wants both lines of 64 bytes: name, version, kind and instance; then the salt.
fn recognise(received: &[u8]) -> Match {
    judged(greeting(received))
}

fn greeting(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(b"Tarantool ")?;
    let first = cursor.text(53)?;
    cursor.fixed(b"\n")?;
    let salt = cursor.text(63)?.trim_end();
    cursor.fixed(b"\n")?;
    let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    ensure(salt.len() == 44 && salt.bytes().all(base64))?;
    let mut words = first.split_ascii_whitespace();
    let version = words.next().ok_or(Stop::Never)?;
    ensure(version.starts_with(|c: char| c.is_ascii_digit()))?;
    ensure(matches!(words.next(), Some("(Binary)" | "(Lua)")))?;
    Ok(Proof {
        rule: "greeting of Tarantool's binary protocol".into(),
        ..product::proof(
            Some(Told::new(
                "tarantool",
                Some(version),
                Some("tarantool:tarantool"),
            )),
            "its own greeting",
        )
    })
}
