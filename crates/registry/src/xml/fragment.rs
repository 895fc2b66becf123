//! The file as elements opening and closing, with text between.
//!
//! Written by hand because it is most of the time that reading takes: a tokenizer for every XML
//! there is costs more than twice as much here. It takes all of XML 1.0's grammar but document
//! type declarations, which it refuses, and checks that elements nest.

use std::borrow::Cow;

use super::error::{Error, Spot};
use super::{MOST_DEPTH, decode, word};

/// The next thing in the file.
pub(super) enum Fragment<'a> {
    /// An element opens; [`Fragment::Close`] follows also where it is written `<empty/>`.
    Open(Tag<'a>),
    /// The innermost element closes.
    Close,
    /// Characters, never none.
    Text(Cow<'a, str>),
    /// The file is over.
    End,
}

/// An element's name and attributes as they are written.
#[derive(Clone, Copy)]
pub(super) struct Tag<'a> {
    /// The name, with its prefix if it has one.
    pub(super) name: &'a str,
    raw: &'a str,
    /// Where it begins.
    pub(super) offset: usize,
}

/// Goes through a text.
pub(super) struct Fragments<'a> {
    text: &'a str,
    at: usize,
    open: Vec<&'a str>,
    /// Whether the last element was written `<empty/>` and closes next.
    closes: bool,
    /// Whether any CR is in the text, so that line ends have to be looked at.
    returns: bool,
    /// Whether the outermost element has begun.
    rooted: bool,
    /// Where the last fragment begins.
    pub(super) offset: usize,
    /// Whether the last text is known to be nothing but white space.
    pub(super) blank: bool,
}

impl<'a> Fragments<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, Error> {
        let refused = |b: u8| b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r');
        let bytes = text.as_bytes();
        // Once for the whole file: no text of it needs to be looked at again.
        if control(bytes)
            && let Some(at) = bytes.iter().position(|b| refused(*b))
        {
            return Err(Error::Control {
                at: Spot::of(bytes, at),
                byte: bytes[at],
            });
        }
        Ok(Self {
            text,
            at: if text.starts_with('\u{feff}') { 3 } else { 0 },
            open: Vec::new(),
            closes: false,
            returns: memchr::memchr(b'\r', bytes).is_some(),
            rooted: false,
            offset: 0,
            blank: false,
        })
    }

    /// The place of a byte.
    pub(super) fn spot(&self, offset: usize) -> Spot {
        Spot::of(self.text.as_bytes(), offset)
    }

    /// The next fragment.
    pub(super) fn next(&mut self) -> Result<Fragment<'a>, Error> {
        if std::mem::take(&mut self.closes) {
            self.open.pop();
            return Ok(Fragment::Close);
        }
        loop {
            self.offset = self.at;
            self.blank = false;
            let rest = &self.text[self.at..];
            match rest.as_bytes() {
                [] => return self.end(),
                [b'<', b'/', ..] => return self.close(&rest[2..]),
                [b'<', b'?', ..] => {
                    self.at += self.through(rest, "?>")?;
                }
                [b'<', b'!', ..] => {
                    if let Some(text) = self.bang(rest)? {
                        return Ok(Fragment::Text(text));
                    }
                }
                [b'<', ..] => return self.tag(&rest[1..]),
                [b'&', ..] => return self.reference(&rest[1..]),
                bytes => {
                    // Most texts are the blanks between two elements, too short for memchr.
                    let blanks = word::blanks(bytes);
                    let end = match bytes.get(blanks) {
                        Some(b'<') => {
                            self.blank = blanks > 0;
                            blanks
                        }
                        _ => memchr::memchr2(b'<', b'&', bytes).unwrap_or(bytes.len()),
                    };
                    self.at += end;
                    return Ok(Fragment::Text(self.line_ends(&rest[..end])));
                }
            }
        }
    }

    fn line_ends(&self, text: &'a str) -> Cow<'a, str> {
        if self.returns {
            decode::line_ends(text.into())
        } else {
            Cow::Borrowed(text)
        }
    }

    /// `rest` begins behind `<`.
    fn tag(&mut self, rest: &'a str) -> Result<Fragment<'a>, Error> {
        let bytes = rest.as_bytes();
        let named = bytes
            .iter()
            .position(|b| !NAME[usize::from(*b)])
            .unwrap_or(bytes.len());
        let begins = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b':' | 0x80..);
        if !bytes.first().is_some_and(begins) {
            return Err(self.wrong("a < that begins no element; in text it is written &lt;"));
        }
        let mut end = named;
        let end = loop {
            match bytes.get(end) {
                None => return Err(self.cut()),
                Some(b'>') => break end,
                Some(b'<') => return Err(self.wrong("a < inside a tag")),
                Some(quote @ (b'"' | b'\'')) => {
                    end += 1 + word::value(&bytes[end + 1..], *quote);
                    match bytes.get(end) {
                        Some(b'<') => return Err(self.wrong("a < inside a tag")),
                        Some(_) => {}
                        None => return Err(self.cut()),
                    }
                }
                Some(_) => {}
            }
            end += 1;
        };
        self.at += end + 2;
        let name = &rest[..named];
        let inside = &rest[named..end];
        let raw = inside.strip_suffix('/').unwrap_or(inside);
        self.closes = raw.len() < inside.len();
        if !raw.is_empty() && !raw.starts_with(is_space) {
            return Err(self.wrong("an element's name holds a character that no name may"));
        }
        if self.open.is_empty() && std::mem::replace(&mut self.rooted, true) {
            return Err(self.wrong("a second outermost element; the document was over"));
        }
        if self.open.len() >= MOST_DEPTH {
            return Err(Error::TooDeep {
                at: self.spot(self.offset),
            });
        }
        self.open.push(name);
        Ok(Fragment::Open(Tag {
            name,
            raw,
            offset: self.offset,
        }))
    }

    /// `rest` begins behind `</`.
    fn close(&mut self, rest: &'a str) -> Result<Fragment<'a>, Error> {
        if let Some(open) = self.open.last()
            && rest.as_bytes().get(open.len()) == Some(&b'>')
            && word::same(&rest.as_bytes()[..open.len()], open.as_bytes())
        {
            self.at += open.len() + 3;
            self.open.pop();
            return Ok(Fragment::Close);
        }
        let end = memchr::memchr(b'>', rest.as_bytes()).ok_or_else(|| self.cut())?;
        let name = rest[..end].trim_end_matches(is_space);
        match self.open.pop() {
            Some(open) if open == name => {
                self.at += end + 3;
                Ok(Fragment::Close)
            }
            Some(open) => Err(self.wrong(&format!(
                "</{}> where <{}> is to be closed",
                excerpt(name),
                excerpt(open)
            ))),
            None => Err(self.wrong(&format!("</{}> closes nothing", excerpt(name)))),
        }
    }

    /// A comment, which is no fragment, or a CDATA section; `rest` begins with `<!`.
    fn bang(&mut self, rest: &'a str) -> Result<Option<Cow<'a, str>>, Error> {
        if let Some(inside) = rest.strip_prefix("<!--") {
            // Behind the opening, so that `<!-->` is no whole comment.
            self.at += 4 + self.through(inside, "-->")?;
            return Ok(None);
        }
        if let Some(content) = rest.strip_prefix("<![CDATA[") {
            let length = self.through(content, "]]>")?;
            self.at += 9 + length;
            let text = &content[..length - 3];
            return Ok((!text.is_empty()).then(|| self.line_ends(text)));
        }
        let at = self.spot(self.offset);
        if rest
            .get(..9)
            .is_some_and(|r| r.eq_ignore_ascii_case("<!doctype"))
        {
            return Err(Error::DocumentType { at });
        }
        Err(self.wrong("a <! that is neither a comment nor CDATA"))
    }

    /// `rest` begins behind `&`.
    fn reference(&mut self, rest: &'a str) -> Result<Fragment<'a>, Error> {
        let is_end = |c: char| !c.is_alphanumeric() && !matches!(c, '#' | '_' | '-' | '.' | ':');
        let end = rest.find(is_end).unwrap_or(rest.len());
        let name = &rest[..end];
        if !rest[end..].starts_with(';') {
            return Err(self.wrong("an & that begins no reference; in text it is written &amp;"));
        }
        let character = decode::entity(name).ok_or_else(|| self.no_entity(name, self.offset))?;
        self.at += end + 2;
        Ok(Fragment::Text(character.to_string().into()))
    }

    /// How far it is to the end of `mark` in `rest`.
    fn through(&self, rest: &str, mark: &str) -> Result<usize, Error> {
        rest.find(mark)
            .map(|start| start + mark.len())
            .ok_or_else(|| self.cut())
    }

    fn end(&self) -> Result<Fragment<'a>, Error> {
        if self.open.is_empty() {
            Ok(Fragment::End)
        } else {
            Err(self.cut())
        }
    }

    /// What was begun does not end before the file does.
    fn cut(&self) -> Error {
        Error::Truncated {
            at: self.spot(self.text.len()),
            element: self
                .open
                .last()
                .map_or_else(|| "?".to_owned(), |open| excerpt(open)),
        }
    }

    fn wrong(&self, why: &str) -> Error {
        Error::Syntax {
            at: self.spot(self.offset),
            why: why.to_owned(),
        }
    }

    fn no_entity(&self, name: &str, offset: usize) -> Error {
        Error::Entity {
            at: self.spot(offset),
            found: excerpt(name),
        }
    }

    /// Calls `take` with each attribute's name and value; that none stands twice is for it to see.
    pub(super) fn attributes(
        &self,
        tag: Tag<'a>,
        mut take: impl FnMut(&'a str, Cow<'a, str>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut rest = tag.raw.trim_start_matches(is_space);
        while !rest.is_empty() {
            let attribute = attribute(rest);
            let Some((name, raw, after)) = attribute else {
                return Err(Error::Syntax {
                    at: self.spot(tag.offset),
                    why: format!(
                        "<{}> has an attribute that is not name=\"value\"",
                        excerpt(tag.name)
                    ),
                });
            };
            let value = decode::attribute(raw).map_err(|name| self.no_entity(name, tag.offset))?;
            take(name, value)?;
            rest = after;
        }
        Ok(())
    }
}

/// What may stand in a name; letters of other scripts are not told apart.
const NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | 0x80..);
        byte += 1;
    }
    table
};

/// The first attribute's name and raw value, and what follows.
fn attribute(text: &str) -> Option<(&str, &str, &str)> {
    let equals = text.bytes().position(|b| b == b'=')?;
    let name = text[..equals].trim_end_matches(is_space);
    let value = text[equals + 1..].trim_start_matches(is_space);
    let quote = *value
        .as_bytes()
        .first()
        .filter(|b| matches!(b, b'"' | b'\''))?;
    // A tag holds no `<`, so that this finds the quote or nothing.
    let end = 1 + word::value(&value.as_bytes()[1..], quote);
    if end == value.len() {
        return None;
    }
    let after = &value[end + 1..];
    let rest = after.trim_start_matches(is_space);
    let is_name = !name.is_empty() && !name.contains([' ', '\t', '\n', '\r', '"', '\'', '/']);
    let parted = rest.is_empty() || rest.len() < after.len();
    (is_name && parted).then_some((name, &value[1..end], rest))
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Whether there is a control character that XML refuses. Without a branch for each byte, so that
/// it is done many bytes at a time.
fn control(bytes: &[u8]) -> bool {
    bytes.chunks(4096).any(|chunk| {
        chunk.iter().fold(false, |found, b| {
            found | ((*b < b' ') & (*b != b'\n') & (*b != b'\r') & (*b != b'\t'))
        })
    })
}

/// As much of a text as an error shows.
pub(super) fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}
