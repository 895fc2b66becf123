//! What a registry's columns have no room for, as lines of a row's notes: `Scope: host:db1.`
//!
//! A line is a key, a colon, the value and a full stop. In a value the backslash, what cannot be
//! seen, and a blank at either end are written out, so that it reads back exactly.

use std::borrow::Cow;

use portolan_registry::neutral;

/// The keys of lines, in the order in which they are written.
const KEYS: [&str; 27] = [
    "Status",
    "Service name",
    "Assignee",
    "Contact",
    "Description",
    "Reference",
    "Communication",
    "Unauthorized use",
    "Notes",
    "Why not Dynamic",
    "Why not User",
    "Scope",
    "Ticket",
    "Expires",
    "Program",
    "User",
    "Unit",
    "Container",
    "Protocol",
    "Product",
    "Requested",
    "Requested by",
    "Because",
    "Revocation announced",
    "Revocation effective",
    "Revocation because",
    "Reuses",
];

/// Lines that are being written.
#[derive(Default)]
pub(super) struct Lines(pub(super) String);

impl Lines {
    /// Adds a line; nothing for an empty value.
    pub(super) fn put(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        self.line(&format!("{key}: {}.", escaped(value)));
    }

    pub(super) fn line(&mut self, line: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(line);
    }
}

/// The key of a line and its value; `None` for what is no such line.
pub(super) fn read(line: &str) -> Option<(&'static str, String)> {
    let (key, value) = line.split_once(": ")?;
    let key = KEYS.into_iter().find(|known| *known == key)?;
    Some((key, unescaped(value.strip_suffix('.')?)?))
}

/// Whether a text comes back from a cell as it went in, through CSV, XML and JSON, whichever: no
/// character that is not seen, no blank at either end of a line, no empty line.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.split('\n').all(is_plain_line)
}

/// The same on one line.
pub(super) fn is_plain_line(line: &str) -> bool {
    !line.is_empty() && line.trim() == line && !line.chars().any(is_odd)
}

/// Cannot be seen, or has no place in XML 1.0 ("Characters").
pub(super) fn is_odd(c: char) -> bool {
    let ends = matches!(c, '\u{fffe}' | '\u{ffff}');
    ends || matches!(neutral(c.encode_utf8(&mut [0; 4])), Cow::Owned(_))
}

pub(super) fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (at, c) in value.chars().enumerate() {
        match c {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            c if is_odd(c) || (c.is_whitespace() && (at == 0 || at == last)) => {
                text.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => text.push(c),
        }
    }
    text
}

/// `None` where an escape is none.
pub(super) fn unescaped(text: &str) -> Option<String> {
    let mut value = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        value.push_str(plain);
        rest = match escape.chars().next()? {
            '\\' => {
                value.push('\\');
                &escape[1..]
            }
            'n' => {
                value.push('\n');
                &escape[1..]
            }
            _ => {
                let (digits, after) = escape.strip_prefix("u{")?.split_once('}')?;
                let digits = Some(digits).filter(|d| d.len() <= 6)?;
                value.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
                after
            }
        };
    }
    value.push_str(rest);
    Some(value)
}
