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

/// Whether a character changes how the text around it is shown: control characters (C0, DEL, C1), line and paragraph separators, the bidirectional controls of
/// UAX #9, and what is not seen at all, so that two texts would look alike: Unicode's
/// `Default_Ignorable_Code_Point` but for the variation selectors of scripts and emoji, and the
/// interlinear annotations.
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
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

    #[test]
    fn what_is_not_seen_is_shown() {
        let unseen = "\u{ad}\u{115f}\u{1160}\u{180e}\u{3164}\u{ffa0}\u{fff9}\u{fffa}\u{fffb}\u{e0000}\u{e0041}\u{e0fff}";
        for c in unseen.chars() {
            let shown = format!("pay\\u{{{:x}}}ments", u32::from(c));
            assert_eq!(neutral(&format!("pay{c}ments")), shown);
        }
        assert_eq!(
            neutral("\u{2764}\u{fe0f} \u{ac00}\u{fffd}"),
            "\u{2764}\u{fe0f} \u{ac00}\u{fffd}"
        );
    }
}
