//! A line of a listing: a listener with one of its owners or with all, or a published port.

use std::cmp::Ordering;

use portolan_inspect::Snapshot;
use portolan_ports::{Listener, Owner, Publication};
use portolan_survey::Sources;

use super::Order;
use crate::print::holder::principal;

/// What a line is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen<'a> {
    Listener(&'a Listener),
    Publication(&'a Publication),
}

/// A line, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) seen: Seen<'a>,
    /// The owner it tells of; `None` where none is known.
    pub(super) owner: Option<&'a Owner>,
    /// Whether it stands for all owners of the listener.
    pub(super) for_all: bool,
}

/// The lines, in order: listeners as they come, then publications, unless `order` says otherwise.
pub(super) fn rows<'a>(
    seen: &'a Snapshot,
    sources: &'a Sources<'a>,
    each_owner: bool,
    order: &Order,
) -> Vec<Row<'a>> {
    let mut rows = Vec::with_capacity(seen.listeners.len() + seen.publications.len());
    for listener in &seen.listeners {
        let row = Row::of(listener);
        if each_owner && !listener.owners.is_empty() {
            rows.extend(listener.owners.iter().map(|owner| Row {
                owner: Some(owner),
                for_all: false,
                ..row
            }));
        } else {
            rows.push(row);
        }
    }
    rows.extend(seen.publications.iter().map(|publication| Row {
        seen: Seen::Publication(publication),
        owner: None,
        for_all: true,
    }));
    if !order.is_natural() {
        rows.sort_by(|a, b| compare(a, b, sources, order));
    }
    rows
}

/// Puts a snapshot's listeners in order, for a document that has no lines.
pub(crate) fn sort(listeners: &mut [Listener], sources: &Sources<'_>, order: &Order) {
    if !order.is_natural() {
        listeners.sort_by(|a, b| compare(&Row::of(a), &Row::of(b), sources, order));
    }
}

impl<'a> Row<'a> {
    fn of(listener: &'a Listener) -> Self {
        Self {
            seen: Seen::Listener(listener),
            owner: principal(listener),
            for_all: true,
        }
    }
}

/// What is absent comes last either way.
fn compare(a: &Row<'_>, b: &Row<'_>, sources: &Sources<'_>, order: &Order) -> Ordering {
    use super::column::Value;
    let keys = order.keys().map(|(column, reverse)| {
        let (a, b) = (column.value(a, sources), column.value(b, sources));
        match (&a, &b) {
            (Value::Nothing, Value::Nothing) => Ordering::Equal,
            (Value::Nothing, _) => Ordering::Greater,
            (_, Value::Nothing) => Ordering::Less,
            (a, b) if reverse => b.compare(a),
            (a, b) => a.compare(b),
        }
    });
    let mut keys = keys;
    keys.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
