//! From XML to the flat table, without a document between.

use std::borrow::Cow;

use super::error::{Error, Spot};
use super::fragment::excerpt;
use super::prose::{Prose, XrefKind};
use super::reader::{Item, Reader, Unknown};
use super::record::Record;
use super::{MOST_TEXT_BYTES, cell};
use crate::csv::port_cell;
use crate::flat::Parts;
use crate::person::Person;
use crate::{Assignment, Builder, Origin, PortRange};

/// Reads a whole file into the sections of a flat table.
///
/// Cost: a few reused buffers; texts are copied once.
///
/// # Errors
/// What is wrong first, with its line and column.
pub(crate) fn table(text: &str) -> Result<Parts, Error> {
    let mut reader = Reader::new(text, Unknown::Skip)?;
    // A record of IANA's file has 200 bytes, a third of them in cells.
    let mut builder = Builder::with_room(text.len() / 200, text.len() / 3);
    let mut cells = Cells::default();
    let mut updated = None;
    while let Some(item) = reader.next_item()? {
        match item {
            Item::Record => {
                let row = cells.row(reader.record(), || reader.record_spot())?;
                builder.push(&row).map_err(|_| Error::TooMany)?;
            }
            Item::Person(person) => {
                let uri = match person.uris.as_slice() {
                    [] => Cow::Borrowed(""),
                    [one] => Cow::Borrowed(one.trim()),
                    several => several.join("\n").into(),
                };
                if uri.len() > MOST_TEXT_BYTES {
                    return Err(Error::TooMany);
                }
                builder
                    .person(&Person {
                        id: &person.id,
                        name: trimmed(&person.name),
                        organisation: trimmed(&person.organisation),
                        uri: &uri,
                        updated: trimmed(&person.updated),
                    })
                    .map_err(|_| Error::TooMany)?;
            }
            Item::Updated(date) => updated = Some(date),
            _ => {}
        }
    }
    if reader.records() == 0 {
        return Err(Error::Empty);
    }
    let date = updated.as_deref().map(str::trim).filter(|d| !d.is_empty());
    builder.parts(date).map_err(|_| Error::TooMany)
}

/// The cells that are put together from pieces, used for row after row.
#[derive(Default)]
struct Cells {
    description: String,
    assignee: String,
    contact: String,
    reference: String,
    unauthorized: String,
    notes: String,
}

impl Cells {
    /// The record as a row of the CSV form.
    fn row<'c>(
        &'c mut self,
        record: &'c Record<'_>,
        at: impl Fn() -> Spot,
    ) -> Result<Assignment<'c>, Error> {
        self.reference.clear();
        self.contact.clear();
        for xref in &record.xrefs {
            let cell = match xref.kind {
                XrefKind::Person => &mut self.contact,
                _ => &mut self.reference,
            };
            cell::bracket(xref, cell);
        }
        let assignee = match &record.assignee {
            None => self.contact.as_str(),
            Some(xrefs) => {
                self.assignee.clear();
                for xref in xrefs {
                    cell::bracket(xref, &mut self.assignee);
                }
                &self.assignee
            }
        };
        self.notes.clear();
        for (index, note) in record.notes.iter().enumerate() {
            if index > 0 {
                self.notes.push('\n');
            }
            cell::prose(note, &mut self.notes);
        }
        let number = trimmed(&record.number);
        let ports = match number {
            "" => None,
            number => Some(port_cell(number).map_err(|why| Error::Port {
                at: at(),
                found: excerpt(number),
                why,
            })?),
        };
        let transport = match trimmed(&record.protocol) {
            "" => None,
            word => Some(word.parse().map_err(|_| Error::Transport {
                at: at(),
                found: excerpt(word),
            })?),
        };
        let cells = [
            trimmed(&record.name),
            prose(record.description.as_ref(), &mut self.description),
            assignee,
            &self.contact,
            trimmed(&record.date),
            trimmed(&record.updated),
            &self.reference,
            trimmed(&record.service_code),
            prose(record.unauthorized.as_ref(), &mut self.unauthorized),
            &self.notes,
        ];
        if cells.iter().any(|cell| cell.len() > MOST_TEXT_BYTES) {
            return Err(Error::TooLong {
                at: at(),
                element: "record",
            });
        }
        let range_of_one = ports.is_some_and(PortRange::is_single) && number.contains('-');
        Ok(Assignment {
            range_of_one,
            ..Assignment::new(cells, ports, transport, Origin::File)
        })
    }
}

/// The cell of a running text: as it lies in the file where that is how it reads.
fn prose<'c>(prose: Option<&'c Prose<'_>>, buffer: &'c mut String) -> &'c str {
    let Some(prose) = prose else {
        return "";
    };
    match prose.as_plain() {
        Some(text) if !text.contains('\n') => text.trim(),
        _ => {
            buffer.clear();
            cell::prose(prose, buffer);
            buffer
        }
    }
}

fn trimmed<'c>(text: &'c Option<Cow<'_, str>>) -> &'c str {
    text.as_deref().map_or("", str::trim)
}
