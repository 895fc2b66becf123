//! The site registry opened for steps: what became of its files is told, whichever command does it.

use std::path::Path;

use portolan_ports::site::Procedure;
use portolan_store::Error;
use portolan_survey::assign::Registrar;

use crate::print::{Output, one_line};

/// Opens it, and makes it where there is none. Where the database was brought forward from an older
/// version, it is told where the backup lies.
///
/// # Errors
/// Why it cannot be opened.
pub(crate) fn open(
    folder: &Path,
    procedure: Procedure,
    output: &Output,
) -> Result<Registrar, Error> {
    let registrar = Registrar::open(folder, procedure)?;
    if let Some(backup) = registrar.backup() {
        output.remark(&format!(
            "the database was of an older version and was brought forward; it lies as it was in {}",
            one_line(&backup.display().to_string())
        ));
    }
    Ok(registrar)
}

/// Closes it; `kept` says what is safe whatever became of the index: `the step is kept`.
pub(crate) fn close(registrar: Registrar, kept: &str, output: &Output) {
    if let Some(complaint) = registrar.close() {
        output.remark(&format!(
            "{kept}, but the index for look-ups could not be written, which makes them slower and \
             no less right: {}",
            one_line(&complaint)
        ));
    }
}
