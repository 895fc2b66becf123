//! The file as elements opening and closing, with text between: quick-xml, bounded.

use std::borrow::Cow;

use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesStart, Event};

use super::error::{Error, Spot};
use super::{MOST_DEPTH, decode};

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
    events: quick_xml::Reader<&'a [u8]>,
    open: Vec<&'a str>,
    /// Whether the last element was written `<empty/>` and closes next.
    closes: bool,
    /// Where the last fragment begins.
    pub(super) offset: usize,
}

impl<'a> Fragments<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, Error> {
        let refused = |b: &u8| *b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r');
        // In one go, because quick-xml takes any character.
        if let Some(at) = control(text.as_bytes()).then(|| text.bytes().position(|b| refused(&b)))
            && let Some(at) = at
        {
            return Err(Error::Control {
                at: Spot::of(text.as_bytes(), at),
                byte: text.as_bytes()[at],
            });
        }
        Ok(Self {
            text,
            events: quick_xml::Reader::from_str(text),
            open: Vec::new(),
            closes: false,
            offset: 0,
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
            self.offset = position(self.events.buffer_position());
            match self.events.read_event() {
                Ok(Event::Start(start)) => return self.open(&start, 1),
                Ok(Event::Empty(start)) => {
                    self.closes = true;
                    return self.open(&start, 2);
                }
                Ok(Event::End(_)) => {
                    self.open.pop();
                    return Ok(Fragment::Close);
                }
                Ok(Event::Text(text)) => {
                    return Ok(Fragment::Text(decode::line_ends(text.into_inner())));
                }
                Ok(Event::CData(text)) if !text.is_empty() => {
                    return Ok(Fragment::Text(decode::line_ends(text.into_inner())));
                }
                Ok(Event::GeneralRef(name)) => {
                    let Some(character) = decode::entity(&name) else {
                        return Err(self.no_entity(&name, self.offset));
                    };
                    return Ok(Fragment::Text(character.to_string().into()));
                }
                Ok(Event::DocType(_)) => {
                    return Err(Error::DocumentType {
                        at: self.spot(self.offset),
                    });
                }
                Ok(Event::CData(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_)) => {}
                Ok(Event::Eof) => return self.end(),
                Err(error) => return Err(self.syntax(&error)),
            }
        }
    }

    /// `closing` is how many bytes end the tag: `>` or `/>`.
    fn open(&mut self, start: &BytesStart<'_>, closing: usize) -> Result<Fragment<'a>, Error> {
        let end = position(self.events.buffer_position()).saturating_sub(closing);
        let from = end.saturating_sub(start.len());
        let content = self.text.get(from..end).unwrap_or_default();
        let (name, raw) = content.split_at(start.name().0.len().min(content.len()));
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

    fn end(&self) -> Result<Fragment<'a>, Error> {
        match self.open.last() {
            None => Ok(Fragment::End),
            Some(element) => Err(Error::Truncated {
                at: self.spot(self.text.len()),
                element: excerpt(element),
            }),
        }
    }

    fn syntax(&self, error: &quick_xml::Error) -> Error {
        let at = position(self.events.error_position());
        let unclosed = matches!(error, quick_xml::Error::Syntax(_));
        match self.open.last() {
            // Markup that never ends is what a cut-off file ends in.
            Some(element) if unclosed => Error::Truncated {
                at: self.spot(self.text.len()),
                element: excerpt(element),
            },
            _ => Error::Syntax {
                at: self.spot(at),
                why: error.to_string(),
            },
        }
    }

    fn no_entity(&self, name: &str, offset: usize) -> Error {
        Error::Entity {
            at: self.spot(offset),
            found: excerpt(name),
        }
    }

    /// Calls `take` with each attribute's name and value; `false` from it means "not known".
    pub(super) fn attributes(
        &self,
        tag: Tag<'a>,
        mut take: impl FnMut(&'a str, Cow<'a, str>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if tag.raw.is_empty() {
            return Ok(());
        }
        // Whether one stands twice is for `take` to see; quick-xml would allocate for it.
        for attribute in Attributes::new(tag.raw, 0).with_checks(false) {
            let attribute = attribute.map_err(|error| Error::Syntax {
                at: self.spot(tag.offset),
                why: error.to_string(),
            })?;
            let value = match attribute.value {
                Cow::Borrowed(raw) => decode::attribute(raw)
                    .map_err(|name| self.no_entity(name, tag.offset))?,
                Cow::Owned(value) => Cow::Owned(value),
            };
            take(attribute.key.0, value)?;
        }
        Ok(())
    }
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

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

pub(super) fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}
