//! `portolan registry export` as JSON: one document, or one line for each row.
//!
//! Rows are written as they come, so that a whole registry is never held as text.

use std::io;

use portolan_registry::Assignment;
use portolan_registry::export::Extract;
use serde::Serialize;

use super::AssignmentDocument;
use super::text::put_json;

/// Writes one document: `schema`, `date` and `rows`, with each row on a line of its own.
///
/// # Errors
/// Where the output cannot be written.
pub fn json(extract: &Extract<'_>, output: &mut dyn io::Write) -> io::Result<()> {
    output.write_all(b"{\"schema\":\"portolan.registry/1\",\"date\":")?;
    put_json(&mut *output, &extract.registry.date())?;
    output.write_all(b",\"rows\":[")?;
    let mut between: &[u8] = b"\n";
    for row in extract.rows() {
        output.write_all(between)?;
        put_json(&mut *output, &AssignmentDocument::new(&row))?;
        between = b",\n";
    }
    output.write_all(b"\n]}\n")
}

/// Writes one document for each row, a line each. Every line says its schema, so that it can be
/// read alone.
///
/// # Errors
/// Where the output cannot be written.
pub fn json_lines(extract: &Extract<'_>, output: &mut dyn io::Write) -> io::Result<()> {
    for row in extract.rows() {
        put_json(&mut *output, &RowDocument::new(&row))?;
        output.write_all(b"\n")?;
    }
    Ok(())
}

/// A row that stands alone.
#[derive(Debug, Serialize)]
struct RowDocument<'a> {
    schema: &'static str,
    #[serde(flatten)]
    row: AssignmentDocument<'a>,
}

impl<'a> RowDocument<'a> {
    fn new(row: &Assignment<'a>) -> Self {
        Self {
            schema: "portolan.registry_row/1",
            row: AssignmentDocument::new(row),
        }
    }
}
