//! What a request says: the fields of RFC 6335 §8.1.1, and those that an organisation adds.

use jiff::civil::Date;
use portolan_registry::{PortRange, Transport};

use super::Scope;

/// What a request says, and what an assignment then holds. An empty text means "not said".
///
/// Source: RFC 6335 §8.1.1; from `scope` on the fields are this program's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// The service name (§5.1), as it was written; compared without case. Empty on a number that is
    /// held back, or remarked on, without a name.
    pub service_name: String,
    /// The port; `None` for a name alone. A run of ports only comes from a file.
    pub ports: Option<PortRange>,
    /// The transports, in their order, each once. May be empty only without a port.
    pub transports: Vec<Transport>,
    /// The organisation, or the team of it, that has the assignment.
    pub assignee: String,
    /// Who speaks for it: a name, a mail address.
    pub contact: String,
    /// What the service is.
    pub description: String,
    /// A document that describes the protocol or application.
    pub reference: String,
    /// Beyond unicast, how it speaks to many at once.
    pub communication: Vec<Communication>,
    /// Only for DCCP (RFC 5595), and there required.
    pub service_code: Option<u32>,
    /// Uses of the number without an assignment, as far as known; a report on each line.
    pub unauthorized_use: String,
    /// Notes.
    pub notes: String,
    /// Why no Dynamic port will do: asked of every request for a port.
    pub why_not_dynamic: String,
    /// Why no User port will do: asked of every request for a System port.
    pub why_not_user: String,
    /// On which hosts it is valid.
    pub scope: Scope,
    /// Where the request is talked about.
    pub ticket: String,
    /// The last day on which it is valid.
    pub expires: Option<Date>,
    /// How the service is known on a host.
    pub serves: Serves,
}

/// How a text of [`Fields`] may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// On one line.
    Line,
    /// On several lines.
    Lines,
    /// On several lines, to which the procedures add.
    Log,
}

impl Fields {
    /// Every text that a person wrote, with the name of its field and its form; the scope's name is
    /// not among them.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'static str, &str, Form)> {
        let serves = &self.serves;
        let said = [
            ("service-name", &self.service_name, Form::Line),
            ("assignee", &self.assignee, Form::Line),
            ("contact", &self.contact, Form::Line),
            ("description", &self.description, Form::Lines),
            ("reference", &self.reference, Form::Line),
            ("unauthorized-use", &self.unauthorized_use, Form::Log),
            ("notes", &self.notes, Form::Log),
            ("why-not-dynamic", &self.why_not_dynamic, Form::Line),
            ("why-not-user", &self.why_not_user, Form::Line),
            ("ticket", &self.ticket, Form::Line),
        ];
        let known_as = [
            ("program", &serves.program),
            ("user", &serves.user),
            ("unit", &serves.unit),
            ("container", &serves.container),
            ("protocol", &serves.protocol),
            ("product", &serves.product),
        ];
        let said = said
            .into_iter()
            .map(|(name, text, form)| (name, text.as_str(), form));
        let known_as = known_as.into_iter().filter_map(|(name, text)| {
            let text = text.as_deref()?;
            Some((name, text, Form::Line))
        });
        said.chain(known_as)
    }

    /// `8443/tcp`, `8443/tcp,udp`, `9000-9009`, or `no port`.
    #[must_use]
    pub fn place(&self) -> String {
        let transports: Vec<&str> = self.transports.iter().map(|t| t.as_str()).collect();
        match (self.ports, transports.is_empty()) {
            (None, _) => "no port".to_owned(),
            (Some(ports), true) => ports.to_string(),
            (Some(ports), false) => format!("{ports}/{}", transports.join(",")),
        }
    }

    /// Whether both are the same party's. Parties are told apart by what stands in the field, without
    /// case and outer white space; nobody is the same as nobody.
    pub(super) fn is_same_assignee(&self, other: &Self) -> bool {
        let (one, other) = (self.assignee.trim(), other.assignee.trim());
        !one.is_empty() && one.eq_ignore_ascii_case(other)
    }

    /// Whether both have the same service name (RFC 6335 §5.1); no name is no other's.
    pub(super) fn is_same_name(&self, other: &Self) -> bool {
        let name = &self.service_name;
        !name.is_empty() && name.eq_ignore_ascii_case(&other.service_name)
    }

    /// Whether both speak of one number, on whichever transport.
    pub(super) fn shares_number(&self, other: &Self) -> bool {
        match (self.ports, other.ports) {
            (Some(one), Some(other)) => one.first() <= other.last() && other.first() <= one.last(),
            _ => false,
        }
    }

    /// Whether both speak of one transport; without any, all are meant.
    pub(super) fn shares_transport(&self, other: &Self) -> bool {
        self.transports.is_empty()
            || other.transports.is_empty()
            || self.transports.iter().any(|t| other.transports.contains(t))
    }

    /// The same with white space around texts gone, and transports in their order, each once.
    pub(super) fn tidied(&self) -> Self {
        let mut tidy = self.clone();
        let Serves {
            program,
            user,
            unit,
            container,
            protocol,
            product,
        } = &mut tidy.serves;
        for known_as in [program, user, unit, container, protocol, product] {
            let text = known_as.as_deref().map(str::trim);
            *known_as = text.filter(|text| !text.is_empty()).map(str::to_owned);
        }
        for text in [
            &mut tidy.service_name,
            &mut tidy.assignee,
            &mut tidy.contact,
            &mut tidy.description,
            &mut tidy.reference,
            &mut tidy.unauthorized_use,
            &mut tidy.notes,
            &mut tidy.why_not_dynamic,
            &mut tidy.why_not_user,
            &mut tidy.ticket,
        ] {
            let trimmed = text.trim();
            if trimmed.len() < text.len() {
                *text = trimmed.to_owned();
            }
        }
        tidy.transports.sort_unstable();
        tidy.transports.dedup();
        tidy.communication.sort_unstable();
        tidy.communication.dedup();
        tidy
    }
}

/// How a service speaks to many at once, which its reference has to say (RFC 6335 §8.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Communication {
    /// To all on a link.
    Broadcast,
    /// To a group.
    Multicast,
    /// To the nearest of several.
    Anycast,
}

impl Communication {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Broadcast, Self::Multicast, Self::Anycast];

    /// The word in files, on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Broadcast => "broadcast",
            Self::Multicast => "multicast",
            Self::Anycast => "anycast",
        }
    }
}

/// How a service is known on a host, in the words of a policy's rule; what is `None` may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Serves {
    /// The program: a name, or the path of its executable.
    pub program: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// The systemd unit.
    pub unit: Option<String>,
    /// The container.
    pub container: Option<String>,
    /// What has to be proven on the wire: a protocol or a registered service that it satisfies.
    pub protocol: Option<String>,
    /// Which product has to have said its name.
    pub product: Option<String>,
}

impl Serves {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
