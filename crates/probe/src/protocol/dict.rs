//! DICT: the 220 greeting that ends with capabilities and a message identifier, RFC 2229 §3.1.
//!
//! Its products are told by `@greeting`.

use super::reply::{Marking, Replies, replies};
use super::{Match, Protocol, Safety, Stream, line};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "dict",
    safety: Safety::Polite,
    stream: Some(Stream {
        farewell: Some(b"QUIT\r\n"),
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

/// Wants `220 text <auth.mime> <id@host>`; the angle brackets of the first tell it from mail.
pub(super) fn recognise(received: &[u8]) -> Match {
    let Replies { whole, open } = replies(received, Marking::Each);
    let Some(greeting) = whole.first() else {
        let digits = received.get(..3).unwrap_or(received);
        let hopeful = open && b"220".starts_with(digits);
        return if hopeful { Match::Partial } else { Match::No };
    };
    let text = greeting.lines.first().copied().unwrap_or("");
    let mut words = text.trim_end().rsplit(' ');
    let (identifier, capabilities) = (words.next(), words.next());
    let identified = bracketed(identifier).is_some_and(|i| i.contains('@') && i.contains('.'));
    let listed = bracketed(capabilities).is_some_and(|list| {
        let word =
            |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        !list.contains('@') && list.split('.').all(word)
    });
    if greeting.code != 220 || greeting.lines.len() != 1 || !identified || !listed {
        return Match::No;
    }
    let fields = [("@greeting", text.as_bytes())];
    Match::Proven(Box::new(line::proof(
        "greeting of RFC 2229 §3.1",
        "dict",
        &fields,
    )))
}

fn bracketed(word: Option<&str>) -> Option<&str> {
    word?.strip_prefix('<')?.strip_suffix('>')
}
