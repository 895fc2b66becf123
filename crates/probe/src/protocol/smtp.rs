//! SMTP: a 220 greeting, then EHLO answered by a well-formed 250, RFC 5321 §4.1.1.1 and §4.2.
//!
//! The greeting alone proves nothing: FTP (RFC 959) greets with 220 as well.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "smtp",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        farewell: Some(b"QUIT\r\n"),
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

/// §4.5.3.1.5 says 512; servers that list many capabilities in one line exceed it.
const LONGEST_LINE: usize = 1024;

/// Wants the 220 reply, and after it the `ehlo-ok-rsp`.
pub(super) fn recognise(received: &[u8]) -> Match {
    let (greeting, rest) = match reply(received, *b"220") {
        Reply::No => return Match::No,
        Reply::Partial => return Match::Partial,
        Reply::Whole(lines, rest) => (lines, rest),
    };
    let capabilities = match reply(rest, *b"250") {
        Reply::No => return Match::No,
        Reply::Partial => return Match::Partial,
        Reply::Whole(lines, _) => lines,
    };
    let Some((domain, keywords)) = capabilities.split_first() else {
        return Match::No;
    };
    let named = domain.split(' ').next().is_some_and(is_domain);
    if !named || !keywords.iter().all(|k| is_keyword_line(k)) {
        return Match::No;
    }
    let told = greeting.first().and_then(|g| product(g));
    Match::Proven(Box::new(Proof {
        rule: "220 greeting and EHLO's 250 reply of RFC 5321 §4.1.1.1".into(),
        starttls: keywords
            .iter()
            .any(|k| k.trim().eq_ignore_ascii_case("STARTTLS")),
        ..product::proof(told, "the greeting names the product")
    }))
}

/// EHLO, once the greeting is whole.
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let greeted = matches!(reply(received, *b"220"), Reply::Whole(..));
    (greeted && followed == 0).then(|| Packet {
        name: "smtp EHLO".into(),
        bytes: b"EHLO localhost\r\n".as_slice().into(),
    })
}

enum Reply<'a> {
    No,
    Partial,
    /// The text of each line, and what follows the reply.
    Whole(Vec<&'a str>, &'a [u8]),
}

/// Reads `*( code "-" [text] CRLF ) code [ SP text ] CRLF`, the reply of §4.2.
fn reply(mut rest: &[u8], code: [u8; 3]) -> Reply<'_> {
    let mut lines = Vec::new();
    loop {
        let shared = rest.len().min(3);
        if rest[..shared] != code[..shared]
            || !matches!(rest.get(3), None | Some(b' ' | b'-' | b'\r'))
        {
            return Reply::No;
        }
        let Some(end) = rest.windows(2).position(|w| w == b"\r\n") else {
            let text = rest.strip_suffix(b"\r").unwrap_or(rest);
            return match text.len() <= LONGEST_LINE && is_text(text) {
                true => Reply::Partial,
                false => Reply::No,
            };
        };
        let (line, after) = (&rest[..end], &rest[end + 2..]);
        if line.len() > LONGEST_LINE || !is_text(line) {
            return Reply::No;
        }
        let Ok(line) = std::str::from_utf8(line) else {
            return Reply::No;
        };
        lines.push(line.get(4..).unwrap_or(""));
        rest = after;
        if line.as_bytes().get(3) != Some(&b'-') {
            return Reply::Whole(lines, rest);
        }
    }
}

/// `textstring = 1*(%d09 / %d32-126)`, widened by RFC 6531 to UTF-8.
fn is_text(line: &[u8]) -> bool {
    line.iter().all(|&b| b == b'\t' || (b >= 0x20 && b != 0x7f))
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

/// What the text of the greeting names.
fn product(greeting: &str) -> Option<Told> {
    const KNOWN: [(&str, &str, &str); 10] = [
        ("ESMTP Exim ", "exim", "exim:exim"),
        ("ESMTP Postfix", "postfix", "postfix:postfix"),
        ("ESMTP OpenSMTPD", "opensmtpd", "openbsd:opensmtpd"),
        ("ESMTP Sendmail ", "sendmail", "sendmail:sendmail"),
        ("Microsoft ESMTP MAIL Service", "microsoft-smtp", ""),
        ("ESMTP MailHog", "mailhog", ""),
        ("Mailpit ESMTP", "mailpit", ""),
        ("Python SMTP ", "aiosmtpd", ""),
        ("ESMTP Haraka", "haraka", "haraka_project:haraka"),
        ("ESMTP qpsmtpd ", "qpsmtpd", ""),
    ];
    let (mark, key, cpe) = KNOWN
        .into_iter()
        .find(|(mark, ..)| greeting.contains(mark))?;
    let after = &greeting[greeting.find(mark)? + mark.len()..];
    let version = after
        .trim_start()
        .split([' ', '/', ';', '('])
        .next()
        .unwrap_or("");
    let version = Some(version).filter(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    Some(Told::new(key, version, (!cpe.is_empty()).then_some(cpe)))
}
