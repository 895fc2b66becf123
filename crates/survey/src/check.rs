//! This machine against its policy and the site registry: what breaks a rule, what is missing, what
//! drifts, what could not be seen.
//!
//! [`learn`] writes a policy of what is there now; [`since`](mod@since) tells what is new
//! since an earlier check.

pub mod learn;
pub mod since;

mod round;

use std::fmt;

use portolan_ports::policy::Origin;
use portolan_ports::site::Citation;
use portolan_ports::{Gap, Listener, Severity};
use portolan_registry::{PortRange, Transport};

pub use round::check;

/// What a check found.
#[derive(Clone, Debug)]
pub struct Check {
    /// The machine's name.
    pub host: String,
    /// Every rule's name and place, in the order in which they were read.
    pub rules: Vec<(String, Origin)>,
    /// How many assignments of the site registry are valid on this host; `None` without one.
    pub assignments: Option<usize>,
    /// Where those assignments are found of which nothing says by what their service is known, and of
    /// which it stays open whether what listens is it.
    pub undecided: Vec<Citation>,
    /// How many listeners were held against them.
    pub listeners: usize,
    /// What breaks the policy, gravest first; each thing once.
    pub violations: Vec<Violation>,
    /// The rules that could not be judged; each once for every listener that it concerns.
    pub unseen: Vec<UnseenRule>,
    /// What could not be seen beyond single rules.
    pub gaps: Vec<Gap>,
}

/// The name under which it is reported what departs from the site registry.
pub const SITE_REGISTRY: &str = "site registry";

/// What a finding of a check rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// A rule of the policy, by where it is written.
    Rule(Origin),
    /// A record of the site registry, by where it is found; `None` means the whole of it.
    Site(Option<Citation>),
}

impl Basis {
    /// Where the rule is written; `None` where it is none.
    #[must_use]
    pub const fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Rule(origin) => Some(origin),
            Self::Site(_) => None,
        }
    }

    /// The number of the site registry's record, where it is one of the database.
    #[must_use]
    pub fn record(&self) -> Option<u64> {
        match self {
            Self::Rule(_) => None,
            Self::Site(record) => record.as_ref()?.record(),
        }
    }
}

impl From<Origin> for Basis {
    fn from(origin: Origin) -> Self {
        Self::Rule(origin)
    }
}

impl fmt::Display for Basis {
    /// `portolan.toml:7`, `site registry, record 12`, `site registry, site.toml:12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(origin) => origin.fmt(f),
            Self::Site(Some(record)) => f.write_str(&record.source()),
            Self::Site(None) => f.write_str(SITE_REGISTRY),
        }
    }
}

/// One thing that breaks the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// In which way.
    pub kind: ViolationKind,
    /// The rule's name; `allow-unlisted` where no rule speaks of the listener, [`SITE_REGISTRY`] where
    /// that does.
    pub rule: String,
    /// What it rests on.
    pub origin: Basis,
    /// How grave the rule says it is.
    pub severity: Severity,
    /// The ports: of the listener, else of the rule.
    pub ports: PortRange,
    /// The transport: of the listener, else of the rule.
    pub transport: Option<Transport>,
    /// The listener that breaks it; `None` where one is missing.
    pub listener: Option<Listener>,
    /// Why, as the end of a sentence.
    pub because: String,
}

/// In which way the policy is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ViolationKind {
    /// A listener where nothing may listen.
    Denied,
    /// A listener that is not what its rule expects.
    Differs,
    /// No listener where one is required.
    Missing,
    /// A listener of which no rule speaks.
    Unlisted,
    /// What listens departs from the site registry.
    SiteDrift,
}

impl ViolationKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Denied,
        Self::Differs,
        Self::Missing,
        Self::Unlisted,
        Self::SiteDrift,
    ];

    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Differs => "differs",
            Self::Missing => "missing",
            Self::Unlisted => "unlisted",
            Self::SiteDrift => "site_drift",
        }
    }
}

/// A rule that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnseenRule {
    /// The rule's name; [`SITE_REGISTRY`] where that speaks of it.
    pub rule: String,
    /// What it rests on.
    pub origin: Basis,
    /// The ports: of the listener, else of the rule.
    pub ports: PortRange,
    /// The transport: of the listener, else of the rule.
    pub transport: Option<Transport>,
    /// The listener that it concerns, where there is one.
    pub listener: Option<Listener>,
    /// What of it was not seen, and why, as the end of a sentence.
    pub because: String,
}

impl Check {
    /// Whether everything is as the policy wants it, all of it seen.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty() && self.unseen.is_empty()
    }

    /// Whether something breaks the policy that asks for a person: more than a note.
    #[must_use]
    pub fn is_violated(&self) -> bool {
        let mut severities = self.violations.iter().map(|violation| violation.severity);
        severities.any(Severity::needs_attention)
    }
}
