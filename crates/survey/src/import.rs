//! A site registry read from a file, in whichever form it was exported: told by its content.

use std::io;

use jiff::civil::Date;
use portolan_ports::site::Record;
use portolan_ports::site::file::{Reading, Taken, read as read_toml};
use portolan_registry::read::bytes;
use portolan_registry::{Assignment, Origin, PortRange, Transport, lint};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Why a file is no site registry; as one line with the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ImportError(String);

/// Reads the records of a file, called `name` in what is said of it. A record's number is the line
/// on which it begins. A row that does not say when it was asked for has `undated` as that day.
///
/// TOML, and CSV, XML, JSON and JSON Lines as exported are read; any of them also packed by gzip.
/// Cost: the file in memory, twice.
///
/// # Errors
/// The first thing that is wrong, with its line.
pub fn read(name: &str, input: impl io::Read, undated: Date) -> Result<Vec<Record>, ImportError> {
    let wrong = |what: String| ImportError(format!("{name}: {what}"));
    let bytes = bytes(input).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        wrong(format!("{error}{}", cause.unwrap_or_default()))
    })?;
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let content = unmarked.trim_ascii_start();
    if content.is_empty() {
        return Err(wrong("the file is empty".to_owned()));
    }
    if content.starts_with(b"{") {
        let text = std::str::from_utf8(unmarked).map_err(|error| wrong(error.to_string()))?;
        return of_json(name, text, undated);
    }
    let form =
        unreadable(content).filter(|_| content.starts_with(b"<!") || content.starts_with(b"<h"));
    if form.is_none() && content.starts_with(b"<") || content.starts_with(b"Service Name,") {
        let (registry, lines) =
            lint::read(bytes.as_slice()).map_err(|error| wrong(error.to_string()))?;
        let lines = lines.into_iter().chain(std::iter::repeat(0));
        return of_rows(name, registry.rows().zip(lines), undated);
    }
    if let Some(form) = unreadable(content) {
        return Err(wrong(format!(
            "{form} cannot be read back; those that can are toml, csv, xml, json and jsonl: portolan registry export --site --format toml"
        )));
    }
    read_toml(name, unmarked)
        .and_then(Reading::whole)
        .map_err(|mistake| ImportError(mistake.to_string()))
}

/// The form of an export that lacks what a record has; `None` for what may be a site registry.
fn unreadable(content: &[u8]) -> Option<&'static str> {
    let line = |line: &[u8]| line.trim_ascii().to_vec();
    let mut lines = content.split(|byte| *byte == b'\n').map(line);
    let first = lines
        .clone()
        .find(|line| !line.is_empty() && !line.starts_with(b"#"))
        .unwrap_or_default();
    if content
        .get(..9)
        .is_some_and(|head| head.eq_ignore_ascii_case(b"<!doctype"))
        || content
            .get(..5)
            .is_some_and(|head| head.eq_ignore_ascii_case(b"<html"))
    {
        return Some("an export as html");
    }
    let is_row = |line: Vec<u8>| line.starts_with(b"| ");
    if content.starts_with(b"# ") && lines.clone().take(20).any(is_row) {
        return Some("an export as markdown");
    }
    let is_toml = |line: Vec<u8>| line.starts_with(b"[") || line.contains(&b'=');
    if first.is_empty() || lines.any(is_toml) {
        return None;
    }
    // `name 80/tcp`: services(5).
    let mut words = first
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let place = words.nth(1).unwrap_or_default();
    let is_service = place.first().is_some_and(u8::is_ascii_digit) && place.contains(&b'/');
    Some(match is_service {
        true => "an export as services",
        false => "an export as text",
    })
}

/// What is said of a row: its line and why it is none.
fn at_line(name: &str, line: u64, why: &str) -> ImportError {
    ImportError(format!("{name}, line {line}: this is no record: {why}"))
}

fn of_rows<'a>(
    name: &str,
    rows: impl Iterator<Item = (Assignment<'a>, u64)>,
    undated: Date,
) -> Result<Vec<Record>, ImportError> {
    let mut taken = Taken::new(Some(undated));
    for (row, line) in rows {
        taken
            .take(&row, line)
            .map_err(|why| at_line(name, line, &why))?;
    }
    let records = taken.records();
    records.map_err(|(line, why)| at_line(name, line, &why))
}

/// The document of `--format json`.
#[derive(Deserialize)]
struct Document<'a> {
    schema: String,
    #[serde(borrow)]
    rows: Vec<&'a RawValue>,
}

/// One row of it, or of JSON Lines. What else is in it follows from these.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    schema: Option<String>,
    service_name: Option<String>,
    port: Option<String>,
    transport: Option<String>,
    description: Option<String>,
    assignee: Option<String>,
    contact: Option<String>,
    registration_date: Option<String>,
    modification_date: Option<String>,
    reference: Option<String>,
    service_code: Option<String>,
    unauthorized_use: Option<String>,
    assignment_notes: Option<String>,
}

/// The schema of a document, and of a row that stands alone.
const SCHEMAS: [&str; 2] = ["portolan.registry/1", "portolan.registry_row/1"];

fn of_json(name: &str, text: &str, undated: Date) -> Result<Vec<Record>, ImportError> {
    let mut taken = Taken::new(Some(undated));
    let first = text.lines().find(|line| !line.trim().is_empty());
    let alone = first.and_then(|line| serde_json::from_str::<Row>(line).ok());
    if alone.is_some_and(|row| row.schema.as_deref() == Some(SCHEMAS[1])) {
        for (number, line) in (1..).zip(text.lines()) {
            if !line.trim().is_empty() {
                take_json(name, number, line, true, &mut taken)?;
            }
        }
    } else {
        let document: Document<'_> = serde_json::from_str(text).map_err(|error| {
            ImportError(format!("{name}: this is no exported registry: {error}"))
        })?;
        if document.schema != SCHEMAS[0] {
            let found: String = document.schema.chars().take(40).collect();
            let wanted = SCHEMAS[0];
            return Err(ImportError(format!(
                "{name}: its schema is {found:?}; an exported registry has {wanted:?}"
            )));
        }
        let (mut line, mut last) = (1, 0);
        for row in document.rows {
            // Every row lies in the text, so its line can be counted.
            let at = (row.get().as_ptr().addr()).saturating_sub(text.as_ptr().addr());
            let between = text.as_bytes().get(last..at).unwrap_or_default();
            line += between.iter().filter(|byte| **byte == b'\n').count() as u64;
            last = at;
            take_json(name, line, row.get(), false, &mut taken)?;
        }
    }
    let records = taken.records();
    records.map_err(|(line, why)| at_line(name, line, &why))
}

fn take_json(
    name: &str,
    line: u64,
    text: &str,
    alone: bool,
    taken: &mut Taken,
) -> Result<(), ImportError> {
    let wrong = |why: String| at_line(name, line, &why);
    let row: Row = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    if alone && row.schema.as_deref() != Some(SCHEMAS[1]) {
        return Err(wrong(format!("its schema is not {:?}", SCHEMAS[1])));
    }
    let ports = match row.port.as_deref() {
        None => None,
        Some(text) => {
            let ports: Result<PortRange, _> = text.parse();
            Some(ports.map_err(|error| wrong(format!("its port is {error}")))?)
        }
    };
    let transport = match row.transport.as_deref() {
        None => None,
        Some(word) => {
            let transport: Result<Transport, _> = word.parse();
            Some(transport.map_err(|error| wrong(error.to_string()))?)
        }
    };
    let cells = [
        &row.service_name,
        &row.description,
        &row.assignee,
        &row.contact,
        &row.registration_date,
        &row.modification_date,
        &row.reference,
        &row.service_code,
        &row.unauthorized_use,
        &row.assignment_notes,
    ];
    let cells = cells.map(|cell| cell.as_deref().unwrap_or_default());
    let row = Assignment::new(cells, ports, transport, Origin::Site);
    taken.take(&row, line).map_err(wrong)
}
