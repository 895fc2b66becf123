//! What a host's owner says about a port, and whether what was seen keeps to it.

use std::fmt;
use std::net::IpAddr;

use portolan_registry::{Port, PortRange, Transport};

use crate::finding::Severity;
use crate::identification::{Certainty, Identification};
use crate::listener::{Listener, Scope};

/// What the owner of a host says about its ports: the rules of every file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The rules, in the order in which they were read.
    pub rules: Vec<Rule>,
    /// What becomes of a listener of which no rule speaks.
    pub unlisted: Unlisted,
}

/// What becomes of a listener of which no rule speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlisted {
    /// It may be there, and is judged as if there were no policy.
    Allowed,
    /// It is a violation.
    Denied {
        /// How grave.
        severity: Severity,
        /// Where that is said, or the first rule where it is not.
        origin: Origin,
    },
}

impl Policy {
    /// No policy at all: nothing is demanded, everything is allowed.
    #[must_use]
    pub fn none() -> &'static Self {
        static NONE: Policy = Policy {
            rules: Vec::new(),
            unlisted: Unlisted::Allowed,
        };
        &NONE
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::none().clone()
    }
}

/// Where something was written, for whoever mends it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// One rule of a host's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The name under which it is reported.
    pub name: String,
    /// The ports it speaks of.
    pub ports: PortRange,
    /// The transport it speaks of; `None` means every one.
    pub transport: Option<Transport>,
    /// What it asks for.
    pub demand: Demand,
    /// How grave it is when it is broken.
    pub severity: Severity,
    /// Where it was written.
    pub origin: Origin,
}

/// What a [`Rule`] asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Nothing may listen here.
    Nothing,
    /// A listener of this kind, where there is one.
    Listener(Expected),
}

/// The listener that a rule expects; what is `None` may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Whether there has to be one.
    pub required: bool,
    /// Every owner's program.
    pub program: Option<String>,
    /// Every owner's user.
    pub user: Option<String>,
    /// Every owner's systemd unit.
    pub unit: Option<String>,
    /// Every owner's container, by its engine's name for it or its id.
    pub container: Option<String>,
    /// What has to be proven on the wire: a protocol or a registered service that it satisfies.
    pub protocol: Option<String>,
    /// Which product has to have said its name.
    pub product: Option<String>,
    /// The address it is bound to.
    pub address: Option<IpAddr>,
    /// The widest scope it may have.
    pub scope: Option<Scope>,
}

impl Expected {
    /// Whether a listener has to be asked on the wire before the rule can be judged.
    #[must_use]
    pub const fn speaks_of_the_wire(&self) -> bool {
        self.protocol.is_some() || self.product.is_some()
    }
}

/// How a listener stands to a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is what the rule expects, all of it seen.
    Kept,
    /// It is not; the reason, as the end of a sentence.
    Broken(String),
    /// Something that the rule speaks of could not be seen; which.
    Unseen(&'static str),
}

impl Rule {
    /// Whether the rule speaks of this port and transport.
    #[must_use]
    pub fn covers(&self, port: Port, transport: Transport) -> bool {
        self.ports.contains(port) && self.transport.is_none_or(|own| own == transport)
    }

    /// Holds a listener against the rule. What is broken outranks what was not seen.
    #[must_use]
    pub fn judge(&self, listener: &Listener, seen: Option<&Identification>) -> Standing {
        let expected = match &self.demand {
            Demand::Nothing => return Standing::Broken("nothing may listen here".into()),
            Demand::Listener(expected) => expected,
        };
        let mut unseen = None;
        for standing in expected.hold(listener, seen) {
            match standing {
                Standing::Broken(_) => return standing,
                Standing::Unseen(what) => unseen = unseen.or(Some(what)),
                Standing::Kept => {}
            }
        }
        unseen.map_or(Standing::Kept, Standing::Unseen)
    }
}

impl Expected {
    fn hold(&self, listener: &Listener, seen: Option<&Identification>) -> Vec<Standing> {
        let owners = &listener.owners;
        let every = |wanted: &Option<String>,
                     what: &'static str,
                     of: &dyn Fn(usize) -> Option<String>| {
            let Some(wanted) = wanted else {
                return Standing::Kept;
            };
            let mut hidden = owners.is_empty();
            for index in 0..owners.len() {
                match of(index) {
                    Some(found) if found == *wanted => {}
                    Some(found) => {
                        return Standing::Broken(format!("its {what} is {found}, not {wanted}"));
                    }
                    None => hidden = true,
                }
            }
            if hidden {
                Standing::Unseen(what)
            } else {
                Standing::Kept
            }
        };
        let proven = seen.filter(|i| i.certainty == Certainty::Proven);
        let spoken = |wanted: &Option<String>, what: &'static str, found: Option<&str>| match (
            wanted, found,
        ) {
            (None, _) => Standing::Kept,
            (Some(_), None) => Standing::Unseen(what),
            (Some(wanted), Some(found)) if wanted == found => Standing::Kept,
            (Some(wanted), Some(found)) => {
                Standing::Broken(format!("its {what} is {found}, not {wanted}"))
            }
        };
        let scope = match self.scope {
            Some(widest) if listener.scope() > widest => Standing::Broken(format!(
                "its scope is {}, wider than {}",
                listener.scope().as_str(),
                widest.as_str()
            )),
            _ => Standing::Kept,
        };
        vec![
            every(&self.program, "program", &|i| {
                Some(owners[i].program.clone())
            }),
            every(&self.user, "user", &|i| owners[i].user.clone()),
            every(&self.unit, "unit", &|i| {
                owners[i].unit.as_ref().map(ToString::to_string)
            }),
            spoken(&self.protocol, "protocol", proven.map(|i| &*i.protocol)),
            spoken(
                &self.product,
                "product",
                proven.and_then(|i| i.product.as_deref()),
            ),
            scope,
        ]
    }
}
