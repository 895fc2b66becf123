//! Reads a `<record>`.

use super::Reader;
use crate::csv::MOST_ROWS;
use crate::xml::error::Error;
use crate::xml::fragment::{Fragment, Tag};
use crate::xml::prose::{Prose, Xref};
use crate::xml::record::Record;

impl<'a> Reader<'a> {
    pub(super) fn read_record(&mut self, tag: Tag<'a>) -> Result<(), Error> {
        self.records += 1;
        if self.records > MOST_ROWS {
            return Err(Error::TooMany);
        }
        self.record_offset = tag.offset;
        let mut record = std::mem::take(&mut self.record);
        record.clear();
        self.fragments.attributes(tag, |name, value| match name {
            "date" => self.set(&mut record.date, value, tag, "@date", "record"),
            "updated" => self.set(&mut record.updated, value, tag, "@updated", "record"),
            other => self.unknown_attribute(tag, other, "record"),
        })?;
        loop {
            let child = match self.fragments.next()? {
                Fragment::Text(text) => {
                    self.blank(&text, "record")?;
                    continue;
                }
                Fragment::Close | Fragment::End => break,
                Fragment::Open(child) => child,
            };
            self.record_child(&mut record, child)?;
        }
        self.record = record;
        Ok(())
    }

    fn record_child(&mut self, record: &mut Record<'a>, child: Tag<'a>) -> Result<(), Error> {
        let (slot, element) = match child.name {
            "xref" => {
                record.xrefs.push(self.xref(child)?);
                return Ok(());
            }
            "description" => return self.only_prose(&mut record.description, child, "description"),
            "unauthorized" => {
                return self.only_prose(&mut record.unauthorized, child, "unauthorized");
            }
            "note" => {
                self.no_attributes(child, "note")?;
                record.notes.push(self.prose("note")?);
                return Ok(());
            }
            "assignee" => {
                self.no_attributes(child, "assignee")?;
                return self.assignee(record.assignee.get_or_insert_default());
            }
            "name" => (&mut record.name, "name"),
            "protocol" => (&mut record.protocol, "protocol"),
            "number" => (&mut record.number, "number"),
            "sc" => (&mut record.service_code, "sc"),
            _ => return self.skip(child, "record"),
        };
        self.no_attributes(child, element)?;
        let text = self.text(element)?;
        self.set(slot, text, child, element, "record")
    }

    fn only_prose(
        &mut self,
        slot: &mut Option<Prose<'a>>,
        tag: Tag<'a>,
        element: &'static str,
    ) -> Result<(), Error> {
        if slot.is_some() {
            return Err(self.twice(tag, element, "record"));
        }
        self.no_attributes(tag, element)?;
        *slot = Some(self.prose(element)?);
        Ok(())
    }

    fn assignee(&mut self, into: &mut Vec<Xref<'a>>) -> Result<(), Error> {
        loop {
            match self.fragments.next()? {
                Fragment::Text(text) => self.blank(&text, "assignee")?,
                Fragment::Close | Fragment::End => return Ok(()),
                Fragment::Open(tag) if tag.name == "xref" => into.push(self.xref(tag)?),
                Fragment::Open(tag) => self.skip(tag, "assignee")?,
            }
        }
    }
}
