//! Records in memory, found by port and by name.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included, Unbounded};

use portolan_ports::site::{Here, Record};
use portolan_registry::{Port, PortRange, folded};

/// A run of more ports than this is looked through with the few others that are as wide, so that one
/// record is never entered under thousands of ports.
const WIDE: usize = 64;

/// How many names are offered on each side of where a name would stand.
const NEAR: usize = 16;

/// Records in memory.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// By number.
    records: Vec<Record>,
    /// Port and place in `records`, sorted; the wide ones are left out.
    ports: Vec<(Port, usize)>,
    /// Places of the records that speak of many ports, in order.
    wide: Vec<usize>,
    /// By folded name, the places of those that have it.
    names: BTreeMap<String, Vec<usize>>,
}

impl Memory {
    /// Cost: sorts the records.
    pub(super) fn new(mut records: Vec<Record>) -> Self {
        records.sort_by_key(|record| record.id);
        let mut ports = Vec::new();
        let mut wide = Vec::new();
        let mut names: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, record) in records.iter().enumerate() {
            match record.fields.ports {
                Some(run) if run.count() as usize > WIDE => wide.push(place),
                Some(run) => ports.extend(run.ports().map(|port| (port, place))),
                None => {}
            }
            let name: String = folded(&record.fields.service_name).collect();
            if !name.is_empty() {
                names.entry(name).or_default().push(place);
            }
        }
        ports.sort_unstable();
        Self {
            records,
            ports,
            wide,
            names,
        }
    }

    /// Every record, by number.
    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// The records that speak of one of the ports and are valid here, by number; and how many hold
    /// one on other hosts alone.
    pub(super) fn covering(&self, ports: PortRange, here: &Here) -> (Vec<Record>, u64) {
        let from = self
            .ports
            .partition_point(|(port, _)| *port < ports.first());
        let narrow = self.ports[from..]
            .iter()
            .take_while(|(port, _)| *port <= ports.last())
            .map(|(_, place)| *place);
        let meets = |place: &usize| {
            let own = self.records[*place].fields.ports;
            own.is_some_and(|own| own.first() <= ports.last() && ports.first() <= own.last())
        };
        let mut places: Vec<usize> = narrow
            .chain(self.wide.iter().copied().filter(meets))
            .collect();
        places.sort_unstable();
        places.dedup();
        let mut elsewhere = 0;
        let mut found = Vec::new();
        for record in places.into_iter().map(|place| &self.records[place]) {
            if here.is_in(&record.fields.scope) {
                found.push(record.clone());
            } else {
                elsewhere += u64::from(record.status.holds());
            }
        }
        (found, elsewhere)
    }

    /// The records with this name, by number.
    pub(super) fn named(&self, name: &str) -> Vec<Record> {
        let name: String = folded(name).collect();
        let places = self.names.get(&name).into_iter().flatten();
        places.map(|place| self.records[*place].clone()).collect()
    }

    /// The names around where this one would stand among them, itself included, as they are written.
    pub(super) fn beside(&self, name: &str) -> Vec<String> {
        let name: String = folded(name).collect();
        let below = self
            .names
            .range::<str, _>((Unbounded, Excluded(name.as_str())));
        let above = self
            .names
            .range::<str, _>((Included(name.as_str()), Unbounded));
        let near = below.rev().take(NEAR).chain(above.take(NEAR));
        near.filter_map(|(_, places)| self.records.get(*places.first()?))
            .map(|record| record.fields.service_name.clone())
            .collect()
    }
}
