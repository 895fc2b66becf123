//! The forms that `portolan registry export` can write: one table, which the command line reads; and
//! the site registry in each of them.

use std::io;

use portolan_ports::site::Record;
use portolan_ports::site::file::{self, Taken};
use portolan_registry::export::{
    Extract, Selection, Write, csv, html, markdown, services, text, xml,
};
use portolan_registry::{Builder, Registry, one_line};

use crate::document::export::{json, json_lines};

/// One form.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it is, in a few words.
    pub says: &'static str,
    /// Writes it.
    pub write: Write,
}

impl Form {
    /// The form of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMS.iter().find(|form| form.name == name)
    }
}

/// Every form. A new one is a file with the verb `write`, and a row here.
pub const FORMS: &[Form] = &[
    Form {
        name: "csv",
        says: "IANA's CSV form, twelve columns, byte for byte",
        write: csv::write,
    },
    Form {
        name: "xml",
        says: "IANA's XML form; what was read as XML comes back whole",
        write: xml::write,
    },
    Form {
        name: "html",
        says: "one page that needs nothing else: sortable, accessible, each row with an anchor",
        write: html::write,
    },
    Form {
        name: "text",
        says: "plain text in columns of fixed width",
        write: text::write,
    },
    Form {
        name: "json",
        says: "one JSON document",
        write: json,
    },
    Form {
        name: "jsonl",
        says: "JSON Lines, one row a line",
        write: json_lines,
    },
    Form {
        name: "services",
        says: "/etc/services, as getent and getservbyname read it",
        write: services::write,
    },
    Form {
        name: "markdown",
        says: "a table in GitHub Flavored Markdown",
        write: markdown::write,
    },
    Form {
        name: TOML,
        says: "a site registry as it lies in git, see docs/site-file.md",
        write: toml,
    },
];

/// The form of a site registry alone.
pub const TOML: &str = "toml";

/// Writes the rows of a site registry's own as TOML.
///
/// # Errors
/// Where a row is no record of a site registry, as most of IANA's are none: they lack a day, or have
/// a name that RFC 6335 does not allow any more.
fn toml(extract: &Extract<'_>, output: &mut dyn io::Write) -> io::Result<()> {
    let mut taken = Taken::new(None);
    for (number, row) in (1..).zip(extract.rows()) {
        taken.take(&row, number).map_err(|why| {
            let (place, name) = (row.place(), one_line(row.service_name()));
            let what = format!(
                "the row {place} {name:?} is no record of a site registry: {why}; export the site registry with --site"
            );
            io::Error::new(io::ErrorKind::InvalidData, what)
        })?;
    }
    let records = taken
        .records()
        .map_err(|(_, why)| io::Error::new(io::ErrorKind::InvalidData, why))?;
    output.write_all(file::write(&records).as_bytes())
}

/// Why the site registry cannot be written in a form.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A text is longer than a cell of a row may be.
    #[error(
        "the {column} of {record} has more than 65,535 bytes, which no row holds; export it as toml"
    )]
    TooLong {
        /// The column.
        column: &'static str,
        /// The record.
        record: String,
    },
    /// Everything together is more than a table holds.
    #[error(transparent)]
    TooLarge(#[from] portolan_registry::TooLarge),
    /// The output failed.
    #[error(transparent)]
    Output(#[from] io::Error),
}

/// The records of a site registry as rows.
///
/// # Errors
/// A text that no row holds.
pub fn site_registry(records: &[Record]) -> Result<Registry, SiteError> {
    let mut builder = Builder::default();
    for (index, row) in file::rows(records) {
        if let Some(column) = row.too_long() {
            return Err(SiteError::TooLong {
                column: column.as_str(),
                record: records.get(index).map(Record::title).unwrap_or_default(),
            });
        }
        builder.push(&row.view())?;
    }
    let table = builder.finish(None)?;
    // What was laid out just now is a table.
    Registry::open(table).map_err(|error| SiteError::Output(io::Error::other(error.to_string())))
}

/// Writes those records of a site registry of which a row is wanted; how many they were.
///
/// # Errors
/// Where the form has no room for one of them, or the output fails.
pub fn write_site(
    form: &Form,
    records: &[Record],
    selection: Selection,
    output: &mut dyn io::Write,
) -> Result<usize, SiteError> {
    if form.name == TOML {
        let rows = file::rows(records);
        let mut wanted = vec![false; records.len()];
        for (index, _) in rows.iter().filter(|(_, row)| selection.takes(&row.view())) {
            if let Some(wanted) = wanted.get_mut(*index) {
                *wanted = true;
            }
        }
        let chosen: Vec<Record> = records
            .iter()
            .zip(&wanted)
            .filter(|(_, wanted)| **wanted)
            .map(|(record, _)| record.clone())
            .collect();
        output.write_all(file::write(&chosen).as_bytes())?;
        return Ok(chosen.len());
    }
    let registry = site_registry(records)?;
    let extract = Extract {
        registry: &registry,
        selection,
        document: None,
    };
    (form.write)(&extract, output)?;
    Ok(extract.rows().count())
}
