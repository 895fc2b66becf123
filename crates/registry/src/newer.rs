//! Bringing a registry file forward with a newer, poorer source.
//!
//! The newer source knows names and descriptions of single ports alone. What it changes is kept
//! as a small CSV file beside the base, one line per port and transport:
//!
//! ```csv
//! Change,Port Number,Transport Protocol,Service Name,Description
//! added,11434,tcp,ollama,Ollama
//! replaced,2,tcp,,Reserved
//! described,700,udp,epp,EPP running over QUIC
//! ```

use std::io::Read;

use crate::assignment::{Assignment, Column, Origin};
use crate::{Port, PortRange, State, Transport};

/// One line of the newer source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it does to the base.
    pub kind: ChangeKind,
    /// The port.
    pub port: Port,
    /// The transport.
    pub transport: Transport,
    /// The service name; empty where it was taken away.
    pub service_name: String,
    /// The description.
    pub description: String,
}

/// What a [`Change`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// The base has no row of its own for the pair: it lies in an Unassigned row.
    Added,
    /// The pair's rows give way to one with another name or none.
    Replaced,
    /// The row of that name gets another description and keeps its other columns.
    Described,
}

/// Why the newer source cannot be laid over the base.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A line that is not of the form above.
    #[error("line {line}: {what}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The input could not be read.
    #[error("reading failed")]
    Read(#[from] csv::Error),
}

/// Reads the changes.
///
/// # Errors
/// The first line that is not one, by its number.
pub fn read(input: impl Read) -> Result<Vec<Change>, Error> {
    let mut reader = csv::Reader::from_reader(input);
    let mut changes = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |what| Error::Line { line, what };
        let [kind, port, transport, name, description] =
            std::array::from_fn(|i| record.get(i).unwrap_or_default());
        changes.push(Change {
            kind: match kind {
                "added" => ChangeKind::Added,
                "replaced" => ChangeKind::Replaced,
                "described" => ChangeKind::Described,
                _ => return Err(wrong("the change is none of added, replaced, described")),
            },
            port: port
                .parse()
                .map_err(|_| wrong("the port is no port number"))?,
            transport: transport
                .parse()
                .map_err(|_| wrong("the transport is unknown"))?,
            service_name: name.to_owned(),
            description: description.to_owned(),
        });
    }
    Ok(changes)
}

/// Lays the changes over the base's rows, which stay in port order.
///
/// A new pair punches a hole into the Unassigned row around it; a row of the base that no change
/// touches stays as it is, byte for byte.
#[must_use]
pub fn lay<'a>(base: Vec<Assignment<'a>>, changes: &'a [Change]) -> Vec<Assignment<'a>> {
    let mut rows = base;
    for change in changes {
        match change.kind {
            ChangeKind::Added => add(&mut rows, change),
            ChangeKind::Replaced => replace(&mut rows, change),
            ChangeKind::Described => describe(&mut rows, change),
        }
    }
    rows
}

fn new_row(change: &Change) -> Assignment<'_> {
    let mut cells = [""; 10];
    cells[Column::ServiceName as usize] = &change.service_name;
    cells[Column::Description as usize] = &change.description;
    let ports = Some(PortRange::single(change.port));
    Assignment::new(cells, ports, Some(change.transport), Origin::Newer)
}

fn is_exactly(row: &Assignment<'_>, change: &Change) -> bool {
    row.ports == Some(PortRange::single(change.port)) && row.transport == Some(change.transport)
}

fn add<'a>(rows: &mut Vec<Assignment<'a>>, change: &'a Change) {
    let around = rows.iter().position(|row| {
        row.ports.is_some_and(|p| p.contains(change.port))
            && row.covers(change.transport)
            && State::of(row) == State::Unassigned
    });
    if let Some(place) = around {
        let block = rows.remove(place);
        let bounds = block.ports.unwrap_or(PortRange::single(change.port));
        let before = change
            .port
            .checked_sub(1)
            .and_then(|l| PortRange::new(bounds.first(), l));
        let after = change
            .port
            .checked_add(1)
            .and_then(|f| PortRange::new(f, bounds.last()));
        let parts = [before, after].into_iter().flatten();
        // What is left of the block is no row of the base any more, so it is marked as newer too.
        let parts = parts.map(|part| Assignment {
            ports: Some(part),
            origin: Origin::Newer,
            range_of_one: false,
            ..block
        });
        rows.splice(place..place, parts);
    }
    let place = rows.partition_point(|row| {
        row.ports.is_some_and(|p| {
            p.first() < change.port
                || (p.first() == change.port && row.transport < Some(change.transport))
        })
    });
    rows.insert(place, new_row(change));
}

fn replace<'a>(rows: &mut Vec<Assignment<'a>>, change: &'a Change) {
    let place = rows.iter().position(|row| is_exactly(row, change));
    rows.retain(|row| !is_exactly(row, change));
    match place {
        Some(place) => rows.insert(place, new_row(change)),
        None => add(rows, change),
    }
}

fn describe<'a>(rows: &mut Vec<Assignment<'a>>, change: &'a Change) {
    let of_name = |row: &&mut Assignment<'a>| {
        is_exactly(row, change) && row.service_name() == change.service_name
    };
    match rows.iter_mut().find(of_name) {
        Some(row) => {
            row.cells[Column::Description as usize] = &change.description;
            row.origin = Origin::Newer;
        }
        None => add(rows, change),
    }
}
