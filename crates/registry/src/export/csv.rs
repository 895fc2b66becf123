//! IANA's CSV form; see [`crate::csv`] for its dialect.

use std::io;

use super::Extract;
use crate::csv;

/// Writes the rows byte for byte as IANA does.
///
/// # Errors
/// Where the output cannot be written.
pub fn write(extract: &Extract<'_>, output: &mut dyn io::Write) -> io::Result<()> {
    csv::write(extract.rows(), output)
}
