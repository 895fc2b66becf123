//! From the characters in a file to those that they stand for.

use std::borrow::Cow;

/// What `&name;` stands for: XML's five entities and character references, nothing else.
pub(super) fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let (digits, radix) = match digits.strip_prefix('x') {
                Some(digits) => (digits, 16),
                None => (digits, 10),
            };
            if !digits.bytes().all(|b| char::from(b).is_digit(radix)) {
                return None;
            }
            let character = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
            is_allowed(character).then_some(character)
        }
    }
}

/// Whether XML 1.0 may hold the character (its production 2, Char).
pub(super) fn is_allowed(character: char) -> bool {
    !matches!(character, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// Line ends as XML reads them: CRLF and CR are LF (XML 1.0 §2.11).
pub(super) fn line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return text;
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// An attribute's value: references resolved, white space made blank (XML 1.0 §3.3.3).
///
/// `Err` has the name of the entity that is none.
pub(super) fn attribute(raw: &str) -> Result<Cow<'_, str>, &str> {
    // Without a branch for each byte: nearly all values are plain to their end.
    let is_plain = |b: u8| (b != b'&') & (b != b'\n') & (b != b'\r') & (b != b'\t');
    if raw.bytes().fold(true, |plain, b| plain & is_plain(b)) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\n', '\r', '\t']) {
        value.push_str(&rest[..at]);
        let tail = &rest[at..];
        if let Some(reference) = tail.strip_prefix('&') {
            let (name, after) = reference.split_once(';').ok_or(reference)?;
            value.push(entity(name).ok_or(name)?);
            rest = after;
        } else {
            value.push(' ');
            rest = tail.strip_prefix("\r\n").unwrap_or(&tail[1..]);
        }
    }
    value.push_str(rest);
    Ok(Cow::Owned(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_white_space() {
        assert_eq!(attribute("a&amp;b&#65;&#x42;\r\n\tc").unwrap(), "a&bAB  c");
        assert_eq!(attribute("&bomb;"), Err("bomb"));
        assert_eq!(attribute("a & b"), Err(" b"));
        for none in [
            "#0", "#x1", "#xD800", "#-5", "#x110000", "#", "#x", "", "AMP",
        ] {
            assert_eq!(entity(none), None, "{none}");
        }
        assert_eq!(line_ends("a\r\nb\rc\n".into()), "a\nb\nc\n");
    }
}
