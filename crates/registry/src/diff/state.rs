//! What two sets of rows make of every port, and where that differs without a name coming or
//! going.

use std::collections::BTreeMap;

use super::change::{Change, Key, Kind};
use crate::{Assignment, Port, PortRange, State, Transport};

/// Runs of ports within which no row of either side begins or ends: the first port of each, and
/// 65,536 as the last.
struct Segments(Vec<u32>);

impl Segments {
    fn new(older: &[Assignment<'_>], newer: &[Assignment<'_>]) -> Self {
        let ports = older.iter().chain(newer).filter_map(|row| row.ports);
        let ends = ports.flat_map(|p| [u32::from(p.first()), u32::from(p.last()) + 1]);
        let mut edges: Vec<u32> = ends.chain([0, u32::from(Port::MAX) + 1]).collect();
        edges.sort_unstable();
        edges.dedup();
        Self(edges)
    }

    /// How many there are.
    const fn len(&self) -> usize {
        self.0.len() - 1
    }

    /// The one that holds a port.
    fn of(&self, port: Port) -> usize {
        self.0.partition_point(|edge| *edge <= u32::from(port)) - 1
    }

    fn ports(&self, segment: usize) -> Option<PortRange> {
        let (first, end) = (*self.0.get(segment)?, *self.0.get(segment + 1)?);
        PortRange::new(first.try_into().ok()?, (end - 1).try_into().ok()?)
    }
}

/// The row that decides about each segment, by transport.
struct Deciding<'a> {
    rows: Vec<Assignment<'a>>,
    /// One more than a place in `rows`; 0 where no row speaks of the segment.
    by_transport: [Vec<u32>; 4],
}

impl<'a> Deciding<'a> {
    /// A name decides before a remark, the narrower row before the wider, the first of equals.
    ///
    /// Cost: each segment is decided once, however many rows speak of it.
    fn new(rows: &[Assignment<'a>], segments: &Segments) -> Self {
        let with_ports = rows.iter().filter(|row| row.ports.is_some());
        let mut rows: Vec<Assignment<'a>> = with_ports.copied().collect();
        rows.sort_by_key(|row| (!row.is_named(), row.ports.map(PortRange::count)));
        let by_transport = Transport::ALL.map(|transport| {
            let mut deciding = vec![0; segments.len()];
            // The lowest segment from each that is not decided yet.
            let mut next: Vec<usize> = (0..=segments.len()).collect();
            for (number, row) in (1..).zip(&rows) {
                let Some(ports) = row.ports.filter(|_| row.covers(transport)) else {
                    continue;
                };
                let last = segments.of(ports.last());
                let mut segment = undecided(&mut next, segments.of(ports.first()));
                while segment <= last {
                    deciding[segment] = number;
                    next[segment] = segment + 1;
                    segment = undecided(&mut next, segment + 1);
                }
            }
            deciding
        });
        Self { rows, by_transport }
    }

    fn row(&self, segment: usize, transport: Transport) -> Option<Assignment<'a>> {
        let number = self.by_transport[transport as usize][segment] as usize;
        self.rows.get(number.checked_sub(1)?).copied()
    }

    fn is_silent(&self, segment: usize) -> bool {
        self.by_transport
            .iter()
            .all(|deciding| deciding[segment] == 0)
    }
}

/// Follows `next` to its end and shortens the way for who comes after.
fn undecided(next: &mut [usize], segment: usize) -> usize {
    let mut end = segment;
    while next[end] != end {
        end = next[end];
    }
    let mut at = segment;
    while next[at] != at {
        at = std::mem::replace(&mut next[at], end);
    }
    end
}

/// Both sides.
pub(super) struct States<'a> {
    segments: Segments,
    before: Deciding<'a>,
    after: Deciding<'a>,
}

impl<'a> States<'a> {
    pub(super) fn new(older: &[Assignment<'a>], newer: &[Assignment<'a>]) -> Self {
        let segments = Segments::new(older, newer);
        Self {
            before: Deciding::new(older, &segments),
            after: Deciding::new(newer, &segments),
            segments,
        }
    }

    /// The rows that decide about a place's first port, on its transport or on tcp.
    pub(super) fn rows(&self, key: Key) -> (Option<Assignment<'a>>, Option<Assignment<'a>>) {
        let Some(ports) = key.ports() else {
            return (None, None);
        };
        let (port, transport) = (self.segments.of(ports.first()), key.transport());
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
        for segment in 0..self.segments.len() {
            let changed = self.changed(segment, transport);
            let Some(((before, after), own)) = changed.zip(self.segments.ports(segment)) else {
                continue;
            };
            if let Some((ports, b, a)) = runs.last_mut() {
                let adjacent = ports.last().checked_add(1) == Some(own.first());
                if adjacent && (*b, *a) == (before, after) {
                    *ports = PortRange::new(ports.first(), own.last()).unwrap_or(own);
                    continue;
                }
            }
            runs.push((own, before, after));
        }
        runs
    }

    fn changed(
        &self,
        segment: usize,
        transport: Transport,
    ) -> Option<(Option<State>, Option<State>)> {
        let before = self.before.row(segment, transport);
        let after = self.after.row(segment, transport);
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
            gone.is_some_and(|row| row.transport.is_none()) && !other.is_silent(segment)
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
