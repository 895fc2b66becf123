//! What a host's owner says about its ports: the rules, and how they are said in words. `read` takes
//! them from `portolan.toml`; `judge` holds what was seen against them.

mod judge;
pub(crate) mod read;

use std::fmt;
use std::net::IpAddr;

use portolan_registry::{Port, PortRange, Transport};

use crate::finding::Severity;
use crate::listener::Scope;

pub use judge::{Ruling, Standing, ruling};
pub use read::{KEYS, MOST_BYTES, MOST_RULES, Mistake, Reader};

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
        /// Whether a file says so; otherwise it is the default once something is expected.
        said: bool,
        /// Where that is said, or the first rule that expects something where it is not.
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

    /// Follows the symbolic links of every program that is a path: a process is known by the file
    /// that it runs (proc(5), `/proc/PID/exe`). `real` returns the file that a path leads to; `None`
    /// where it leads nowhere. Nothing here looks at files. Cost: one call of `real` for each path.
    pub fn resolve(&mut self, real: impl Fn(&str) -> Option<String>) {
        for rule in &mut self.rules {
            let Demand::Listener(expected) = &mut rule.demand else {
                continue;
            };
            let written = expected.program.as_deref();
            let path = written.filter(|path| path.starts_with('/'));
            expected.executable = path.and_then(|path| real(path).filter(|real| real != path));
        }
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
    /// Every owner's program: a name, or the path of its executable.
    pub program: Option<String>,
    /// The file that the path leads to by symbolic links, where [`Policy::resolve`] found another
    /// than was written.
    pub executable: Option<String>,
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

impl Rule {
    /// Whether the rule speaks of this port and transport.
    #[must_use]
    pub fn covers(&self, port: Port, transport: Transport) -> bool {
        self.ports.contains(port) && self.transport.is_none_or(|own| own == transport)
    }

    /// The listener that it expects; `None` where nothing may listen.
    #[must_use]
    pub const fn expected(&self) -> Option<&Expected> {
        match &self.demand {
            Demand::Nothing => None,
            Demand::Listener(expected) => Some(expected),
        }
    }

    /// Whether there has to be a listener.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.expected().is_some_and(|expected| expected.required)
    }

    /// `443/tcp`, `8000-8010`: the ports, and the transport where it names one.
    #[must_use]
    pub fn place(&self) -> String {
        match self.transport {
            Some(transport) => format!("{}/{transport}", self.ports),
            None => self.ports.to_string(),
        }
    }
}

impl fmt::Display for Demand {
    /// In words: "nothing may listen here", "required: program nginx, no wider than loopback".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing may listen here"),
            Self::Listener(expected) => expected.fmt(f),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = [
            ("program", &self.program),
            ("user", &self.user),
            ("unit", &self.unit),
            ("container", &self.container),
            ("protocol", &self.protocol),
            ("product", &self.product),
        ];
        let mut words: Vec<String> = named
            .into_iter()
            .filter_map(|(what, name)| Some(format!("{what} {}", name.as_ref()?)))
            .collect();
        words.extend(self.address.map(|address| format!("at {address}")));
        let scope = self.scope.map(Scope::as_str);
        words.extend(scope.map(|scope| format!("no wider than {scope}")));
        if words.is_empty() {
            words.push("any listener".to_owned());
        }
        f.write_str(if self.required {
            "required: "
        } else {
            "allowed: "
        })?;
        f.write_str(&words.join(", "))
    }
}
