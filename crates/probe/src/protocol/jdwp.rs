//! Java's debug wire protocol: the handshake, then VirtualMachine.Version; "Java Debug Wire
//! Protocol", "JDWP Start Up" and "VirtualMachine Command Set".
//!
//! A VM that was started to wait for its debugger runs on once one has come and gone, and it has a
//! seat for one alone: so it is asked at full only.
//!
//! Field of `data/products/jdwp.toml`: `@vm`, the VM's name and version, joined by `/`.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "jdwp",
    safety: Safety::Full,
    stream: Some(Stream {
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

const HANDSHAKE: &[u8] = b"JDWP-Handshake";

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "jdwp handshake".into(),
        bytes: HANDSHAKE.into(),
    }
}

/// Command 1 of set 1, as packet 0x706f7274.
const VERSION: &[u8] = b"\0\0\0\x0b\x70\x6f\x72\x74\0\x01\x01";

/// Wants the handshake, and adds what the reply to Version tells.
///
/// An echo server would send the handshake back as well; what tells them apart is that it sends
/// the command back, too.
fn recognise(received: &[u8]) -> Match {
    let mut cursor = Cursor::new(received);
    judged(cursor.fixed(HANDSHAKE).and_then(|()| reply(cursor)))
}

fn reply(mut cursor: Cursor<'_>) -> Read<Proof> {
    loop {
        let size = cursor.count(8192)?;
        ensure(size >= 11)?;
        let mut packet = Cursor::new(cursor.take(size - 4)?);
        let id = packet.u32()?;
        if packet.u8()? != 0x80 {
            // An event's composite command (set 64, command 100), such as the start of the VM.
            packet.fixed(&[64, 100])?;
            continue;
        }
        ensure(id == 0x706f_7274)?;
        ensure(packet.u16()? == 0)?;
        return version(packet).or(Err(Stop::Never));
    }
}

/// `string description, int jdwpMajor, int jdwpMinor, string vmVersion, string vmName`.
fn version(mut body: Cursor<'_>) -> Read<Proof> {
    let length = body.count(4096)?;
    body.take(length)?;
    body.take(8)?;
    let length = body.count(256)?;
    let version = body.text(length)?;
    let length = body.count(256)?;
    let name = body.text(length)?;
    let whole = format!("{name}/{version}");
    let told = product::told_by("jdwp", &[("@vm", whole.as_bytes())]);
    let (told, how) = told.map_or((None, ""), |(told, how)| (Some(told), how));
    Ok(Proof {
        rule: "handshake and reply to VirtualMachine.Version of JDWP".into(),
        unauthenticated: Some(true),
        told: vec![format!("{} {}", bounded(name), bounded(version))],
        ..product::proof(told, how)
    })
}

fn bounded(text: &str) -> String {
    text.chars().take(90).collect()
}

fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    (followed == 0 && received.starts_with(HANDSHAKE)).then(|| Packet {
        name: "jdwp VirtualMachine.Version".into(),
        bytes: VERSION.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_is_not_a_virtual_machine() {
        assert_eq!(recognise(HANDSHAKE), Match::Partial);
        assert_eq!(recognise(&[HANDSHAKE, VERSION].concat()), Match::No);
    }
}
