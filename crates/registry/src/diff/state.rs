//! What two sets of rows make of every port, and where that differs without a name coming or
//! going.

use std::collections::BTreeMap;

use super::change::{Change, Key, Kind};
use crate::{Assignment, Port, PortRange, State, Transport};

const PORTS: usize = Port::MAX as usize + 1;

/// The row that decides about each port, by transport.
struct Deciding<'a> {
    rows: Vec<Assignment<'a>>,
    /// One more than a place in `rows`; 0 where no row speaks of the port.
    by_transport: [Vec<u32>; 4],
}

impl<'a> Deciding<'a> {
    /// A name decides before a remark, the narrower row before the wider, the first of equals.
    ///
    /// Cost: each port is decided once, however many rows speak of it.
    fn new(rows: &[Assignment<'a>]) -> Self {
        let mut rows: Vec<Assignment<'a>> =
            rows.iter().filter(|r| r.ports.is_some()).copied().collect();
        rows.sort_by_key(|row| (!row.is_named(), row.ports.map(PortRange::count)));
        let by_transport = Transport::ALL.map(|transport| {
            let mut deciding = vec![0; PORTS];
            // The lowest port from each that is not decided yet.
            let mut next: Vec<usize> = (0..=PORTS).collect();
            for (number, row) in (1..).zip(&rows) {
                let Some(ports) = row.ports.filter(|_| row.covers(transport)) else {
                    continue;
                };
                let mut port = undecided(&mut next, usize::from(ports.first()));
                while port <= usize::from(ports.last()) {
                    deciding[port] = number;
                    next[port] = port + 1;
                    port = undecided(&mut next, port + 1);
                }
            }
            deciding
        });
        Self { rows, by_transport }
    }

    fn row(&self, port: usize, transport: Transport) -> Option<Assignment<'a>> {
        let number = self.by_transport[transport as usize][port] as usize;
        self.rows.get(number.checked_sub(1)?).copied()
    }

    fn is_silent(&self, port: usize) -> bool {
        self.by_transport.iter().all(|deciding| deciding[port] == 0)
    }
}

/// Follows `next` to its end and shortens the way for who comes after.
fn undecided(next: &mut [usize], port: usize) -> usize {
    let mut end = port;
    while next[end] != end {
        end = next[end];
    }
    let mut at = port;
    while next[at] != at {
        at = std::mem::replace(&mut next[at], end);
    }
    end
}

/// Both sides.
pub(super) struct States<'a> {
    before: Deciding<'a>,
    after: Deciding<'a>,
}

impl<'a> States<'a> {
    pub(super) fn new(older: &[Assignment<'a>], newer: &[Assignment<'a>]) -> Self {
        Self {
            before: Deciding::new(older),
            after: Deciding::new(newer),
        }
    }

    /// The rows that decide about a place's first port, on its transport or on tcp.
    pub(super) fn rows(&self, key: Key) -> (Option<Assignment<'a>>, Option<Assignment<'a>>) {
        let Some(ports) = key.ports() else {
            return (None, None);
        };
        let (port, transport) = (usize::from(ports.first()), key.transport());
        let transport = transport.unwrap_or(Transport::Tcp);
        (
            self.before.row(port, transport),
            self.after.row(port, transport),
        )
    }

    /// What these make of it.
    pub(super) fn at(&self, key: Key) -> (Option<State>, Option<State>) {
        let (before, after) = self.rows(key);
        (
            before.as_ref().map(State::of),
            after.as_ref().map(State::of),
        )
    }

    /// Runs of ports that are in another state without a name on either side.
    pub(super) fn changes(&self) -> Vec<Change<'a>> {
        let mut runs: BTreeMap<(PortRange, Option<State>, Option<State>), Vec<Transport>> =
            BTreeMap::new();
        for transport in Transport::ALL {
            for (ports, before, after) in self.runs(transport) {
                runs.entry((ports, before, after))
                    .or_default()
                    .push(transport);
            }
        }
        let mut changes = Vec::new();
        for ((ports, before, after), transports) in runs {
            let all = transports.len() == Transport::ALL.len();
            let places = transports.into_iter().map(Some).filter(|_| !all);
            for transport in places.chain(all.then_some(None)) {
                let key = Key::new(Some(ports), transport);
                let rows = self.rows(key);
                changes.push(Change {
                    before: rows.0,
                    after: rows.1,
                    states: (before, after),
                    ..Change::new(Kind::StateChanged, key)
                });
            }
        }
        changes
    }

    fn runs(&self, transport: Transport) -> Vec<(PortRange, Option<State>, Option<State>)> {
        let mut runs: Vec<(PortRange, Option<State>, Option<State>)> = Vec::new();
        for port in 0..=Port::MAX {
            let Some((before, after)) = self.changed(port, transport) else {
                continue;
            };
            let single = PortRange::single(port);
            if let Some((ports, b, a)) = runs.last_mut() {
                let adjacent = ports.last().checked_add(1) == Some(port);
                if adjacent && (*b, *a) == (before, after) {
                    *ports = PortRange::new(ports.first(), port).unwrap_or(single);
                    continue;
                }
            }
            runs.push((single, before, after));
        }
        runs
    }

    fn changed(&self, port: Port, transport: Transport) -> Option<(Option<State>, Option<State>)> {
        let port = usize::from(port);
        let (before, after) = (
            self.before.row(port, transport),
            self.after.row(port, transport),
        );
        if [before, after]
            .into_iter()
            .flatten()
            .any(|row| row.is_named())
        {
            return None;
        }
        // A block for all transports that gives way to rows for some takes nothing from the
        // others that they had a row of their own for.
        let by_the_way = |gone: Option<Assignment<'_>>, other: &Deciding<'_>| {
            gone.is_some_and(|row| row.transport.is_none()) && !other.is_silent(port)
        };
        let lost = after.is_none() && by_the_way(before, &self.after);
        let won = before.is_none() && by_the_way(after, &self.before);
        let states = (
            before.as_ref().map(State::of),
            after.as_ref().map(State::of),
        );
        (states.0 != states.1 && !lost && !won).then_some(states)
    }
}
