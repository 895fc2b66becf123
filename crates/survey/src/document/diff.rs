//! What changed between two registries, as JSON.

use portolan_registry::diff::{Change, Diff, Kind};
use portolan_registry::{Column, Registry, State, Transport};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{AssignmentDocument, RegistryDocument};

/// `portolan registry diff --json`.
#[derive(Debug, Serialize)]
pub struct DiffDocument<'a> {
    schema: &'static str,
    older: RegistryDocument<'a>,
    newer: RegistryDocument<'a>,
    counts: Map<String, Value>,
    changes: Vec<ChangeDocument<'a>>,
}

impl<'a> DiffDocument<'a> {
    /// Both registries, a count for each kind, and every change.
    #[must_use]
    pub fn new(older: &'a Registry, newer: &'a Registry, diff: &Diff<'a>) -> Self {
        let counts = Kind::ALL
            .into_iter()
            .map(|kind| (kind.as_str().to_owned(), diff.count(kind).into()));
        Self {
            schema: "portolan.registry_diff/1",
            older: RegistryDocument::new(older),
            newer: RegistryDocument::new(newer),
            counts: counts.collect(),
            changes: diff.changes.iter().map(ChangeDocument::new).collect(),
        }
    }
}

/// One change.
#[derive(Debug, Serialize)]
pub struct ChangeDocument<'a> {
    change: &'static str,
    place: String,
    port: Option<String>,
    transport: Option<&'static str>,
    service_name: Option<&'a str>,
    said: String,
    state_before: Option<&'static str>,
    state_after: Option<&'static str>,
    columns: Vec<&'static str>,
    pieces: Vec<String>,
    because: Vec<&'a str>,
    before: Option<AssignmentDocument<'a>>,
    after: Option<AssignmentDocument<'a>>,
}

impl<'a> ChangeDocument<'a> {
    /// The change with its rows.
    #[must_use]
    pub fn new(change: &Change<'a>) -> Self {
        let (before, after) = change.states;
        Self {
            change: change.kind.as_str(),
            place: change.place().to_string(),
            port: change.ports.map(|ports| ports.to_string()),
            transport: change.transport.map(Transport::as_str),
            service_name: Some(change.service_name()).filter(|name| !name.is_empty()),
            said: change.said(),
            state_before: before.map(State::as_str),
            state_after: after.map(State::as_str),
            columns: change.columns.iter().copied().map(Column::as_str).collect(),
            pieces: change.pieces.iter().map(ToString::to_string).collect(),
            because: change.because.clone(),
            before: change.before.as_ref().map(AssignmentDocument::new),
            after: change.after.as_ref().map(AssignmentDocument::new),
        }
    }
}
