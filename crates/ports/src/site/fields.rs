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
