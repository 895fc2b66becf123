//! The table: every row of the files in a folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::error::Error;
use crate::row::Row;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    server: Vec<Row>,
}

/// The rows of this crate's own `data/`, by family and in the order of their file.
///
/// # Errors
/// Where a file cannot be read, is not of the form, or a row contradicts itself or another.
pub fn rows() -> Result<Vec<Row>, Error> {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("data"))
}

/// The rows of every `*.toml` in a folder.
///
/// # Errors
/// As [`rows`].
pub fn read(folder: &Path) -> Result<Vec<Row>, Error> {
    let unread = |source| Error::Read {
        path: folder.to_owned(),
        source,
    };
    let mut paths = fs::read_dir(folder)
        .and_then(|entries| {
            let paths = entries.map(|entry| entry.map(|entry| entry.path()));
            paths.collect::<Result<Vec<_>, _>>()
        })
        .map_err(unread)?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    paths.sort();
    let mut rows = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|source| Error::Read {
            path: path.clone(),
            source,
        })?;
        rows.extend(rows_of(&path, &text)?);
    }
    let mut names = BTreeSet::new();
    for row in &rows {
        if !names.insert(&row.name) {
            return Err(Error::Row {
                server: row.name.clone(),
                why: "another row has its name".into(),
            });
        }
    }
    Ok(rows)
}

/// The rows of one file's text; its path names the family and stands in errors.
///
/// # Errors
/// As [`rows`].
pub fn rows_of(path: &Path, text: &str) -> Result<Vec<Row>, Error> {
    let table: Table = toml::from_str(text).map_err(|error| Error::Form {
        path: path.to_owned(),
        why: error.to_string(),
    })?;
    let family = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut rows = table.server;
    for row in &mut rows {
        row.family = family.clone().into_owned();
        row.check()?;
    }
    Ok(rows)
}
