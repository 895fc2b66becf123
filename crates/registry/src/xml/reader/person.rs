//! Reads a `<person>`.

use super::Reader;
use crate::xml::MOST_PEOPLE;
use crate::xml::document::PersonEntry;
use crate::xml::error::Error;
use crate::xml::fragment::{Fragment, Tag};

impl<'a> Reader<'a> {
    pub(super) fn person(&mut self, tag: Tag<'a>) -> Result<PersonEntry<'a>, Error> {
        self.people += 1;
        if self.people > MOST_PEOPLE {
            return Err(Error::TooMany);
        }
        let mut person = PersonEntry {
            id: self.attribute(tag, "id", "person")?.unwrap_or_default(),
            ..PersonEntry::default()
        };
        loop {
            let child = match self.fragments.next()? {
                Fragment::Text(text) => {
                    self.blank(&text, "person")?;
                    continue;
                }
                Fragment::Close | Fragment::End => return Ok(person),
                Fragment::Open(child) => child,
            };
            let (slot, element) = match child.name {
                "uri" => {
                    self.no_attributes(child, "uri")?;
                    person.uris.push(self.text("uri")?);
                    continue;
                }
                "name" => (&mut person.name, "name"),
                "org" => (&mut person.organisation, "org"),
                "updated" => (&mut person.updated, "updated"),
                _ => {
                    self.skip(child, "person")?;
                    continue;
                }
            };
            self.no_attributes(child, element)?;
            let text = self.text(element)?;
            self.set(slot, text, child, element, "person")?;
        }
    }
}
