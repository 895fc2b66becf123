//! `portolan registry history`: how a port's rows changed, over all registries that were kept.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;
use portolan_ports::embedded;
use portolan_registry::Registry;
use portolan_registry::history::history;
use portolan_survey::document::{HistoryDocument, to_json};

use crate::arguments::{Arguments, History};
use crate::exit::Exit;
use crate::print::Output;
use crate::{input, print, state};

pub(crate) fn run(
    arguments: &Arguments,
    wanted: &History,
    output: &Output,
) -> anyhow::Result<Exit> {
    let registries = registries(arguments, output)?;
    let moments = history(&registries, wanted.port);
    let dates: Vec<&str> = registries.iter().map(|(date, _)| date.as_str()).collect();
    if arguments.json {
        let document = HistoryDocument::new(wanted.port, &dates, &moments);
        output.line(&to_json(&document, true)?)?;
    } else {
        output.write(print::history::text(wanted.port, &dates, &moments, output).as_bytes())?;
    }
    Ok(Exit::Fine)
}

/// The program's own two, then what updates kept, by date. A kept file that cannot be read is
/// complained of and left out: the others still tell theirs.
fn registries(arguments: &Arguments, output: &Output) -> anyhow::Result<Vec<(String, Registry)>> {
    let mut registries = vec![embedded::base(), embedded::registry().clone()];
    if let Some(state) = state::folder(arguments) {
        for path in kept(&state.join("registry/snapshots"))? {
            match input::registry(&path) {
                Ok(registry) => registries.push(registry),
                Err(error) => {
                    output.complain(&format!("{error:#}; the history goes on without it"))
                }
            }
        }
    }
    let mut registries: Vec<(String, Registry)> = registries
        .into_iter()
        .map(|registry| (registry.date().to_owned(), registry))
        .collect();
    // Stable, so that snapshots of one day stay in the order of their names.
    registries.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(registries)
}

/// The files of kept snapshots by name, which begins with the date; none where nothing was kept.
fn kept(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let doing = || format!("cannot list the kept registries in {}", folder.display());
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(doing),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.with_context(doing)?;
        // What is being fetched right now begins with a dot.
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !hidden && entry.path().is_file() {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}
