//! SMTP: a 220 greeting, then EHLO answered by a well-formed 250, RFC 5321 §4.1.1.1 and §4.2.
//!
//! The greeting alone proves nothing: FTP (RFC 959) and LMTP (RFC 2033) greet with 220 as well.
//! Its products are told by `@greeting`, `@ehlo` (the first line of that reply) and `@help`.

use std::net::SocketAddr;

use super::reply::{Marking, Replies, Reply, replies};
use super::{Match, Packet, Protocol, Safety, Stream, Upgrade, line};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "smtp",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        farewell: Some(b"QUIT\r\n"),
        upgrade: Some(upgrade),
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

/// Wants the 220 reply, and after it the `ehlo-ok-rsp`.
pub(super) fn recognise(received: &[u8]) -> Match {
    let Replies { whole, open } = replies(received, Marking::Each);
    let (greeting, rest) = match whole.split_first() {
        None if open => return Match::Partial,
        Some((greeting, rest)) if greeting.code == 220 && !is_lmtp(greeting) => (greeting, rest),
        _ => return Match::No,
    };
    let (hello, rest) = match rest {
        [] if open => return Match::Partial,
        // A server of RFC 821 knows HELO alone. It has to say that it is one.
        [refusal] if is_old(greeting, refusal) && open => return Match::Partial,
        [refusal, hello, rest @ ..] if is_old(greeting, refusal) => (hello, rest),
        [hello, rest @ ..] => (hello, rest),
        [] => return Match::No,
    };
    let Some(keywords) = capabilities(hello) else {
        return Match::No;
    };
    let help = rest.iter().find(|r| r.code == 214).map(Reply::text);
    let fields = [
        ("@greeting", greeting.text()),
        (
            "@ehlo",
            hello.lines.first().copied().unwrap_or("").to_owned(),
        ),
        ("@help", help.unwrap_or_default()),
    ];
    let fields = fields
        .each_ref()
        .map(|(name, text)| (*name, text.as_bytes()));
    let mut proof = line::proof(
        "220 greeting and EHLO's 250 reply of RFC 5321 §4.1.1.1",
        "smtp",
        &fields,
    );
    proof.starttls = keywords.iter().any(|k| is_keyword(k, "STARTTLS"));
    Match::Proven(Box::new(proof))
}

/// EHLO once the greeting is whole, HELO to whom that is unknown, and HELP (RFC 5321 §4.1.1.8) to
/// whom offers it and has not told its product.
fn follow(received: &[u8], _followed: usize, _target: SocketAddr) -> Option<Packet> {
    let Replies { whole, .. } = replies(received, Marking::Each);
    match whole.as_slice() {
        [greeting] if greeting.code == 220 && !is_lmtp(greeting) && !is_ftp(greeting) => {
            Some(ehlo())
        }
        [greeting, refusal] if is_old(greeting, refusal) => Some(Packet {
            name: "smtp HELO".into(),
            bytes: b"HELO localhost\r\n".as_slice().into(),
        }),
        [_, hello] => {
            let offered = capabilities(hello)?.iter().any(|k| is_keyword(k, "HELP"));
            let told = matches!(recognise(received), Match::Proven(p) if p.product.is_some());
            (offered && !told).then(|| Packet {
                name: "smtp HELP".into(),
                bytes: b"HELP\r\n".as_slice().into(),
            })
        }
        _ => None,
    }
}

/// RFC 3207 §4: EHLO, and where STARTTLS is offered, that, which 220 grants.
fn upgrade(received: &[u8], sent: usize, _target: SocketAddr) -> Upgrade {
    granted(received, sent, ehlo())
}

/// The same for SMTP and LMTP, which differ in their hello.
pub(super) fn granted(received: &[u8], sent: usize, hello: Packet) -> Upgrade {
    let Replies { whole, open } = replies(received, Marking::Each);
    match (whole.as_slice(), sent) {
        ([greeting], 0) if greeting.code == 220 => Upgrade::Say(hello),
        ([greeting, hello], 1) if greeting.code == 220 => {
            let offered =
                capabilities(hello).is_some_and(|k| k.iter().any(|k| is_keyword(k, "STARTTLS")));
            match offered {
                true => Upgrade::Say(Packet {
                    name: "smtp STARTTLS".into(),
                    bytes: b"STARTTLS\r\n".as_slice().into(),
                }),
                false => Upgrade::Refused,
            }
        }
        ([_, _, ready], 2) if ready.code == 220 => Upgrade::Ready,
        (whole, _) if open && whole.len() <= sent => Upgrade::Wait,
        _ => Upgrade::Refused,
    }
}

fn ehlo() -> Packet {
    Packet {
        name: "smtp EHLO".into(),
        bytes: b"EHLO localhost\r\n".as_slice().into(),
    }
}

/// Whether the greeting says that LMTP is spoken, which refuses EHLO (RFC 2033 §4.1).
pub(super) fn is_lmtp(greeting: &Reply<'_>) -> bool {
    greeting.names("LMTP")
}

/// Whether the greeting speaks of FTP and not of mail: FEAT is then the better question.
pub(super) fn is_ftp(greeting: &Reply<'_>) -> bool {
    greeting.names("FTP") && !greeting.names("SMTP")
}

fn is_old(greeting: &Reply<'_>, refusal: &Reply<'_>) -> bool {
    greeting.names("SMTP") && matches!(refusal.code, 500 | 502)
}

/// The keyword lines of a well-formed answer to EHLO or LHLO; `None` where it is not one.
pub(super) fn capabilities<'a, 'r>(hello: &'r Reply<'a>) -> Option<&'r [&'a str]> {
    let (domain, keywords) = hello.lines.split_first()?;
    let named = domain.split(' ').next().is_some_and(is_domain);
    let sound = hello.code == 250 && named && keywords.iter().all(|k| is_keyword_line(k));
    sound.then_some(keywords)
}

pub(super) fn is_keyword(line: &str, keyword: &str) -> bool {
    line.trim().eq_ignore_ascii_case(keyword)
}

/// `Domain / address-literal` of §4.1.2, loosely: also a bare host name.
fn is_domain(name: &str) -> bool {
    let literal = name.strip_prefix('[').and_then(|n| n.strip_suffix(']'));
    match literal {
        Some(address) => !address.is_empty(),
        None => {
            !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_alphanumeric() || "-._".contains(c))
        }
    }
}

/// `ehlo-keyword *( SP ehlo-param )`; `AUTH=` is an old form that is still seen.
fn is_keyword_line(line: &str) -> bool {
    let keyword = line.split([' ', '=']).next().unwrap_or("");
    keyword.starts_with(|c: char| c.is_ascii_alphanumeric())
        && keyword
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
