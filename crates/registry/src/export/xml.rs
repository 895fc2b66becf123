//! IANA's XML form.

use std::io;

use super::Extract;
use crate::xml::Document;

/// Writes the extract as XML, in IANA's vocabulary.
///
/// What the registry was read from as XML comes back whole where [`Extract::document`] hands it
/// over; from any other registry the references are made from its columns.
///
/// # Errors
/// Where the output cannot be written.
pub fn write(extract: &Extract<'_>, output: &mut dyn io::Write) -> io::Result<()> {
    match extract.document {
        Some(document) => document.write(output),
        None => Document::of(extract.registry, extract.rows()).write(output),
    }
}
