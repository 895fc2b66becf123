//! The registry snapshot: `data/iana/` as two flat tables.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::Path;

use portolan_registry::{Assignment, Builder, Origin, PortRange, Transport, csv, newer};
use serde::Deserialize;

use super::Fallible;

/// The snapshot, and the rows of its base that are no longer in it.
pub(crate) fn tables(folder: &Path) -> Fallible<(Vec<u8>, Vec<u8>)> {
    let base = folder.join("service-names-port-numbers.csv");
    let newer_file = folder.join("newer.csv");
    let at = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read(&base).map_err(|e| at(&base, &e))?;
    let mut reader = csv::Reader::new(text.as_slice()).map_err(|e| at(&base, &e))?;
    let mut kept = Vec::new();
    while let Some((row, _)) = reader.next_row().map_err(|e| at(&base, &e))? {
        kept.push(OwnedRow::new(&row));
    }
    let changes = newer::read(File::open(&newer_file).map_err(|e| at(&newer_file, &e))?)
        .map_err(|e| at(&newer_file, &e))?;
    let rows = newer::lay(kept.iter().map(OwnedRow::view).collect(), &changes);
    let mut builder = Builder::default();
    for row in &rows {
        builder.push(row)?;
    }
    let provenance = fs::read_to_string(folder.join("provenance.toml"))?;
    let provenance: Provenance = toml::from_str(&provenance)?;
    let left: HashSet<&Assignment<'_>> = rows.iter().collect();
    let mut replaced = Builder::default();
    for row in kept
        .iter()
        .map(OwnedRow::view)
        .filter(|row| !left.contains(row))
    {
        replaced.push(&row)?;
    }
    Ok((
        builder.finish(Some(&provenance.newer.date))?,
        replaced.finish(Some(&provenance.base.date))?,
    ))
}

#[derive(Deserialize)]
struct Provenance {
    base: Dated,
    newer: Dated,
}

#[derive(Deserialize)]
struct Dated {
    date: String,
}

/// The reader reuses its record, and laying rows over each other needs all of them at once.
struct OwnedRow {
    cells: [String; 10],
    ports: Option<PortRange>,
    transport: Option<Transport>,
    range_of_one: bool,
}

impl OwnedRow {
    fn new(row: &Assignment<'_>) -> Self {
        let cells = portolan_registry::Column::ALL.map(|column| row.cell(column).to_owned());
        Self {
            cells,
            ports: row.ports,
            transport: row.transport,
            range_of_one: row.range_of_one,
        }
    }

    fn view(&self) -> Assignment<'_> {
        let cells = self.cells.each_ref().map(String::as_str);
        let mut row = Assignment::new(cells, self.ports, self.transport, Origin::File);
        row.range_of_one = self.range_of_one;
        row
    }
}
