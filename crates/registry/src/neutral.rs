//! Text from outside, made safe to show: nothing in it steers a terminal or turns text around.

use std::borrow::Cow;

/// The text with every character that could steer a terminal written out as `\u{..}`.
#[must_use]
pub fn neutral(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().map(|c| {
        if steers(c) {
            Cow::Owned(c.escape_default().to_string())
        } else {
            Cow::Owned(c.into())
        }
    });
    Cow::Owned(shown.collect())
}

/// The same on one line: runs of white space become one space.
#[must_use]
pub fn one_line(text: &str) -> String {
    neutral(&text.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}

/// Control characters (C0, DEL, C1), line and paragraph separators, and the bidirectional
/// controls of UAX #9.
pub(crate) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_shown_and_not_obeyed() {
        assert_eq!(neutral("plain é"), "plain é");
        assert_eq!(
            neutral("\u{1b}[2J\u{9b}x\u{202e}"),
            "\\u{1b}[2J\\u{9b}x\\u{202e}"
        );
        assert_eq!(one_line("two\n    lines"), "two lines");
    }
}
