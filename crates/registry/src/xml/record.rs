//! A `<record>` as the file has it.

use std::borrow::Cow;

use super::prose::{Prose, Xref};

/// One record, lossless but for the order of its elements.
///
/// Shape: an element that is absent is `None`; one that is empty, as in `<name/>`, is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record<'a> {
    /// `@date`: when it was registered.
    pub date: Option<Cow<'a, str>>,
    /// `@updated`: when it last changed.
    pub updated: Option<Cow<'a, str>>,
    /// `<name>`.
    pub name: Option<Cow<'a, str>>,
    /// `<protocol>`.
    pub protocol: Option<Cow<'a, str>>,
    /// `<assignee>`; absent, the contacts are the assignees.
    pub assignee: Option<Vec<Xref<'a>>>,
    /// `<xref>`: contacts are those of kind person, references the others.
    pub xrefs: Vec<Xref<'a>>,
    /// `<description>`.
    pub description: Option<Prose<'a>>,
    /// `<number>`.
    pub number: Option<Cow<'a, str>>,
    /// `<sc>`: the DCCP service code.
    pub service_code: Option<Cow<'a, str>>,
    /// `<unauthorized>`.
    pub unauthorized: Option<Prose<'a>>,
    /// `<note>`.
    pub notes: Vec<Prose<'a>>,
}

impl Record<'_> {
    /// Empties it, keeping what memory it has.
    pub(super) fn clear(&mut self) {
        let mut xrefs = std::mem::take(&mut self.xrefs);
        let mut notes = std::mem::take(&mut self.notes);
        xrefs.clear();
        notes.clear();
        *self = Self {
            xrefs,
            notes,
            ..Self::default()
        };
    }
}
