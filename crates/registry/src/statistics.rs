//! Counts over a registry.

use std::collections::HashSet;

use crate::{Assignment, Origin, Port, Registry, State, Transport, standing};

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
        let mut names = HashSet::new();
        for row in registry.rows() {
            counted.row(&row);
            if row.is_named() {
                names.insert(row.service_name());
            }
        }
        counted.names = names.len();
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
    }
}
