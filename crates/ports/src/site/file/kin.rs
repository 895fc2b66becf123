//! The record that another one reuses (RFC 6335 §8.3), by what it is called: a file has no numbers.

use std::collections::HashMap;

use portolan_registry::PortRange;

use crate::site::Record;

/// Whether a record says which name or number it is about. One whose number was given on, and that
/// never had a name, is history, and stays in the database.
pub(super) fn says(record: &Record) -> bool {
    !record.fields.service_name.is_empty() || record.fields.ports.is_some()
}

/// What a record is called where another one names it: its service name, else its place.
pub(super) fn called(record: &Record) -> String {
    match record.fields.service_name.as_str() {
        "" => record.place(),
        name => name.to_owned(),
    }
}

/// Finds records by what they are called.
pub(super) struct Finder<'r> {
    records: &'r [Record],
    by_name: HashMap<String, Vec<usize>>,
}

impl<'r> Finder<'r> {
    pub(super) fn new(records: &'r [Record]) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, record) in records.iter().enumerate() {
            let name = called(record).to_ascii_lowercase();
            by_name.entry(name).or_default().push(index);
        }
        Self { records, by_name }
    }

    /// The number of the record called `name`, but for the one at `own`: of several rather one that
    /// shares its port, then its scope, then one that holds what it has, then the first. A number
    /// that was given on is no longer in the record of whoever had it.
    pub(super) fn find(&self, own: usize, name: &str) -> Option<u64> {
        let fields = &self.records.get(own)?.fields;
        let named = self.by_name.get(&name.to_ascii_lowercase())?;
        named
            .iter()
            .filter(|index| **index != own)
            .filter_map(|index| self.records.get(*index))
            .min_by_key(|other| {
                let meets = meet(fields.ports, other.fields.ports);
                let in_scope = fields.scope.surely_meets(&other.fields.scope);
                (!meets, !in_scope, !other.status.holds())
            })
            .map(|record| record.id)
    }
}

/// Whether two runs of ports have one in common.
fn meet(one: Option<PortRange>, other: Option<PortRange>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.first() <= other.last() && other.first() <= one.last(),
        _ => false,
    }
}
