//! DNS, RFC 1035, over UDP and TCP (§4.2): the answer to the question for the server's version.
//!
//! `version.bind CH TXT` is BIND's convention, which RFC 4892 §3 describes and most servers
//! follow. A refusal proves DNS as well: it repeats our id and our question.

pub(in crate::protocol) mod message;

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;
use message::{CH, Message, Question, TXT};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "domain",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: Some(Datagram {
        follow,
        ..Datagram::asked(first_datagram, recognise_datagram)
    }),
};

/// Ours, so that an answer is known to be one.
const ID: u16 = 0x504f;
/// §4.1.1: recursion desired, as every stub resolver asks; some servers ignore all else.
const RECURSION: u16 = 0x0100;
/// The names that are asked for, in order: BIND's and that of RFC 4892.
const NAMES: [&str; 2] = ["version.bind", "version.server"];

fn first(_target: SocketAddr) -> Packet {
    let query = message::query(ID, RECURSION, NAMES[0], TXT, CH);
    let length = u16::try_from(query.len()).unwrap_or(0);
    Packet {
        name: "dns version.bind".into(),
        bytes: [length.to_be_bytes().as_slice(), &query].concat().into(),
    }
}

fn first_datagram(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "dns version.bind".into(),
        bytes: message::query(ID, RECURSION, NAMES[0], TXT, CH).into(),
    }]
}

/// Where `version.bind` told nothing, `version.server` may.
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let told =
        matches!(recognise_datagram(received), Match::Proven(proof) if !proof.told.is_empty());
    (followed == 0 && !told).then(|| Packet {
        name: "dns version.server".into(),
        bytes: message::query(ID, RECURSION, NAMES[1], TXT, CH).into(),
    })
}

/// Wants the two length octets of §4.2.2 and a response within.
fn recognise(received: &[u8]) -> Match {
    /// Our questions have short answers.
    const LONGEST: usize = 2048;
    let Some((prefix, rest)) = received.split_first_chunk::<2>() else {
        return Match::Partial;
    };
    let length = usize::from(u16::from_be_bytes(*prefix));
    let id = ID.to_be_bytes();
    let shared = rest.len().min(id.len());
    if !(12..=LONGEST).contains(&length) || rest.get(..shared) != id.get(..shared) {
        return Match::No;
    }
    match rest.get(..length) {
        None => Match::Partial,
        Some(message) => recognise_datagram(message),
    }
}

/// Wants a response with our id that repeats our question, or an error that is a header alone.
fn recognise_datagram(received: &[u8]) -> Match {
    let Some(message) = Message::read(received, ID) else {
        return Match::No;
    };
    let asked = |name: &str| Question {
        name: name.to_owned(),
        kind: TXT,
        class: CH,
    };
    let sound = match &message.question {
        Some(question) => NAMES.iter().any(|name| asked(name) == *question),
        // FORMERR and NOTIMP are often sent so: twelve octets, of which ten are known.
        None => received.len() == 12 && matches!(message.code(), 1 | 2 | 4 | 5),
    };
    if !sound {
        return Match::No;
    }
    let text = message
        .answers
        .iter()
        .filter(|record| record.kind == TXT && NAMES.contains(&record.name.as_str()))
        .find_map(|record| message::strings(record.data));
    let text = text.unwrap_or_default();
    let (told, because) = product::told_by("domain", &[("@version", &text)]).unzip();
    let rule = match message.question {
        Some(_) => "response of RFC 1035 §4 with our id and our question",
        None => "error response of RFC 1035 §4.1.1 with our id",
    };
    Match::Proven(Box::new(Proof {
        rule: rule.into(),
        told: line(&text).into_iter().collect(),
        ..product::proof(told, because.unwrap_or_default())
    }))
}

/// What it said of its version, bounded and printable; `None` where nothing.
fn line(text: &[u8]) -> Option<String> {
    let text: String = String::from_utf8_lossy(text)
        .chars()
        .filter(|c| c.is_ascii_graphic() || *c == ' ')
        .take(100)
        .collect();
    (!text.is_empty()).then(|| format!("version: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_proves_it_by_id_and_question() {
        let mut answer = message::query(ID, 0x8105, NAMES[0], TXT, CH);
        assert!(matches!(recognise_datagram(&answer), Match::Proven(_)));
        let header = answer.get(..12).map(<[u8]>::to_vec);
        answer[2] = 1;
        assert_eq!(recognise_datagram(&answer), Match::No, "our own query");
        let mut header = header.unwrap();
        header[5] = 0;
        assert!(matches!(recognise_datagram(&header), Match::Proven(_)));
        header[3] = 0;
        assert_eq!(recognise_datagram(&header), Match::No, "no error");
    }

    #[test]
    fn another_question_or_id_or_a_loop_of_pointers_proves_nothing() {
        for (id, name, kind) in [
            (ID, "version.other", TXT),
            (1, NAMES[0], TXT),
            (ID, NAMES[0], 1),
        ] {
            let answer = message::query(id, 0x8180, name, kind, CH);
            assert_eq!(recognise_datagram(&answer), Match::No);
        }
        let looped = [
            b"PO\x81\x80\0\x01\0\0\0\0\0\0".as_slice(),
            b"\xc0\x0c\0\x10\0\x03",
        ]
        .concat();
        assert_eq!(recognise_datagram(&looped), Match::No);
    }
}
