//! Replies of three digits and text, one after the other: RFC 959 §4.2, RFC 5321 §4.2, RFC 3977 §3.2.

use super::line::is_text;

/// RFC 5321 §4.5.3.1.5 says 512; servers that list many capabilities in one line exceed it.
const LONGEST_LINE: usize = 1024;

/// More lines than any reply seen.
const MOST_LINES: usize = 256;

/// More replies than any of these conversations has.
const MOST_REPLIES: usize = 12;

/// How the lines of a reply of several lines are marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marking {
    /// Each bears the code: RFC 5321 §4.2.1.
    Each,
    /// The first and the last bear it, those between need not: RFC 959 §4.2.
    Ends,
}

/// One whole reply.
#[derive(Debug)]
pub(super) struct Reply<'a> {
    /// The three digits.
    pub(super) code: u16,
    /// The text of each line, without the code; of a line that bears none, all of it.
    pub(super) lines: Vec<&'a str>,
}

impl Reply<'_> {
    /// Whether the command was refused for good.
    pub(super) const fn is_refusal(&self) -> bool {
        matches!(self.code, 500..=599)
    }

    /// Whether any line holds the word, in any case.
    pub(super) fn names(&self, word: &str) -> bool {
        self.lines.iter().any(|l| super::line::holds(l, word))
    }

    /// All lines in one, which is what product rules read.
    pub(super) fn text(&self) -> String {
        self.lines.join(" ")
    }
}

/// All that was received, as replies.
#[derive(Debug)]
pub(super) struct Replies<'a> {
    /// Those that are whole.
    pub(super) whole: Vec<Reply<'a>>,
    /// Whether what follows them may still become one.
    pub(super) open: bool,
}

/// Reads replies from the front, as far as they go.
pub(super) fn replies(received: &[u8], marking: Marking) -> Replies<'_> {
    let mut rest = received;
    let mut whole = Vec::new();
    while whole.len() < MOST_REPLIES {
        match read(rest, marking) {
            Read::Whole(reply, after) => {
                whole.push(reply);
                rest = after;
            }
            Read::Partial => return Replies { whole, open: true },
            Read::No => return Replies { whole, open: false },
        }
    }
    Replies { whole, open: false }
}

enum Read<'a> {
    No,
    Partial,
    Whole(Reply<'a>, &'a [u8]),
}

/// Reads `*( code "-" [text] CRLF ) code [ SP text ] CRLF`.
fn read(received: &[u8], marking: Marking) -> Read<'_> {
    let mut rest = received;
    let mut code: Option<[u8; 3]> = None;
    let mut lines = Vec::new();
    loop {
        let Some(end) = rest.windows(2).position(|w| w == b"\r\n") else {
            let text = rest.strip_suffix(b"\r").unwrap_or(rest);
            let marked = match (code, marking) {
                (Some(_), Marking::Ends) => true,
                _ => begins(text, code),
            };
            return match text.len() <= LONGEST_LINE && is_text(text) && marked {
                true => Read::Partial,
                false => Read::No,
            };
        };
        let (Some(line), Some(after)) = (rest.get(..end), rest.get(end + 2..)) else {
            return Read::No;
        };
        if line.len() > LONGEST_LINE || !is_text(line) || lines.len() >= MOST_LINES {
            return Read::No;
        }
        let Ok(text) = std::str::from_utf8(line) else {
            return Read::No;
        };
        rest = after;
        let marked = line.len() >= 3 && begins(line, code);
        if !marked {
            if code.is_none() || marking == Marking::Each {
                return Read::No;
            }
            lines.push(text);
            continue;
        }
        let digits = match *line {
            [a, b, c, ..] => [a, b, c],
            _ => return Read::No,
        };
        lines.push(text.get(4..).unwrap_or(""));
        if line.get(3) != Some(&b'-') {
            let code = digits
                .iter()
                .fold(0, |n, d| n * 10 + u16::from(d.wrapping_sub(b'0')));
            return Read::Whole(Reply { code, lines }, rest);
        }
        code = Some(digits);
    }
}

/// Whether a line, perhaps unfinished, begins with that code, or with any where none is given.
fn begins(line: &[u8], code: Option<[u8; 3]>) -> bool {
    let digits = line.iter().take(3).enumerate().all(|(at, b)| match code {
        Some(code) => code.get(at) == Some(b),
        // RFC 5321 §4.2.1: the first digit is 2 to 5, the second up to 5; 1 is FTP's and NNTP's,
        // 6 in the second place that of RFC 2228, and NNTP has 8 there.
        None => b.is_ascii_digit() && (at > 0 || (b'1'..=b'6').contains(b)),
    });
    digits && matches!(line.get(3), None | Some(b' ' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_between_need_no_code_in_ftp_alone() {
        let feat = b"220 x\r\n211-Features:\r\n SIZE\r\n211 End\r\n500";
        let read = replies(feat, Marking::Ends);
        let codes: Vec<_> = read.whole.iter().map(|r| r.code).collect();
        assert_eq!(codes, [220, 211]);
        assert_eq!(read.whole[1].lines, ["Features:", " SIZE", "End"]);
        assert!(read.open);
        let read = replies(feat, Marking::Each);
        assert_eq!(read.whole.len(), 1);
        assert!(!read.open);
        for odd in [&b"2200 x\r\n"[..], b"22", b"920 x\r\n", b"220", b"x"] {
            assert!(replies(odd, Marking::Each).whole.is_empty());
        }
        assert!(replies(b"22", Marking::Each).open);
        assert!(!replies(b"2200", Marking::Each).open);
    }
}
