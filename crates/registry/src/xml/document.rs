//! A whole registry file, lossless.

use std::borrow::Cow;

use super::error::Error;
use super::prose::{Prose, Xref};
use super::reader::{Item, Reader, Unknown};
use super::record::Record;

/// A registry file in IANA's XML form; what [`Document::write`] writes reads back equal.
///
/// Shape: borrows its texts from the file or the registry that it was made from. Comments,
///        processing instructions, the order of elements inside a record, and white space between
///        elements are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document<'a> {
    /// `@id`.
    pub id: Option<Cow<'a, str>>,
    /// `<title>`.
    pub title: Option<Cow<'a, str>>,
    /// `<category>`.
    pub category: Option<Cow<'a, str>>,
    /// `<updated>`: how new the registry is.
    pub updated: Option<Cow<'a, str>>,
    /// `<xref>`: what the registry as a whole rests on.
    pub xrefs: Vec<Xref<'a>>,
    /// `<expert>`.
    pub experts: Vec<Prose<'a>>,
    /// `<note>`.
    pub notes: Vec<Note<'a>>,
    /// `<record>`.
    pub records: Vec<Record<'a>>,
    /// `<footnote>`.
    pub footnotes: Vec<Footnote<'a>>,
    /// `<people>`.
    pub people: Vec<PersonEntry<'a>>,
}

/// A note on the registry as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note<'a> {
    /// `@title`.
    pub title: Option<Cow<'a, str>>,
    /// What it says.
    pub prose: Prose<'a>,
}

/// What `[1]` refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Footnote<'a> {
    /// `@anchor`.
    pub anchor: Option<Cow<'a, str>>,
    /// What it says.
    pub prose: Prose<'a>,
}

/// A `<person>` as the file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonEntry<'a> {
    /// `@id`.
    pub id: Cow<'a, str>,
    /// `<name>`.
    pub name: Option<Cow<'a, str>>,
    /// `<org>`.
    pub organisation: Option<Cow<'a, str>>,
    /// `<uri>`.
    pub uris: Vec<Cow<'a, str>>,
    /// `<updated>`.
    pub updated: Option<Cow<'a, str>>,
}

impl<'a> Document<'a> {
    /// Reads a whole file.
    ///
    /// # Errors
    /// What is wrong first, with its line and column; also an element or attribute that this form
    /// would lose.
    pub fn read(text: &'a str) -> Result<Self, Error> {
        let mut reader = Reader::new(text, Unknown::Refuse)?;
        let mut document = Self {
            id: reader.id(),
            ..Self::default()
        };
        while let Some(item) = reader.next_item()? {
            match item {
                Item::Title(text) => document.title = Some(text),
                Item::Category(text) => document.category = Some(text),
                Item::Updated(text) => document.updated = Some(text),
                Item::Xref(xref) => document.xrefs.push(xref),
                Item::Expert(prose) => document.experts.push(prose),
                Item::Note(note) => document.notes.push(note),
                Item::Record => document.records.push(reader.take_record()),
                Item::Footnote(footnote) => document.footnotes.push(footnote),
                Item::Person(person) => document.people.push(person),
            }
        }
        Ok(document)
    }
}
