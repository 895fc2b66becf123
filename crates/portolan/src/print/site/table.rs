//! Records as a table that is read at any width: what does not fit is cut or left out, and words,
//! numbers and headings stay whole.

use jiff::civil::Date;
use portolan_ports::site::{Record, Scope};

use super::tone;
use crate::print::columns::{GAP, cut, width_of};
use crate::print::{Cell, Grid, Output, Tone, one_line};

/// The widest that an assignee or a scope is where the terminal has an end.
const FAIR: usize = 24;

/// What a description needs to be read, and the least that it is shown in.
const READABLE: usize = 28;
const LEAST: usize = 11;

/// The widest that a status with its marks is: `being revoked,` in one line.
const STATUS: usize = 14;

/// One column.
struct Column {
    head: &'static str,
    kind: Kind,
    cells: Vec<Cell>,
}

/// What becomes of a column where there is too little room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It stays, whole.
    Whole,
    /// It stays, broken between words.
    Status,
    /// It is cut, then left out; the highest first.
    Left(u8),
    /// It takes what room is left.
    Rest,
}

/// A line for each record, as they stand today.
pub(crate) fn table<'r>(
    records: impl IntoIterator<Item = &'r Record>,
    today: Date,
    output: &Output,
) -> String {
    let records: Vec<&Record> = records.into_iter().collect();
    let mut columns = columns(&records, today);
    let width = output.width();
    if let Some(width) = width {
        fit(&mut columns, &records, width);
    }
    let mut grid = Grid::new(
        columns
            .iter()
            .map(|column| column.head.to_owned())
            .collect(),
    );
    for row in 0..records.len() {
        for column in &columns {
            let cell = column.cells.get(row).cloned();
            grid.push(cell.unwrap_or((String::new(), Tone::Plain)));
        }
    }
    match width {
        None => grid.text(0, output),
        Some(width) => grid.laid(&widths(&columns, width), 0, output),
    }
}

fn columns(records: &[&Record], today: Date) -> Vec<Column> {
    let column = |head, kind, cell: &dyn Fn(&Record) -> Cell| Column {
        head,
        kind,
        cells: records.iter().map(|record| cell(record)).collect(),
    };
    let plain = |text: &str| (one_line(text), Tone::Plain);
    vec![
        column("ID", Kind::Whole, &|record| plain(&record.id.to_string())),
        column("PORT", Kind::Whole, &|record| match record.fields.ports {
            Some(_) => (record.place(), Tone::Strong),
            None => ("-".to_owned(), Tone::Strong),
        }),
        column(
            "NAME",
            Kind::Whole,
            &|record| match record.fields.service_name.as_str() {
                "" => plain("-"),
                name => plain(name),
            },
        ),
        column("STATUS", Kind::Status, &|record| {
            (status(record, today), tone(record.status))
        }),
        column("SCOPE", Kind::Left(2), &|record| {
            plain(&record.fields.scope.to_string())
        }),
        column("ASSIGNEE", Kind::Left(1), &|record| {
            plain(&record.fields.assignee)
        }),
        column("SINCE", Kind::Left(3), &|record| {
            plain(&record.modified.to_string())
        }),
        column("DESCRIPTION", Kind::Rest, &|record| {
            plain(&record.fields.description)
        }),
    ]
}

/// Cuts and leaves out until the description can be read beside what stays.
fn fit(columns: &mut Vec<Column>, records: &[&Record], width: usize) {
    for column in columns.iter_mut() {
        if let Kind::Left(_) = column.kind {
            for (cell, _) in &mut column.cells {
                *cell = cut(cell, FAIR);
            }
        }
    }
    // A scope is the last to go where it tells one record from another.
    let same = records
        .iter()
        .all(|record| record.fields.scope == Scope::All);
    let needed = |column: &Column| match column.kind {
        Kind::Rest => natural(column).min(READABLE),
        _ => fixed(column),
    };
    let rank = |column: &Column| match column.kind {
        Kind::Left(2) if same => 4,
        Kind::Left(rank) => rank,
        _ => 0,
    };
    loop {
        let gaps = GAP * columns.len().saturating_sub(1);
        let needs: usize = columns.iter().map(needed).sum::<usize>() + gaps;
        let last = columns.iter().map(rank).max().unwrap_or(0);
        if needs <= width || last == 0 {
            break;
        }
        columns.retain(|column| rank(column) != last);
    }
    let gaps = GAP * columns.len().saturating_sub(1);
    let others: usize = columns
        .iter()
        .filter(|column| column.kind != Kind::Rest)
        .map(fixed)
        .sum();
    if others + gaps + LEAST > width {
        columns.retain(|column| column.kind != Kind::Rest);
    }
}

/// How wide each column is.
fn widths(columns: &[Column], width: usize) -> Vec<usize> {
    let gaps = GAP * columns.len().saturating_sub(1);
    let others = columns.iter().filter(|column| column.kind != Kind::Rest);
    let room = width.saturating_sub(gaps + others.map(fixed).sum::<usize>());
    let width = |column: &Column| match column.kind {
        Kind::Rest => natural(column).min(room.max(LEAST)),
        _ => fixed(column),
    };
    columns.iter().map(width).collect()
}

fn fixed(column: &Column) -> usize {
    match column.kind {
        Kind::Status => natural(column).min(STATUS),
        _ => natural(column),
    }
}

fn natural(column: &Column) -> usize {
    let cells = column.cells.iter().map(|(cell, _)| width_of(cell));
    cells.max().unwrap_or(0).max(column.head.len())
}

/// The status, with what it hides: a notice that runs, a last day that is over.
fn status(record: &Record, today: Date) -> String {
    let mut words = vec![record.status.as_str()];
    if record.revocation.is_some() {
        words.push("being revoked");
    }
    if record.is_expired(today) {
        words.push("expired");
    }
    words.join(", ")
}
