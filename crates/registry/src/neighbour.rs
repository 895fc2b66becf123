//! What stands around a port on one transport: the nearest assigned ports, and the bounds of the
//! unassigned block that it lies in.

use crate::{Assignment, Port, PortRange, RangeKind, Registry, State, Transport};

/// The nearest assigned ports on both sides of a port, itself left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbours<'a> {
    /// The nearest lower one.
    pub previous: Option<Neighbour<'a>>,
    /// The nearest higher one.
    pub next: Option<Neighbour<'a>>,
}

/// An assigned port near another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour<'a> {
    /// The port.
    pub port: Port,
    /// The row that assigns it: the first in the file that is no legacy alias.
    pub assignment: Assignment<'a>,
}

impl Registry {
    /// The assigned ports next to `port` on `transport`.
    ///
    /// Cost: two binary searches and a walk over the rows between: a few for TCP and UDP,
    /// thousands for SCTP and DCCP, which few rows speak of.
    #[must_use]
    pub fn neighbours(&self, port: Port, transport: Transport) -> Neighbours<'_> {
        let neighbour = |port: Port| {
            let rows = self.covering(port);
            let mut named = rows
                .iter()
                .filter(|row| row.is_named() && row.covers(transport));
            let best = named.clone().find(|row| row.alias_of().is_none());
            best.or_else(|| named.next()).map(|row| Neighbour {
                port,
                assignment: *row,
            })
        };
        Neighbours {
            previous: self.assigned_below(port, transport).and_then(neighbour),
            next: self.assigned_above(port, transport).and_then(neighbour),
        }
    }

    fn assigned_below(&self, port: Port, transport: Transport) -> Option<Port> {
        let below = port.checked_sub(1)?;
        let mut nearest = None;
        for span in self.spans_from_below(below) {
            // No span further down reaches as far as what was found.
            if nearest.is_some_and(|nearest| span.reach.get() <= nearest) {
                break;
            }
            if self.assigns(span.row.get(), transport) {
                nearest = nearest.max(Some(span.last.get().min(below)));
            }
        }
        nearest
    }

    fn assigned_above(&self, port: Port, transport: Transport) -> Option<Port> {
        let above = port.checked_add(1)?;
        let holds = |row: &Assignment<'_>| row.is_named() && row.covers(transport);
        if self.covering(above).iter().any(holds) {
            return Some(above);
        }
        self.spans_above(above)
            .find(|span| self.assigns(span.row.get(), transport))
            .map(|span| span.first.get())
    }

    /// The unbroken run of unassigned ports that holds `port` on `transport`, as long as it can
    /// be: over adjacent rows, over ports without a row, into the Dynamic range. `None` where
    /// the port is not unassigned.
    ///
    /// Cost: a step for each row that the run is made of.
    #[must_use]
    pub fn unassigned_block(&self, port: Port, transport: Transport) -> Option<PortRange> {
        let unassigned = |port| self.standing(port, transport).state == State::Unassigned;
        if !unassigned(port) {
            return None;
        }
        let own = self.even_run(port);
        let (mut first, mut last) = (own.first(), own.last());
        while let Some(below) = first.checked_sub(1).filter(|below| unassigned(*below)) {
            first = self.even_run(below).first();
        }
        while let Some(above) = last.checked_add(1).filter(|above| unassigned(*above)) {
            last = self.even_run(above).last();
        }
        PortRange::new(first, last)
    }

    /// The longest run around `port` that the same rows cover and that lies in one range of
    /// RFC 6335: what holds for one of its ports holds for all.
    fn even_run(&self, port: Port) -> PortRange {
        let bounds = RangeKind::of(port).bounds();
        let (mut first, mut last) = (bounds.first(), bounds.last());
        for span in self.spans_from_below(port) {
            if span.last.get() >= port {
                first = first.max(span.first.get());
                last = last.min(span.last.get());
            } else {
                first = first.max(span.last.get() + 1);
            }
            if span.reach.get() < first {
                break;
            }
        }
        if let Some(above) = port
            .checked_add(1)
            .and_then(|p| self.spans_above(p - 1).next())
        {
            last = last.min(above.first.get() - 1);
        }
        PortRange::new(first, last).unwrap_or(PortRange::single(port))
    }
}
