//! The use of the whole port space, as a square of 256 by 256 ports.

mod svg;

use crate::{Port, PortRange, RangeKind, Registry, State, Transport, standing};

/// What each of the 65,536 ports is used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortMap {
    /// The transport; `None` for all of them together.
    pub transport: Option<Transport>,
    uses: Vec<Use>,
}

/// What the registry makes of a port, for a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// A service has it.
    Assigned,
    /// Held back.
    Reserved,
    /// Nothing has it.
    Unassigned,
    /// In the Dynamic range, which is never assigned.
    Dynamic,
}

impl Use {
    /// All of them, in the order of legends and tables.
    pub const ALL: [Self; 4] = [
        Self::Assigned,
        Self::Reserved,
        Self::Unassigned,
        Self::Dynamic,
    ];

    /// The word for it, also in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Reserved => "reserved",
            Self::Unassigned => "unassigned",
            Self::Dynamic => "dynamic",
        }
    }
}

/// Ports by their use, in [`Use::ALL`]'s order.
pub type UseCount = [u32; 4];

impl PortMap {
    /// Looks at every port. Without a transport a port is assigned where any one assigns it, and
    /// else reserved where any one reserves it.
    ///
    /// Cost: one look-up per port, some tens of milliseconds.
    #[must_use]
    pub fn of(registry: &Registry, transport: Option<Transport>) -> Self {
        let asked = |t: &Transport| transport.is_none_or(|own| own == *t);
        let uses = (0..=Port::MAX).map(|port| {
            let covering = registry.covering(port);
            let states = Transport::ALL
                .into_iter()
                .filter(asked)
                .map(|t| standing(&covering, port, t).state);
            // Without a transport, what one transport has is more than what others hold back.
            let rank = |state: &State| match state {
                State::Assigned => 0,
                State::Reserved => 1,
                State::Unassigned => 2,
            };
            match states.min_by_key(rank) {
                Some(State::Assigned) => Use::Assigned,
                Some(State::Reserved) => Use::Reserved,
                _ if RangeKind::of(port) == RangeKind::Dynamic => Use::Dynamic,
                _ => Use::Unassigned,
            }
        });
        Self {
            transport,
            uses: uses.collect(),
        }
    }

    /// The use of every port, lowest first.
    #[must_use]
    pub fn uses(&self) -> &[Use] {
        &self.uses
    }

    /// How many ports of a range have which use.
    #[must_use]
    pub fn count(&self, ports: PortRange) -> UseCount {
        let mut count = UseCount::default();
        for used in &self.uses[usize::from(ports.first())..=usize::from(ports.last())] {
            count[*used as usize] += 1;
        }
        count
    }

    /// The map in numbers: 64 slices of 1,024 ports, the first of which is the System range and
    /// the last sixteen the Dynamic one.
    pub fn slices(&self) -> impl Iterator<Item = (PortRange, UseCount)> {
        (0u16..64)
            .filter_map(|slice| PortRange::new(slice * 1024, slice * 1024 + 1023))
            .map(|ports| (ports, self.count(ports)))
    }

    /// What the map is of: `tcp`, or `any transport`.
    #[must_use]
    pub fn subject(&self) -> &'static str {
        self.transport.map_or("any transport", Transport::as_str)
    }
}
