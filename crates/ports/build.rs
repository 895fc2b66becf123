//! Turns `data/iana/` and `data/knowledge/` into what the crate embeds, and refuses bad rows.
//!
//! A bad row fails the build with its file and line: what is wrong with the data is found by the
//! one who changes it, not by the one who asks.

use std::collections::HashSet;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use portolan_registry::{
    Assignment, Builder, Origin, PortRange, Registry, State, Transport, csv, newer,
};
use serde::Deserialize;

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let data = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../data");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed={}", data.display());
    let (table, replaced) = registry_tables(&data.join("iana"))?;
    let registry = Registry::open(table.clone())?;
    fs::write(out.join("registry.flat"), table)?;
    fs::write(out.join("replaced.flat"), replaced)?;
    fs::write(
        out.join("knowledge.txt"),
        knowledge_text(&data.join("knowledge"), &registry)?,
    )?;
    Ok(())
}

/// The snapshot, and the rows of its base that are no longer in it.
fn registry_tables(folder: &Path) -> Fallible<(Vec<u8>, Vec<u8>)> {
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnowledgeFile {
    fact: Vec<toml::Spanned<FactRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactRow {
    ports: String,
    transports: Vec<String>,
    kind: String,
    text: String,
    protocol: Option<String>,
    product: Option<String>,
    source: String,
    source_title: String,
    checked: Option<String>,
    verified: bool,
    disputes: Option<String>,
}

/// All facts as one text: the newest day on which a source was opened, then a line each, fields parted by U+001F, in the order `knowledge.rs` reads.
fn knowledge_text(folder: &Path, registry: &Registry) -> Fallible<String> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Fallible<_>>()?;
    files.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    files.sort();
    let mut lines = Vec::new();
    let mut newest = String::new();
    for path in files {
        let text = fs::read_to_string(&path)?;
        let at = |offset: usize, what: &str| {
            let line = text[..offset].matches('\n').count() + 1;
            format!("{}, line {line}: {what}", path.display())
        };
        let file: KnowledgeFile =
            toml::from_str(&text).map_err(|e| at(e.span().map_or(0, |s| s.start), e.message()))?;
        for fact in file.fact {
            let offset = fact.span().start;
            newest = newest.max(fact.get_ref().checked.clone().unwrap_or_default());
            lines.push(fact_line(fact.get_ref(), registry).map_err(|e| at(offset, &e))?);
        }
    }
    lines.sort();
    let facts: String = lines.into_iter().map(|(_, line)| line).collect();
    Ok(format!("{newest}\n{facts}"))
}

fn fact_line(fact: &FactRow, registry: &Registry) -> Result<(PortRange, String), String> {
    let ports: PortRange = fact.ports.parse().map_err(|e| format!("ports: {e}"))?;
    let transports: Vec<Transport> = fact
        .transports
        .iter()
        .map(|t| t.parse().map_err(|e| format!("transports: {e}")))
        .collect::<Result<_, _>>()?;
    if transports.is_empty() {
        return Err("transports: none is named".into());
    }
    if ![
        "official_use",
        "unofficial_use",
        "risk",
        "malware",
        "history",
    ]
    .contains(&&*fact.kind)
    {
        return Err(format!("kind: {:?} is none of the five", fact.kind));
    }
    if !fact.source.starts_with("https://") && !fact.source.starts_with("http://") {
        return Err("source: not a web address".into());
    }
    if fact.verified && fact.checked.is_none() {
        return Err("verified, and the day on which the source was opened is missing".into());
    }
    if fact.kind == "official_use" {
        let assigned = |t: &Transport| {
            ports
                .ports()
                .any(|p| registry.standing(p, *t).state == State::Assigned)
        };
        if !transports.iter().any(assigned) {
            return Err("official_use: the registry assigns this port to nobody".into());
        }
    }
    let mut line = String::new();
    let names: Vec<&str> = transports.iter().map(|t| t.as_str()).collect();
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let fields = [
        ports.first().to_string(),
        ports.last().to_string(),
        names.join("+"),
        fact.kind.clone(),
        fact.verified.to_string(),
        fact.text.clone(),
        optional(&fact.protocol),
        optional(&fact.product),
        fact.source.clone(),
        fact.source_title.clone(),
        optional(&fact.checked),
        optional(&fact.disputes),
    ];
    if let Some(field) = fields.iter().find(|f| f.contains(char::is_control)) {
        return Err(format!("{field:?} holds a control character"));
    }
    writeln!(line, "{}", fields.join("\u{1f}")).map_err(|e| e.to_string())?;
    Ok((ports, line))
}
