//! Which records of the site registry have a port, for whoever looks for one.

use std::collections::HashMap;

use portolan_ports::Gap;
use portolan_ports::site::{Record, Scope};
use portolan_registry::{Port, PortRange};

use super::Criteria;
use crate::site::SiteRegistry;

/// Who is asked about the site's numbers.
#[derive(Debug)]
pub(super) enum Holders<'a> {
    /// No site registry is in use.
    Nobody,
    /// What is valid on this host; read as far as it is asked for.
    Here(&'a SiteRegistry),
    /// Every record, held against the scope of a request.
    Everywhere(Box<Held>),
}

impl<'a> Holders<'a> {
    /// Cost: reads every record where the criteria name a scope.
    pub(super) fn of(site: Option<&'a SiteRegistry>, criteria: &Criteria) -> Self {
        match (site, &criteria.scope) {
            (None, _) => Self::Nobody,
            (Some(site), None) => Self::Here(site),
            (Some(site), Some(scope)) => {
                let records = site.records().iter();
                let others = records.filter(|record| {
                    let own = criteria.own;
                    own.is_none_or(|own| record.citation().record() != Some(own))
                });
                let mut held = Held::new(others.cloned().collect(), scope.clone());
                held.gaps = site.gaps();
                Self::Everywhere(Box::new(held))
            }
        }
    }

    /// The records that speak of the port and may be valid where it is wanted.
    pub(super) fn covering(&self, port: Port) -> Vec<&Record> {
        match self {
            Self::Nobody => Vec::new(),
            Self::Here(site) => site.covering(port).iter().collect(),
            Self::Everywhere(held) => held.on(port).filter(|r| held.meets(r)).collect(),
        }
    }

    /// The record that keeps the port from others where it is wanted.
    pub(super) fn holder(&self, port: Port) -> Option<&Record> {
        let holds = |record: &&Record| record.status.holds();
        match self {
            Self::Nobody => None,
            Self::Here(site) => site.covering(port).iter().find(holds),
            Self::Everywhere(held) => held.on(port).filter(|r| held.meets(r)).find(holds),
        }
    }

    /// How many records hold the port where it is not wanted.
    pub(super) fn elsewhere(&self, port: Port) -> u64 {
        match self {
            Self::Nobody => 0,
            Self::Here(site) => site.elsewhere(PortRange::single(port)),
            Self::Everywhere(held) => {
                let others = held.on(port).filter(|r| r.status.holds() && !held.meets(r));
                others.count().try_into().unwrap_or(u64::MAX)
            }
        }
    }

    /// Those records, by number, where all are known.
    pub(super) fn named_elsewhere(&self, port: Port) -> Vec<&Record> {
        let Self::Everywhere(held) = self else {
            return Vec::new();
        };
        let others = held.on(port).filter(|r| r.status.holds() && !held.meets(r));
        let mut others: Vec<&Record> = others.collect();
        others.sort_by_key(|record| record.id);
        others
    }

    /// Whether a request is to be filed with the registry.
    pub(super) const fn is_asked_of(&self) -> bool {
        matches!(self, Self::Everywhere(_))
    }

    /// What could not be read, so far.
    pub(super) fn gaps(&self) -> Vec<Gap> {
        match self {
            Self::Here(site) => site.gaps(),
            Self::Everywhere(held) => held.gaps.clone(),
            Self::Nobody => Vec::new(),
        }
    }
}

/// Records in memory, found by their ports.
#[derive(Debug, Default)]
pub(super) struct Held {
    scope: Scope,
    /// What could not be read of them.
    gaps: Vec<Gap>,
    records: Vec<Record>,
    /// The places in `records` of those with a single port.
    single: HashMap<Port, Vec<usize>>,
    /// Of those with several.
    several: Vec<usize>,
}

impl Held {
    /// For a request in `scope`.
    pub(super) fn new(records: Vec<Record>, scope: Scope) -> Self {
        let mut held = Self {
            scope,
            ..Self::default()
        };
        for record in records {
            held.add(record);
        }
        held
    }

    /// Learns of a record; what was known of one with this number at this place is replaced.
    pub(super) fn add(&mut self, record: Record) {
        let Some(ports) = record.fields.ports else {
            return;
        };
        let (first, place) = (ports.first(), self.records.len());
        let known = match ports.is_single() {
            true => self.single.entry(first).or_default(),
            false => &mut self.several,
        };
        match known.iter().find(|at| self.records[**at].id == record.id) {
            Some(&at) => self.records[at] = record,
            None => {
                known.push(place);
                self.records.push(record);
            }
        }
    }

    fn on(&self, port: Port) -> impl Iterator<Item = &Record> {
        let single = self.single.get(&port).into_iter().flatten();
        let all = single.chain(&self.several).map(|at| &self.records[*at]);
        all.filter(move |record| record.covers(port))
    }

    fn meets(&self, record: &Record) -> bool {
        self.scope.may_meet(&record.fields.scope)
    }
}
