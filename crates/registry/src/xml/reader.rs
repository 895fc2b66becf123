//! Reads IANA's XML form, item by item.

mod person;
mod prose;
mod record;

use std::borrow::Cow;

use super::MOST_TEXT_BYTES;
use super::document::{Footnote, Note, PersonEntry};
use super::error::{Error, Spot};
use super::fragment::{Fragment, Fragments, Tag, excerpt};
use super::prose::{Prose, Xref};
use super::record::Record;

/// What to do with elements and attributes that the registry did not have so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Read past them, so that tomorrow's file is readable today.
    Skip,
    /// Refuse them, so that nothing is lost without a word.
    Refuse,
}

/// A child of `<registry>`, or a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// `<title>`.
    Title(Cow<'a, str>),
    /// `<category>`.
    Category(Cow<'a, str>),
    /// `<updated>`.
    Updated(Cow<'a, str>),
    /// `<xref>`.
    Xref(Xref<'a>),
    /// `<expert>`.
    Expert(Prose<'a>),
    /// `<note>`.
    Note(Note<'a>),
    /// `<record>`; it lies in [`Reader::record`] until the next item.
    Record,
    /// `<footnote>`.
    Footnote(Footnote<'a>),
    /// `<person>`.
    Person(PersonEntry<'a>),
}

/// Reads IANA's XML form.
///
/// Shape:  elements in any order; texts borrow from the file wherever they stand there as they are.
/// Cost:   one record is kept and filled again.
pub struct Reader<'a> {
    fragments: Fragments<'a>,
    unknown: Unknown,
    id: Option<Cow<'a, str>>,
    record: Record<'a>,
    record_offset: usize,
    records: usize,
    people: usize,
    in_people: bool,
    seen: Vec<&'static str>,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader({} records so far)", self.records)
    }
}

impl<'a> Reader<'a> {
    /// Reads up to the `<registry>` element.
    ///
    /// # Errors
    /// Where the text is not XML, or XML of another kind.
    pub fn new(text: &'a str, unknown: Unknown) -> Result<Self, Error> {
        let start = text.len() - text.trim_start_matches('\u{feff}').trim_start().len();
        if is_page(&text[start..]) {
            let at = Spot::of(text.as_bytes(), start);
            return Err(Error::Html { at });
        }
        let mut reader = Self {
            fragments: Fragments::new(text)?,
            unknown,
            id: None,
            record: Record::default(),
            record_offset: 0,
            records: 0,
            people: 0,
            in_people: false,
            seen: Vec::new(),
        };
        loop {
            match reader.fragments.next()? {
                Fragment::Text(text) if is_blank(&text) || text == "\u{feff}" => {}
                Fragment::Open(tag) => {
                    reader.root(tag)?;
                    return Ok(reader);
                }
                Fragment::Text(_) | Fragment::Close | Fragment::End => {
                    return Err(Error::Syntax {
                        at: reader.spot(),
                        why: "no XML element stands here".to_owned(),
                    });
                }
            }
        }
    }

    fn root(&mut self, tag: Tag<'a>) -> Result<(), Error> {
        let at = self.fragments.spot(tag.offset);
        if tag.name.eq_ignore_ascii_case("html") {
            return Err(Error::Html { at });
        }
        if tag.name != "registry" {
            return Err(Error::Root {
                at,
                found: excerpt(tag.name),
            });
        }
        let mut id = None;
        self.fragments.attributes(tag, |name, value| {
            match name {
                "id" => id = Some(value),
                "xmlns" => {}
                other => self.unknown_attribute(tag, other, "registry")?,
            }
            Ok(())
        })?;
        self.id = id;
        Ok(())
    }

    /// The registry's `@id`.
    #[must_use]
    pub fn id(&self) -> Option<Cow<'a, str>> {
        self.id.clone()
    }

    /// The record that was read last.
    #[must_use]
    pub const fn record(&self) -> &Record<'a> {
        &self.record
    }

    /// Where it begins.
    pub(super) fn record_spot(&self) -> Spot {
        self.fragments.spot(self.record_offset)
    }

    /// The record that was read last, taken away.
    pub fn take_record(&mut self) -> Record<'a> {
        std::mem::take(&mut self.record)
    }

    /// How many records were read.
    pub(super) const fn records(&self) -> usize {
        self.records
    }

    /// The next item; `None` at the end of a complete file.
    ///
    /// # Errors
    /// What is wrong first, with its line and column.
    pub fn next_item(&mut self) -> Result<Option<Item<'a>>, Error> {
        loop {
            match self.fragments.next()? {
                Fragment::Text(text) => self.blank(&text, "registry")?,
                Fragment::Close if self.in_people => self.in_people = false,
                Fragment::Close => {}
                Fragment::End => return Ok(None),
                Fragment::Open(tag) => {
                    if let Some(item) = self.item(tag)? {
                        return Ok(Some(item));
                    }
                }
            }
        }
    }

    fn item(&mut self, tag: Tag<'a>) -> Result<Option<Item<'a>>, Error> {
        if self.in_people {
            return match tag.name {
                "person" => Ok(Some(Item::Person(self.person(tag)?))),
                _ => self.skip(tag, "people").map(|()| None),
            };
        }
        Ok(Some(match tag.name {
            "record" => {
                self.read_record(tag)?;
                Item::Record
            }
            "people" => {
                self.no_attributes(tag, "people")?;
                self.in_people = true;
                return Ok(None);
            }
            "title" => Item::Title(self.once(tag, "title")?),
            "category" => Item::Category(self.once(tag, "category")?),
            "updated" => Item::Updated(self.once(tag, "updated")?),
            "xref" => Item::Xref(self.xref(tag)?),
            "expert" => {
                self.no_attributes(tag, "expert")?;
                Item::Expert(self.prose("expert")?)
            }
            "note" => {
                let title = self.attribute(tag, "title", "note")?;
                let prose = self.prose("note")?;
                Item::Note(Note { title, prose })
            }
            "footnote" => {
                let anchor = self.attribute(tag, "anchor", "footnote")?;
                let prose = self.prose("footnote")?;
                Item::Footnote(Footnote { anchor, prose })
            }
            _ => return self.skip(tag, "registry").map(|()| None),
        }))
    }

    /// The text of a child of `<registry>` that stands once.
    fn once(&mut self, tag: Tag<'a>, element: &'static str) -> Result<Cow<'a, str>, Error> {
        if self.seen.contains(&element) {
            return Err(self.twice(tag, element, "registry"));
        }
        self.seen.push(element);
        self.no_attributes(tag, element)?;
        self.text(element)
    }

    /// Reads past an element that is not known here, and all in it.
    fn skip(&mut self, tag: Tag<'a>, inside: &'static str) -> Result<(), Error> {
        if self.unknown == Unknown::Refuse {
            return Err(Error::Unknown {
                at: self.fragments.spot(tag.offset),
                found: format!("<{}>", excerpt(tag.name)),
                inside,
            });
        }
        let mut depth = 1;
        while depth > 0 {
            match self.fragments.next()? {
                Fragment::Open(_) => depth += 1,
                Fragment::Close => depth -= 1,
                Fragment::Text(_) => {}
                Fragment::End => break,
            }
        }
        Ok(())
    }

    /// The value of the one attribute that an element has.
    fn attribute(
        &self,
        tag: Tag<'a>,
        wanted: &'static str,
        element: &'static str,
    ) -> Result<Option<Cow<'a, str>>, Error> {
        let mut found = None;
        self.fragments.attributes(tag, |name, value| {
            if name == wanted {
                self.set(&mut found, value, tag, wanted, element)
            } else {
                self.unknown_attribute(tag, name, element)
            }
        })?;
        Ok(found)
    }

    fn no_attributes(&self, tag: Tag<'a>, element: &'static str) -> Result<(), Error> {
        self.fragments
            .attributes(tag, |name, _| self.unknown_attribute(tag, name, element))
    }

    fn set(
        &self,
        slot: &mut Option<Cow<'a, str>>,
        value: Cow<'a, str>,
        tag: Tag<'a>,
        found: &'static str,
        inside: &'static str,
    ) -> Result<(), Error> {
        if slot.is_some() {
            return Err(self.twice(tag, found, inside));
        }
        if value.len() > MOST_TEXT_BYTES {
            return Err(self.too_long(tag.offset, inside));
        }
        *slot = Some(value);
        Ok(())
    }

    fn blank(&self, text: &str, inside: &'static str) -> Result<(), Error> {
        if self.fragments.blank || is_blank(text) {
            Ok(())
        } else {
            Err(self.stray(self.fragments.offset, inside, text))
        }
    }

    fn unknown_attribute(
        &self,
        tag: Tag<'a>,
        name: &str,
        inside: &'static str,
    ) -> Result<(), Error> {
        match self.unknown {
            Unknown::Skip => Ok(()),
            Unknown::Refuse => Err(Error::Unknown {
                at: self.fragments.spot(tag.offset),
                found: format!("@{}", excerpt(name)),
                inside,
            }),
        }
    }

    fn spot(&self) -> Spot {
        self.fragments.spot(self.fragments.offset)
    }

    fn twice(&self, tag: Tag<'a>, found: &'static str, inside: &'static str) -> Error {
        let at = self.fragments.spot(tag.offset);
        Error::Twice { at, found, inside }
    }

    fn too_long(&self, offset: usize, element: &'static str) -> Error {
        let at = self.fragments.spot(offset);
        Error::TooLong { at, element }
    }

    fn stray(&self, offset: usize, inside: &'static str, found: &str) -> Error {
        Error::StrayText {
            at: self.fragments.spot(offset),
            inside,
            found: excerpt(found.trim()),
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes()
        .all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
}

/// Whether a text begins as a page does, which need not be XML any further.
fn is_page(text: &str) -> bool {
    let begins = |with: &str| {
        text.get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    begins("<!doctype html") || begins("<html")
}
