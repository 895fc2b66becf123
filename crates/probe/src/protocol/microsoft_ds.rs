//! SMB: the negotiation that every dialect understands, [MS-SMB2] §3.3.5.3 and [MS-CIFS]
//! §2.2.4.52, answered before anybody logs in.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream, wire};
use crate::product::Told;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "microsoft-ds",
    safety: Safety::Polite,
    stream: Some(Stream {
        follow,
        ..Stream::asked(negotiate, recognise)
    }),
    datagram: None,
};

/// SMB_COM_NEGOTIATE of the first SMB, which offers its last dialect and both names of SMB 2.
const NEGOTIATE: &[u8] = b"\0\0\0\x45\xffSMB\x72\0\0\0\0\x18\x01\x28\0\0\0\0\0\0\0\0\0\0\0\0\
    \xff\xff\xff\xfe\0\0\0\0\0\x22\0\x02NT LM 0.12\0\x02SMB 2.002\0\x02SMB 2.???\0";

/// SMB2 NEGOTIATE (§2.2.3) of the dialects 2.0.2 to 3.0.2, as message 1.
const NEGOTIATE_2: &[u8] = b"\0\0\0\x6c\xfeSMB\x40\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\
    \x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
    \x24\0\x04\0\x01\0\0\0\0\0\0\0\
    portolan\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
    \x02\x02\x10\x02\0\x03\x02\x03";

/// Several dialects are offered, and none is settled yet.
const WILDCARD: u16 = 0x02ff;

pub(super) fn negotiate(_target: SocketAddr) -> Packet {
    Packet {
        name: "microsoft-ds negotiation".into(),
        bytes: NEGOTIATE.into(),
    }
}

/// Wants the answer to the negotiation, behind the length of [MS-SMB2] §2.1.
pub(super) fn recognise(received: &[u8]) -> Match {
    match message(received) {
        None => Match::Partial,
        Some(Message::No) => Match::No,
        Some(Message::First(length)) => match length {
            37..=4096 => Match::Proven(Box::new(Proof {
                rule: "answer to SMB_COM_NEGOTIATE of [MS-CIFS] §2.2.4.52".into(),
                told: wire::lines(["SMB 1 alone".to_owned()]),
                ..Proof::default()
            })),
            _ => Match::No,
        },
        Some(Message::Second(answer, rest)) => {
            // The answer to the follow-up tells the dialect.
            let settled = match message(rest) {
                Some(Message::Second(second, _)) => second.dialect,
                _ => answer.dialect,
            };
            Match::Proven(Box::new(proof(&answer, settled)))
        }
    }
}

/// The dialect, where the first answer leaves it open (§3.3.5.3.2).
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let open = match message(received)? {
        Message::Second(answer, rest) => answer.dialect == WILDCARD && rest.is_empty(),
        _ => false,
    };
    (open && followed == 0).then(|| Packet {
        name: "microsoft-ds SMB2 NEGOTIATE".into(),
        bytes: NEGOTIATE_2.into(),
    })
}

enum Message<'a> {
    No,
    /// Of the first SMB, with its length.
    First(usize),
    /// Of SMB 2 and later, and what follows it.
    Second(Answer<'a>, &'a [u8]),
}

/// SMB2 NEGOTIATE Response, §2.2.4.
struct Answer<'a> {
    signing_required: bool,
    dialect: u16,
    guid: &'a [u8],
}

/// Reads one answer; `None` while it may still arrive.
fn message(received: &[u8]) -> Option<Message<'_>> {
    let mut rest = wire::Wire(received);
    if !wire::opens(received, &[0, 0]) {
        return Some(Message::No);
    }
    let length = usize::try_from(rest.u32()?).unwrap_or(usize::MAX);
    let (first, second) = (b"\xffSMB\x72", b"\xfeSMB\x40\0");
    if wire::opens(rest.0, first) {
        return match rest.take(10)?.get(9) {
            // The flag SMB_FLAGS_REPLY of §2.2.3.1.
            Some(flags) if flags & 0x80 != 0 => {
                rest.take(22)?;
                Some(Message::First(length))
            }
            _ => Some(Message::No),
        };
    }
    if !wire::opens(rest.0, second) || !(64 + 64..16 * 1024).contains(&length) {
        return Some(Message::No);
    }
    let mut body = wire::Wire(rest.take(length)?);
    let header = body.take(64)?;
    let is = |at: usize, wanted: &[u8]| header.get(at..).is_some_and(|h| h.starts_with(wanted));
    // Success, NEGOTIATE, and the flag SMB2_FLAGS_SERVER_TO_REDIR of §2.2.1.2.
    let answers = is(8, &[0; 6]) && header.get(16).is_some_and(|flags| flags & 1 == 1);
    if !answers || body.u16_le()? != 65 {
        return Some(Message::No);
    }
    let signing_required = body.u16_le()? & 2 != 0;
    let dialect = body.u16_le()?;
    body.u16_le()?;
    let guid = body.take(16)?;
    let known = [0x0202, 0x0210, 0x0300, 0x0302, 0x0311, WILDCARD].contains(&dialect);
    let answer = Answer {
        signing_required,
        dialect,
        guid,
    };
    Some(match known {
        true => Message::Second(answer, rest.0),
        false => Message::No,
    })
}

fn proof(answer: &Answer<'_>, dialect: u16) -> Proof {
    let dialect = match dialect {
        WILDCARD => "SMB 2.1 or later".to_owned(),
        _ => format!(
            "SMB {}.{}.{} of the dialects 2.0.2 to 3.0.2",
            dialect >> 8,
            (dialect >> 4) & 15,
            dialect & 15
        ),
    };
    let signing = match answer.signing_required {
        true => "signing required",
        false => "signing not required",
    };
    let mut lines = vec![dialect, signing.to_owned()];
    let name = samba_name(answer.guid);
    if let Some(name) = name {
        lines.push(format!("server name {name}"));
    }
    Proof {
        told: wire::lines(lines),
        ..wire::proof(
            "SMB2 NEGOTIATE Response of [MS-SMB2] §2.2.4",
            name.map(|_| {
                let told = Told::new("samba", None, None);
                (
                    told,
                    "the server's identifier is its own name, as Samba makes it",
                )
            }),
        )
    }
}

/// The name that Samba puts where others put a random GUID: learnt from Samba 4.17's answer, in
/// which the server's NetBIOS name stands in lower case before zeros.
fn samba_name(guid: &[u8]) -> Option<&str> {
    let end = guid.iter().position(|&b| b == 0)?;
    let (name, padding) = guid.split_at_checked(end)?;
    let name = std::str::from_utf8(name).ok()?;
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    let is = !name.is_empty() && name.chars().all(sound) && padding.iter().all(|&b| b == 0);
    // Fewer zeros could be chance.
    (is && padding.len() + name.len() == 16).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lengths_in_front_of_the_packets_are_sound() {
        for packet in [NEGOTIATE, NEGOTIATE_2] {
            let length = packet.len() - 4;
            assert_eq!(&packet[..4], &u32::try_from(length).unwrap().to_be_bytes());
        }
    }

    #[test]
    fn a_random_identifier_names_nobody() {
        assert_eq!(samba_name(b"files\0\0\0\0\0\0\0\0\0\0\0"), Some("files"));
        assert_eq!(samba_name(b"\x12\x9fles\0\0\0\0\0\0\0\0\0\0\0"), None);
        assert_eq!(samba_name(b"files\0\0\0\0\x01\0\0\0\0\0\0"), None);
    }
}
