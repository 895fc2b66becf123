//! Narrowing a search by what the columns say.

use crate::{Assignment, Column, PortRange, RangeKind, State, Transport};

/// What a row must be. An empty facet asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// The row speaks of this transport.
    pub transport: Option<Transport>,
    /// Some of the row's ports lie in this range of RFC 6335.
    pub range: Option<RangeKind>,
    /// What the row makes of its ports.
    pub state: Option<State>,
    /// One of the row's references, without its brackets: `RFC6335`, in any case.
    pub reference: Option<String>,
    /// A part of the assignee, in any case; spaces and underscores are alike.
    pub assignee: Option<String>,
    /// The year of registration or of the last modification.
    pub year: Option<u16>,
}

impl Facets {
    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether something is asked that only a row of the registry has: all but transport and
    /// range.
    #[must_use]
    pub const fn speak_of_rows(&self) -> bool {
        self.state.is_some()
            || self.reference.is_some()
            || self.assignee.is_some()
            || self.year.is_some()
    }

    /// Whether ports on these transports are meant.
    #[must_use]
    pub fn hold_ports(
        &self,
        ports: Option<PortRange>,
        speaks_of: impl Fn(Transport) -> bool,
    ) -> bool {
        let in_range = |range: RangeKind| {
            let (bounds, own) = (range.bounds(), ports);
            own.is_some_and(|own| own.first() <= bounds.last() && bounds.first() <= own.last())
        };
        self.transport.is_none_or(speaks_of) && self.range.is_none_or(in_range)
    }

    /// Whether the row is meant.
    #[must_use]
    pub fn hold(&self, row: &Assignment<'_>) -> bool {
        let reference = |wanted: &String| {
            let wanted = wanted.trim_matches(['[', ']']).replace(' ', "");
            let own = row.cell(Column::Reference).split(['[', ']']);
            own.into_iter().any(|r| r.eq_ignore_ascii_case(&wanted))
        };
        let assignee =
            |wanted: &String| spaced(row.cell(Column::Assignee)).contains(&spaced(wanted));
        let year = |wanted: u16| {
            [Column::RegistrationDate, Column::ModificationDate]
                .iter()
                .any(|column| year_of(row.cell(*column)) == Some(wanted))
        };
        self.hold_ports(row.ports, |transport| row.covers(transport))
            && self.state.is_none_or(|state| State::of(row) == state)
            && self.reference.as_ref().is_none_or(reference)
            && self.assignee.as_ref().is_none_or(assignee)
            && self.year.is_none_or(year)
    }
}

/// The year of a date as the registry writes it: `2012-03-04` or `2012-03`.
#[must_use]
pub fn year_of(date: &str) -> Option<u16> {
    date.get(..4)?.parse().ok()
}

fn spaced(text: &str) -> String {
    text.to_lowercase().replace('_', " ")
}
