//! One row of the registry, as a view into whatever holds its text.

use std::fmt;

use crate::{PortRange, Transport};

/// A text column of the registry, in the order of IANA's CSV form without port and transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// "Service Name".
    ServiceName,
    /// "Description".
    Description,
    /// "Assignee".
    Assignee,
    /// "Contact".
    Contact,
    /// "Registration Date".
    RegistrationDate,
    /// "Modification Date".
    ModificationDate,
    /// "Reference".
    Reference,
    /// "Service Code" (DCCP, RFC 5595).
    ServiceCode,
    /// "Unauthorized Use Reported".
    UnauthorizedUse,
    /// "Assignment Notes".
    AssignmentNotes,
}

impl Column {
    /// Every text column.
    pub const ALL: [Self; 10] = [
        Self::ServiceName,
        Self::Description,
        Self::Assignee,
        Self::Contact,
        Self::RegistrationDate,
        Self::ModificationDate,
        Self::Reference,
        Self::ServiceCode,
        Self::UnauthorizedUse,
        Self::AssignmentNotes,
    ];

    /// The snake_case word, as in the JSON documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServiceName => "service_name",
            Self::Description => "description",
            Self::Assignee => "assignee",
            Self::Contact => "contact",
            Self::RegistrationDate => "registration_date",
            Self::ModificationDate => "modification_date",
            Self::Reference => "reference",
            Self::ServiceCode => "service_code",
            Self::UnauthorizedUse => "unauthorized_use",
            Self::AssignmentNotes => "assignment_notes",
        }
    }
}

/// Where a row was read: in a publication of IANA's, or in a site's own registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The registry file itself, with all columns.
    File,
    /// A newer, poorer source: names and descriptions alone. Empty columns mean "not told there".
    Newer,
    /// An organisation's own registry.
    Site,
}

/// One row of the registry: a service name, a port or a run of ports, or a remark on them.
///
/// Shape:  ten text columns, any of which may be empty, may hold line feeds and non-ASCII text.
/// Source: RFC 6335 §8.1.1 for the fields; IANA's CSV form for their spelling.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Assignment<'a> {
    /// The texts, by [`Column`].
    pub(crate) cells: [&'a str; 10],
    /// The port or run of ports; `None` for a name without one (RFC 6335 §5).
    pub ports: Option<PortRange>,
    /// The transport; `None` means all of them where there is a port.
    pub transport: Option<Transport>,
    /// Whether the file writes a single port as a range of one, as in `4748-4748`.
    pub range_of_one: bool,
    /// Where the row was read.
    pub origin: Origin,
}

impl<'a> Assignment<'a> {
    /// A row with the given ten texts, in [`Column::ALL`]'s order.
    #[must_use]
    pub const fn new(
        cells: [&'a str; 10],
        ports: Option<PortRange>,
        transport: Option<Transport>,
        origin: Origin,
    ) -> Self {
        Self {
            cells,
            ports,
            transport,
            range_of_one: false,
            origin,
        }
    }

    /// The text of one column.
    #[must_use]
    pub const fn cell(&self, column: Column) -> &'a str {
        self.cells[column as usize]
    }

    /// The service name; empty for a row that only remarks on ports.
    #[must_use]
    pub const fn service_name(&self) -> &'a str {
        self.cell(Column::ServiceName)
    }

    /// The description; "Unassigned" and "Reserved" are descriptions too.
    #[must_use]
    pub const fn description(&self) -> &'a str {
        self.cell(Column::Description)
    }

    /// Uses without an assignment that were reported to IANA, in free text.
    #[must_use]
    pub const fn unauthorized_use(&self) -> &'a str {
        self.cell(Column::UnauthorizedUse)
    }

    /// IANA's notes.
    #[must_use]
    pub const fn notes(&self) -> &'a str {
        self.cell(Column::AssignmentNotes)
    }

    /// The name that IANA keeps this row's as a legacy alias of, by IANA's note.
    ///
    /// RFC 6335 §10.1 renamed what broke the syntax of §5.1 and kept the old names beside the
    /// new ones: such a row shares its port with itself, not with another service.
    #[must_use]
    pub fn alias_of(&self) -> Option<&'a str> {
        let (_, after) = self.notes().split_once("an alias to \"")?;
        let (name, _) = after.split_once('"')?;
        (!name.is_empty()).then_some(name)
    }

    /// Whether the row itself says that its service was never assigned the port: IANA's note that
    /// it "records an unassigned but widespread use", or a report that names its service as the one
    /// that "used it without an assignment", whole or up to a hyphen.
    #[must_use]
    pub fn is_without_assignment(&self) -> bool {
        let noted = self
            .notes()
            .contains("records an unassigned but widespread use");
        let reported = self.unauthorized_use();
        let user = reported
            .split_once(" used it without an assignment")
            .and_then(|(before, _)| before.split([' ', ',', '\n']).next_back())
            .filter(|user| !user.is_empty());
        let is_own = |user| {
            let rest = self.service_name().strip_prefix(user);
            rest.is_some_and(|rest: &str| rest.is_empty() || rest.starts_with('-'))
        };
        noted || user.is_some_and(is_own)
    }

    /// Whether it gives a service name to a port.
    #[must_use]
    pub const fn is_named(&self) -> bool {
        !self.service_name().is_empty()
    }

    /// Whether it speaks of `transport`; a row without one speaks of all.
    #[must_use]
    pub fn covers(&self, transport: Transport) -> bool {
        self.transport.is_none_or(|own| own == transport)
    }

    /// The port cell as the file writes it; empty without a port.
    #[must_use]
    pub fn port_text(&self) -> String {
        match self.ports {
            None => String::new(),
            Some(ports) if self.range_of_one => format!("{}-{}", ports.first(), ports.last()),
            Some(ports) => ports.to_string(),
        }
    }

    /// Whose row it is: `iana`, or `site` for the organisation's own.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        match self.origin {
            Origin::File | Origin::Newer => "iana",
            Origin::Site => "site",
        }
    }

    /// The row's key as the registry's columns spell it: `4444/tcp`, `717-728`.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place {
            ports: self.ports,
            transport: self.transport,
        }
    }
}

impl fmt::Debug for Assignment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {:?} {:?}",
            self.place(),
            self.service_name(),
            self.description()
        )
    }
}

/// Where in the port space a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    ports: Option<PortRange>,
    transport: Option<Transport>,
}

impl Place {
    /// The place of these ports on this transport.
    #[must_use]
    pub const fn new(ports: Option<PortRange>, transport: Option<Transport>) -> Self {
        Self { ports, transport }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.ports, self.transport) {
            (Some(ports), Some(transport)) => write!(f, "{ports}/{transport}"),
            (Some(ports), None) => write!(f, "{ports}"),
            (None, Some(transport)) => write!(f, "no port/{transport}"),
            (None, None) => f.write_str("no port"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_itself_that_nothing_was_assigned() {
        let note = "This entry records an unassigned but widespread use";
        let report = "krb524 assigned the port, nv used it without an assignment";
        for (name, report, notes, without) in [
            ("remoteware-cl", "", note, true),
            ("hbci", "", "", false),
            ("krb524", report, "", false),
            ("nv-video", report, "", true),
            ("nv", report, "", true),
            ("nvx", report, "", false),
            ("video-nv", report, "", false),
            ("nv", " used it without an assignment", "", false),
            ("nv", "Known UNAUTHORIZED USE: port 4444", "", false),
        ] {
            let cells = [name, "", "", "", "", "", "", "", report, notes];
            let row = Assignment::new(cells, None, None, Origin::File);
            assert_eq!(row.is_without_assignment(), without, "{name}: {report}");
        }
    }
}
