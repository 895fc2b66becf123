//! The files of facts: read, held against the registry and against each other, laid out.
//!
//! Every refusal names file and line, and all of them are told at once. Pure but for reading the
//! folder; `tests/it/refusal.rs` compiles these files as well.

use std::fmt;
use std::path::Path;
use std::{fs, io};

use portolan_registry::Registry;
use serde::Deserialize;

use super::knowledge::{Fact, TransportSet, lay_out};

mod claim;
mod prose;
mod row;

use row::{FactRow, Form};

/// What facts are held against.
pub(crate) struct Grounds<'a> {
    /// The registry of the same build.
    pub(crate) registry: &'a Registry,
    /// Whether Portolan knows a protocol of this name, beyond the registered ones.
    pub(crate) is_protocol: fn(&str) -> bool,
}

/// Why a fact is not taken, and where it stands.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Refusal {
    file: String,
    line: usize,
    what: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}", self.file, self.line, self.what)
    }
}

/// A file of facts: where it lies, and its text.
pub(crate) struct Source {
    pub(crate) file: String,
    pub(crate) text: String,
}

/// The files of a folder as one table, or every reason why it is none.
///
/// # Errors
/// The folder or a file that cannot be read.
pub(crate) fn embed(
    folder: &Path,
    grounds: &Grounds<'_>,
) -> io::Result<Result<Vec<u8>, Vec<Refusal>>> {
    let mut paths: Vec<_> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    let sources: Vec<Source> = paths
        .iter()
        .map(|path| {
            Ok(Source {
                file: path.display().to_string(),
                text: fs::read_to_string(path)?,
            })
        })
        .collect::<io::Result<_>>()?;
    Ok(table(&sources, grounds))
}

/// The files as one table, or every reason why they are none.
pub(crate) fn table(sources: &[Source], grounds: &Grounds<'_>) -> Result<Vec<u8>, Vec<Refusal>> {
    let mut facts = Vec::new();
    let mut refusals = Vec::new();
    for source in sources {
        match read(source) {
            Ok(rows) => check(source, rows, grounds, &mut facts, &mut refusals),
            Err(refusal) => refusals.push(refusal),
        }
    }
    twice(&facts, &mut refusals);
    if !refusals.is_empty() {
        refusals.sort();
        return Err(refusals);
    }
    let newest = facts
        .iter()
        .filter_map(|placed| placed.row.checked.as_deref());
    let newest = newest.max().unwrap_or_default();
    let all = facts.iter().map(Placed::fact).collect();
    lay_out(all, newest).map_err(|_| {
        vec![Refusal {
            file: "all files".into(),
            line: 0,
            what: "too much text for one table".into(),
        }]
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnowledgeFile {
    fact: Vec<toml::Spanned<FactRow>>,
}

fn read(source: &Source) -> Result<Vec<(usize, FactRow)>, Refusal> {
    let line_of = |offset: usize| {
        let before = source.text.get(..offset).unwrap_or_default();
        before.matches('\n').count() + 1
    };
    let file: KnowledgeFile = toml::from_str(&source.text).map_err(|error| Refusal {
        file: source.file.clone(),
        line: line_of(error.span().map_or(0, |span| span.start)),
        what: error.message().replace('\n', " "),
    })?;
    let rows = file.fact.into_iter();
    Ok(rows
        .map(|row| (line_of(row.span().start), row.into_inner()))
        .collect())
}

/// A fact that is of the right form, and where it stands.
struct Placed {
    file: String,
    line: usize,
    area: String,
    form: Form,
    row: FactRow,
}

impl Placed {
    fn fact(&self) -> Fact<'_> {
        Fact {
            ports: self.form.ports,
            transports: self.form.transports.iter().copied().collect(),
            kind: self.form.kind,
            verified: self.row.verified,
            foremost: self.row.foremost,
            area: &self.area,
            text: &self.row.text,
            protocol: self.row.protocol.as_deref(),
            product: self.row.product.as_deref(),
            source: &self.row.source,
            source_title: &self.row.source_title,
            checked: self.row.checked.as_deref(),
            disputes: self.row.disputes.as_deref(),
        }
    }
}

fn check(
    source: &Source,
    rows: Vec<(usize, FactRow)>,
    grounds: &Grounds<'_>,
    facts: &mut Vec<Placed>,
    refusals: &mut Vec<Refusal>,
) {
    let area = Path::new(&source.file).file_stem();
    let area = area.map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let mut refuse = |line, what| {
        refusals.push(Refusal {
            file: source.file.clone(),
            line,
            what,
        });
    };
    if !row::is_key(&area) {
        refuse(
            1,
            "the file's name is no area: lower case, digits and single hyphens".into(),
        );
    }
    let mut before = 0;
    for (line, row) in rows {
        let (form, wrong) = row::form(&row, grounds.registry.date());
        for what in wrong {
            refuse(line, what);
        }
        let Some(form) = form else { continue };
        if form.ports.first() < before {
            let what = format!("ports: {} stands after {before}; sort by port", row.ports);
            refuse(line, what);
        }
        before = form.ports.first();
        for what in claim::refusals(&row, &form, grounds) {
            refuse(line, what);
        }
        facts.push(Placed {
            file: source.file.clone(),
            line,
            area: area.clone(),
            form,
            row,
        });
    }
}

/// A fact that another one tells already, in whatever file: the same ports, a common transport,
/// the same kind, claimant and source.
fn twice(facts: &[Placed], refusals: &mut Vec<Refusal>) {
    let key = |placed: &Placed| {
        let row = &placed.row;
        let claim = (row.protocol.clone(), row.product.clone());
        (
            placed.form.ports,
            placed.form.kind,
            claim,
            row.source.clone(),
        )
    };
    let mut sorted: Vec<&Placed> = facts.iter().collect();
    sorted.sort_by_key(|placed| key(placed));
    let transports =
        |placed: &Placed| -> TransportSet { placed.form.transports.iter().copied().collect() };
    for alike in sorted.chunk_by(|a, b| key(a) == key(b)) {
        for (number, later) in alike.iter().enumerate() {
            let earlier = alike[..number]
                .iter()
                .find(|earlier| transports(earlier).overlaps(transports(later)));
            if let Some(earlier) = earlier {
                refusals.push(Refusal {
                    file: later.file.clone(),
                    line: later.line,
                    what: format!(
                        "told already in {}, line {}: the same ports, kind, claim and source",
                        earlier.file, earlier.line
                    ),
                });
            }
        }
    }
}
