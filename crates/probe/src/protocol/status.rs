//! The head of an answer in the manner of RFC 822: a status line and header fields. SIP, RTSP and
//! SSDP have it from HTTP; which of them it is, is not decided here.

use std::borrow::Cow;

/// A whole head.
pub(super) struct Head<'a> {
    /// The status code.
    pub(super) code: u16,
    fields: Vec<(&'a str, &'a str)>,
}

/// What the bytes are so far.
pub(super) enum Read<'a> {
    /// No such head.
    No,
    /// The beginning of one.
    Partial,
    /// All of it.
    Whole(Head<'a>),
}

/// Longer than any head that answers a question of ours.
const LONGEST: usize = 8 * 1024;

/// Reads the head of an answer whose status line begins with `protocol`, such as `SIP/2.0 `.
pub(super) fn read<'a>(received: &'a [u8], protocol: &str) -> Read<'a> {
    let shared = received.len().min(protocol.len());
    if received.get(..shared) != protocol.as_bytes().get(..shared) {
        return Read::No;
    }
    let end = received.windows(4).position(|w| w == b"\r\n\r\n");
    let Some(text) = received.get(..end.unwrap_or(received.len())) else {
        return Read::No;
    };
    if text.len() > LONGEST
        || !text
            .iter()
            .all(|&b| matches!(b, b'\t' | b'\r' | b'\n' | 0x20..=0x7e | 0x80..))
    {
        return Read::No;
    }
    if end.is_none() {
        return Read::Partial;
    }
    head(text, protocol).map_or(Read::No, Read::Whole)
}

fn head<'a>(text: &'a [u8], protocol: &str) -> Option<Head<'a>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut lines = text.split("\r\n");
    let status = lines.next()?.strip_prefix(protocol)?;
    let digits = status.split(' ').next()?;
    let code = digits
        .parse()
        .ok()
        .filter(|code| (100..700).contains(code))?;
    let mut fields = Vec::new();
    for line in lines {
        // A folded line continues the one before, RFC 3261 §7.3.1; nothing of it is wanted.
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let (name, value) = line.split_once(':')?;
        let name = name.trim_end();
        let token = |b: u8| b.is_ascii_alphanumeric() || b"-._!%*+`'~".contains(&b);
        if name.is_empty() || !name.bytes().all(token) {
            return None;
        }
        fields.push((name, value.trim()));
    }
    (digits.len() == 3).then_some(Head { code, fields })
}

impl<'a> Head<'a> {
    /// The first value of a field.
    pub(super) fn field(&self, name: &str) -> Option<&'a str> {
        let mut named = self
            .fields
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| *value)
    }

    /// The values of a field as the rules of products read them.
    pub(super) fn values(&self, name: &str) -> Vec<Cow<'a, [u8]>> {
        let named = self
            .fields
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name));
        named
            .map(|(_, value)| Cow::Borrowed(value.as_bytes()))
            .collect()
    }
}
