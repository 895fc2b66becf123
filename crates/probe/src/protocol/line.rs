//! Lines of text, as the protocols of lines send them; not what any of them means.

use crate::product;
use crate::protocol::Proof;

/// What was received, cut into lines.
pub(super) struct Lines<'a> {
    /// The lines that have ended, without their ends.
    pub(super) whole: Vec<&'a str>,
    /// Whether the last line has no end yet.
    pub(super) unfinished: bool,
    /// Whether all of it is text and no line is too long; the lines stop before what is not.
    pub(super) sound: bool,
}

/// Cuts `received` at LF, takes a CR before it as part of the end, and stops at control
/// characters, at what is not UTF-8 and at a line of more than `longest` bytes.
pub(super) fn lines(received: &[u8], longest: usize) -> Lines<'_> {
    let mut lines = Lines {
        whole: Vec::new(),
        unfinished: false,
        sound: true,
    };
    for part in received.split_inclusive(|&b| b == b'\n') {
        let ended = part.strip_suffix(b"\n");
        let line = ended.unwrap_or(part);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > longest || !is_text(line) {
            lines.sound = false;
            break;
        }
        match (ended, std::str::from_utf8(line)) {
            (None, _) => lines.unfinished = true,
            (Some(_), Ok(line)) => lines.whole.push(line),
            (Some(_), Err(_)) => {
                lines.sound = false;
                break;
            }
        }
    }
    lines
}

/// Printable ASCII, tabs, and the bytes of other alphabets.
pub(super) fn is_text(line: &[u8]) -> bool {
    line.iter().all(|&b| b == b'\t' || (b >= 0x20 && b != 0x7f))
}

/// A proof by `rule`, with the product that the fields tell by the rules of `protocol`.
pub(super) fn proof(rule: &'static str, protocol: &str, fields: &[(&'static str, &[u8])]) -> Proof {
    let told = match product::told_by(protocol, fields) {
        Some((told, because)) => product::proof(Some(told), because),
        None => Proof::default(),
    };
    Proof {
        rule: rule.into(),
        ..told
    }
}

/// Whether `text` holds `word`, which is ASCII, in any case.
pub(super) fn holds(text: &str, word: &str) -> bool {
    text.as_bytes()
        .windows(word.len().max(1))
        .any(|w| w.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_text_does() {
        let cut = lines(b"one\r\ntwo\nthr", 8);
        assert_eq!(cut.whole, ["one", "two"]);
        assert!(cut.unfinished && cut.sound);
        let cut = lines(b"one\n\x01\nthree\n", 8);
        assert_eq!(cut.whole, ["one"]);
        assert!(!cut.sound);
        assert!(!lines(b"too long a line", 8).sound);
        assert!(!lines(b"\xff\xfe\n", 8).sound);
    }
}
