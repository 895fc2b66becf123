//! The record that another one reuses (RFC 6335 §8.3), by what it is called: a file has no numbers.

use std::collections::HashMap;

use portolan_registry::PortRange;

use crate::site::Record;

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

    /// The number of the record called `name` that shares a port with the one at `own`: one that
    /// holds its number before one that does not, then the first.
    pub(super) fn find(&self, own: usize, name: &str) -> Option<u64> {
        let ports = self.records.get(own)?.fields.ports;
        let named = self.by_name.get(&name.to_ascii_lowercase())?;
        let fits = |index: &&usize| {
            let other = self.records.get(**index);
            **index != own && other.is_some_and(|other| meet(ports, other.fields.ports))
        };
        let record = |index: &usize| self.records.get(*index);
        named
            .iter()
            .filter(fits)
            .filter_map(record)
            .min_by_key(|record| !record.status.holds())
            .map(|record| record.id)
    }
}

/// Whether two runs of ports have one in common; names without one meet too.
pub(super) fn meet(one: Option<PortRange>, other: Option<PortRange>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.first() <= other.last() && other.first() <= one.last(),
        (None, None) => true,
        _ => false,
    }
}
