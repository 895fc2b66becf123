//! Counts over a registry.

mod sharing;

use std::collections::{BTreeMap, HashMap, HashSet};

pub use sharing::Sharing;

use crate::search::year_of;
use crate::{
    Assignment, Column, Origin, Port, PortRange, Registry, State, Transport, check_name, standing,
};

/// Counts over all rows and ports of a registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Rows.
    pub rows: usize,
    /// Distinct service names, letter for letter.
    pub names: usize,
    /// Rows with a single port.
    pub single: usize,
    /// Rows with a run of ports.
    pub ranges: usize,
    /// Rows without a port.
    pub portless: usize,
    /// Rows by transport, in [`Transport::ALL`]'s order.
    pub by_transport: [usize; 4],
    /// Rows without a transport.
    pub no_transport: usize,
    /// Ports by state, by transport in [`Transport::ALL`]'s order; each sums up to 65,536.
    pub ports: [PortCount; 4],
    /// Rows that a newer, poorer source changed.
    pub newer: usize,
    /// Rows with a service name.
    pub named_rows: usize,
    /// Distinct service names on rows without a port.
    pub portless_names: usize,
    /// Distinct service names that stand on several ports or ranges.
    pub names_on_several_ports: usize,
    /// How names stand to ports.
    pub sharing: Sharing,
    /// Names that break RFC 6335 §5.1.
    pub breaking: Breaking,
    /// The earliest and the latest date of any row, as written.
    pub dates: Option<(String, String)>,
    /// Rows with a cell of several lines.
    pub multi_line_rows: usize,
    /// Rows on which a use without an assignment was reported to IANA.
    pub unauthorized_rows: usize,
    /// Distinct ports and ranges of those rows.
    pub unauthorized_ports: usize,
    /// Rows by the year of their registration. Most old rows have none.
    pub by_year: BTreeMap<u16, usize>,
}

/// Names that break RFC 6335 §5.1's syntax.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaking {
    /// Distinct ones.
    pub names: usize,
    /// Rows that bear them.
    pub rows: usize,
}

/// How many ports are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortCount {
    /// Have a service name.
    pub assigned: u32,
    /// Have none.
    pub unassigned: u32,
    /// Are held back.
    pub reserved: u32,
}

impl Statistics {
    /// Counts. Cost: one look-up per port and transport, some tens of milliseconds.
    #[must_use]
    pub fn of(registry: &Registry) -> Self {
        let mut counted = Self::default();
        let mut names: HashMap<&str, HashSet<PortRange>> = HashMap::new();
        let mut portless = HashSet::new();
        let mut reported = HashSet::new();
        for row in registry.rows() {
            counted.row(&row);
            if !row.unauthorized_use().is_empty() {
                reported.insert(row.ports);
            }
            if !row.is_named() {
                continue;
            }
            let ports = names.entry(row.service_name()).or_default();
            match row.ports {
                Some(own) => _ = ports.insert(own),
                None => _ = portless.insert(row.service_name()),
            }
        }
        counted.names = names.len();
        counted.names_on_several_ports = names.values().filter(|ports| ports.len() > 1).count();
        counted.breaking.names = names.keys().filter(|n| check_name(n).is_err()).count();
        counted.portless_names = portless.len();
        counted.unauthorized_ports = reported.len();
        counted.sharing = Sharing::of(registry);
        for port in 0..=Port::MAX {
            let covering = registry.covering(port);
            for (count, transport) in counted.ports.iter_mut().zip(Transport::ALL) {
                match standing(&covering, port, transport).state {
                    State::Assigned => count.assigned += 1,
                    State::Unassigned => count.unassigned += 1,
                    State::Reserved => count.reserved += 1,
                }
            }
        }
        counted
    }

    fn row(&mut self, row: &Assignment<'_>) {
        self.rows += 1;
        match row.ports {
            Some(ports) if ports.is_single() && !row.range_of_one => self.single += 1,
            Some(_) => self.ranges += 1,
            None => self.portless += 1,
        }
        match row.transport {
            Some(transport) => self.by_transport[transport as usize] += 1,
            None => self.no_transport += 1,
        }
        self.newer += usize::from(row.origin == Origin::Newer);
        self.named_rows += usize::from(row.is_named());
        self.breaking.rows +=
            usize::from(row.is_named() && check_name(row.service_name()).is_err());
        self.unauthorized_rows += usize::from(!row.unauthorized_use().is_empty());
        let lines = |column: &Column| row.cell(*column).contains('\n');
        self.multi_line_rows += usize::from(Column::ALL.iter().any(lines));
        let registered = row.cell(Column::RegistrationDate);
        if let Some(year) = year_of(registered) {
            *self.by_year.entry(year).or_default() += 1;
        }
        self.date(registered);
        self.date(row.cell(Column::ModificationDate));
    }

    /// Dates compare as text: `YYYY-MM-DD` or `YYYY-MM`.
    fn date(&mut self, date: &str) {
        if date.is_empty() {
            return;
        }
        match &mut self.dates {
            None => self.dates = Some((date.to_owned(), date.to_owned())),
            Some((first, _)) if date < first.as_str() => date.clone_into(first),
            Some((_, last)) if date > last.as_str() => date.clone_into(last),
            Some(_) => {}
        }
    }
}
