//! What the registry makes of a port on one transport, and the row or rule that says so.

use std::fmt;

use crate::{Assignment, Port, RangeKind, Registry, Transport};

/// The three states of RFC 6335 §6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// A service name has it.
    Assigned,
    /// Nothing has it.
    Unassigned,
    /// Held back from ordinary assignment.
    Reserved,
}

impl State {
    /// The lower-case word of RFC 6335.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Unassigned => "unassigned",
            Self::Reserved => "reserved",
        }
    }

    /// What a row makes of the ports that it covers.
    ///
    /// The registry has no column for this. A row with a service name assigns; one without says
    /// in its description what it is. RFC 6335 §8.2 makes what was removed or de-assigned
    /// Reserved; "any private ..." is nobody's to be given either.
    #[must_use]
    pub fn of(row: &Assignment<'_>) -> Self {
        if row.is_named() {
            return Self::Assigned;
        }
        let description = row.description().trim_start_matches('(').as_bytes();
        let unassigned = b"unassigned";
        let begins = description
            .get(..unassigned.len())
            .is_some_and(|d| d.eq_ignore_ascii_case(unassigned));
        if begins {
            Self::Unassigned
        } else {
            Self::Reserved
        }
    }
}

/// The state of a port on one transport, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    /// The state.
    pub state: State,
    /// The row or the rule that makes it so.
    pub because: Because<'a>,
    /// Every row that speaks of this port and transport, in the file's order.
    pub assignments: Vec<Assignment<'a>>,
}

/// What makes a port's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because<'a> {
    /// A row of the registry.
    Row(Assignment<'a>),
    /// It lies in the Dynamic range, which is never assigned (RFC 6335 §6).
    DynamicRange,
    /// No row speaks of this transport, and this row assigns the number on another one:
    /// RFC 6335 §7.2 holds it back.
    OtherTransport(Assignment<'a>),
    /// No row speaks of this transport, and this row reserves the number on another one.
    ReservedElsewhere(Assignment<'a>),
    /// No row speaks of this transport, and none assigns or reserves the number.
    NoRow,
}

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row(row) if row.is_named() => {
                write!(
                    f,
                    "registry row {} names {}",
                    row.place(),
                    row.service_name()
                )
            }
            Self::Row(row) => write!(
                f,
                "registry row {} says {:?}",
                row.place(),
                row.description()
            ),
            Self::DynamicRange => {
                f.write_str("Dynamic range 49152-65535, never assigned (RFC 6335 section 6)")
            }
            Self::OtherTransport(row) => write!(
                f,
                "no row for this transport; {} is {}'s, and RFC 6335 section 7.2 holds the number \
                 back on the others",
                row.place(),
                row.service_name()
            ),
            Self::ReservedElsewhere(row) => write!(
                f,
                "no row for this transport; registry row {} says {:?}",
                row.place(),
                row.description()
            ),
            Self::NoRow => {
                f.write_str("no row for this transport, and no transport has the number")
            }
        }
    }
}

impl Registry {
    /// What the registry makes of `port` on `transport`. Every port has an answer.
    #[must_use]
    pub fn standing(&self, port: Port, transport: Transport) -> Standing<'_> {
        standing(&self.covering(port), port, transport)
    }
}

/// As [`Registry::standing`], from rows that were looked up before.
#[must_use]
pub fn standing<'a>(covering: &[Assignment<'a>], port: Port, transport: Transport) -> Standing<'a> {
    let assignments: Vec<_> = covering
        .iter()
        .filter(|row| row.covers(transport))
        .copied()
        .collect();
    let (state, because) = decide(covering, &assignments, port);
    Standing {
        state,
        because,
        assignments,
    }
}

/// A named row outranks a remark; among equals the narrower outranks the wider, so that a port
/// with a row of its own inside an Unassigned block is what its own row says.
fn decide<'a>(
    covering: &[Assignment<'a>],
    own: &[Assignment<'a>],
    port: Port,
) -> (State, Because<'a>) {
    let rank = |row: &&Assignment<'a>| {
        (
            !row.is_named(),
            row.ports.map_or(u32::MAX, crate::PortRange::count),
        )
    };
    if let Some(row) = own.iter().min_by_key(rank) {
        return (State::of(row), Because::Row(*row));
    }
    if RangeKind::of(port) == RangeKind::Dynamic {
        return (State::Unassigned, Because::DynamicRange);
    }
    match covering.iter().min_by_key(rank) {
        Some(row) if row.is_named() => (State::Reserved, Because::OtherTransport(*row)),
        Some(row) if State::of(row) == State::Reserved => {
            (State::Reserved, Because::ReservedElsewhere(*row))
        }
        _ => (State::Unassigned, Because::NoRow),
    }
}
