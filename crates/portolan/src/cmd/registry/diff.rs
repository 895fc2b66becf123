//! `portolan registry diff`: what changed between two registries. A difference is no bad news.

use portolan_registry::diff::{diff, write_atom};
use portolan_survey::document::{DiffDocument, to_json};

use crate::arguments::{Arguments, Diff};
use crate::exit::Exit;
use crate::print::Output;
use crate::{input, print};

pub(crate) fn run(arguments: &Arguments, wanted: &Diff, output: &Output) -> anyhow::Result<Exit> {
    let older = input::registry_or_embedded(&wanted.older)?;
    let newer = input::registry_or_embedded(&wanted.newer)?;
    let found = diff(&older, &newer);
    if wanted.atom {
        let mut feed = Vec::new();
        write_atom(&found, &mut feed)?;
        output.write(&feed)?;
    } else if arguments.json {
        let document = DiffDocument::new(&older, &newer, &found);
        output.line(&to_json(&document, true)?)?;
    } else {
        output.write(print::diff::text(&found, output).as_bytes())?;
    }
    Ok(Exit::Fine)
}
