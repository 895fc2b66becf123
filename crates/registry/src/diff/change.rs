//! One thing that changed.

use crate::{Assignment, Column, Origin, Place, PortRange, State, Transport};

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A service name came to a port, or to the registry.
    Added,
    /// A service name went.
    Removed,
    /// The same service has another name.
    Renamed,
    /// Assignee or contact are others.
    Reassigned,
    /// Ports without a name are in another state.
    StateChanged,
    /// The description is another.
    Described,
    /// The reference is another.
    Referenced,
    /// Notes, unauthorized uses or the Service Code are others.
    Noted,
    /// The dates are others, and nothing else.
    Dated,
    /// A block without a name was cut into several.
    Split,
    /// A block without a name lost ports.
    Shrunk,
    /// A block without a name won ports.
    Grown,
    /// Several blocks without a name became one.
    Merged,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Added,
        Self::Removed,
        Self::Renamed,
        Self::Reassigned,
        Self::StateChanged,
        Self::Described,
        Self::Referenced,
        Self::Noted,
        Self::Dated,
        Self::Split,
        Self::Shrunk,
        Self::Grown,
        Self::Merged,
    ];

    /// The snake_case word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Renamed => "renamed",
            Self::Reassigned => "reassigned",
            Self::StateChanged => "state_changed",
            Self::Described => "described",
            Self::Referenced => "referenced",
            Self::Noted => "noted",
            Self::Dated => "dated",
            Self::Split => "split",
            Self::Shrunk => "shrunk",
            Self::Grown => "grown",
            Self::Merged => "merged",
        }
    }
}

/// One thing that changed, at one place.
///
/// Shape: `before` and `after` are the rows that speak of the place; a row that took the place of
/// a name without being its successor (the Reserved row after a removal) is there too.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// What kind of change.
    pub kind: Kind,
    /// The ports; `None` for a name without one.
    pub ports: Option<PortRange>,
    /// The transport; `None` means all of them where there is a port.
    pub transport: Option<Transport>,
    /// The row before.
    pub before: Option<Assignment<'a>>,
    /// The row after.
    pub after: Option<Assignment<'a>>,
    /// What the rows made of the place, before and after; `None` where no row spoke of it.
    pub states: (Option<State>, Option<State>),
    /// The columns that differ, for a row that stayed.
    pub columns: Vec<Column>,
    /// For a block: what it was cut into, or made of.
    pub pieces: Vec<PortRange>,
    /// For a block: the names that came or went inside it.
    pub because: Vec<&'a str>,
}

impl<'a> Change<'a> {
    pub(super) fn new(kind: Kind, place: Key) -> Self {
        Self {
            kind,
            ports: place.ports(),
            transport: place.transport(),
            before: None,
            after: None,
            states: (None, None),
            columns: Vec::new(),
            pieces: Vec::new(),
            because: Vec::new(),
        }
    }

    /// Where it changed, as the registry's columns spell it.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place::new(self.ports, self.transport)
    }

    /// The service name that it is about: the new one of two; empty for ports without a name.
    #[must_use]
    pub fn service_name(&self) -> &'a str {
        let named = |row: &Option<Assignment<'a>>| row.map_or("", |r| r.service_name());
        match (named(&self.after), named(&self.before)) {
            ("", before) => before,
            // The name that stands there now may be another service's.
            (_, before) if self.kind == Kind::Removed => before,
            (after, _) => after,
        }
    }

    pub(super) fn rank(&self) -> (Key, Kind, &'a str) {
        let key = Key::new(self.ports, self.transport);
        (key, self.kind, self.service_name())
    }
}

/// A place, in the order in which the registry lists them: names without a port come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(bool, Option<PortRange>, Option<Transport>);

impl Key {
    pub(super) const fn new(ports: Option<PortRange>, transport: Option<Transport>) -> Self {
        Self(ports.is_none(), ports, transport)
    }

    pub(super) const fn of(row: &Assignment<'_>) -> Self {
        Self::new(row.ports, row.transport)
    }

    pub(super) const fn ports(self) -> Option<PortRange> {
        self.1
    }

    pub(super) const fn transport(self) -> Option<Transport> {
        self.2
    }
}

/// The columns, the name aside, in which two rows differ by more than white space.
pub(super) fn differing(before: &Assignment<'_>, after: &Assignment<'_>) -> Vec<Column> {
    let told =
        |row: &Assignment<'_>, column| row.origin == Origin::File || !row.cell(column).is_empty();
    Column::ALL
        .into_iter()
        .filter(|column| *column != Column::ServiceName)
        .filter(|column| told(before, *column) && told(after, *column))
        .filter(|column| !same(before.cell(*column), after.cell(*column)))
        .collect()
}

fn same(a: &str, b: &str) -> bool {
    a == b || a.split_whitespace().eq(b.split_whitespace())
}

/// One change for each kind among the columns that differ. Dates are told alone where nothing
/// else changed; else they say no more than that something did.
pub(super) fn rewritten<'a>(
    before: &Assignment<'a>,
    after: &Assignment<'a>,
    states: (Option<State>, Option<State>),
) -> Vec<Change<'a>> {
    let differing = differing(before, after);
    let kind = |column: &Column| match column {
        Column::Assignee | Column::Contact => Kind::Reassigned,
        Column::ServiceName | Column::Description => Kind::Described,
        Column::Reference => Kind::Referenced,
        Column::ServiceCode | Column::UnauthorizedUse | Column::AssignmentNotes => Kind::Noted,
        Column::RegistrationDate | Column::ModificationDate => Kind::Dated,
    };
    let only_dates = differing.iter().all(|column| kind(column) == Kind::Dated);
    [
        Kind::Reassigned,
        Kind::Described,
        Kind::Referenced,
        Kind::Noted,
        Kind::Dated,
    ]
    .into_iter()
    .filter(|wanted| *wanted != Kind::Dated || only_dates)
    .filter_map(|wanted| {
        let of_kind = |column: &Column| kind(column) == wanted;
        let columns: Vec<Column> = differing.iter().copied().filter(of_kind).collect();
        (!columns.is_empty()).then(|| Change {
            before: Some(*before),
            after: Some(*after),
            states,
            columns,
            ..Change::new(wanted, Key::of(after))
        })
    })
    .collect()
}
