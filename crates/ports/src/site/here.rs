//! On which hosts an assignment is valid, and which host this is.

use std::fmt;
use std::str::FromStr;

/// The hosts on which an assignment is valid.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Every host of the organisation.
    #[default]
    All,
    /// The hosts of a group.
    Group(String),
    /// One host.
    Host(String),
}

impl Scope {
    /// Whether a number that is given in one scope is taken in the other too, as far as is known
    /// without knowing which hosts a group has.
    #[must_use]
    pub fn surely_meets(&self, other: &Self) -> bool {
        *self == Self::All || *other == Self::All || self.is_same(other) || self.is_host(other)
    }

    /// Names of hosts and groups are compared without case, as those of hosts are (RFC 4343).
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, Self::All) => true,
            (Self::Group(one), Self::Group(other)) | (Self::Host(one), Self::Host(other)) => {
                one.eq_ignore_ascii_case(other)
            }
            _ => false,
        }
    }

    /// Whether both may be valid on one host: a group may have the other's hosts, and one host may
    /// have names in two domains.
    #[must_use]
    pub fn may_meet(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Host(one), Self::Host(other)) => is_same_first_label(one, other),
            _ => true,
        }
    }

    /// Whether what is valid here surely is on no host beyond the other's. A name without a domain
    /// means that host in whichever domain.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::All) => true,
            (Self::Host(one), Self::Host(wider)) if !has_domain(wider) => {
                is_same_first_label(one, wider)
            }
            _ => self.is_same(other),
        }
    }

    /// Whether both are hosts, and one host is valid in both ([`Here::is_in`]).
    fn is_host(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Host(one), Self::Host(other)) => is_same_host(one, other),
            _ => false,
        }
    }
}

impl fmt::Display for Scope {
    /// `all`, `group:web`, `host:db1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Group(name) => write!(f, "group:{name}"),
            Self::Host(name) => write!(f, "host:{name}"),
        }
    }
}

/// Why a text is no [`Scope`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a scope: write all, group:NAME or host:NAME")]
pub struct ScopeError;

impl FromStr for Scope {
    type Err = ScopeError;

    /// A name has up to 253 bytes, in labels of 1 to 63 letters, digits, hyphens and underscores
    /// between dots (RFC 1123 §2.1, and the underscore that groups have). One dot at the end, which
    /// means the root (RFC 1034 §3.1), is left out: with it and without, it is one name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = |name: &str| {
            let name = without_root(name);
            let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            let label = |l: &str| (1..=63).contains(&l.len()) && l.chars().all(letter);
            let fits = name.len() <= 253 && name.split('.').all(label);
            fits.then(|| name.to_owned()).ok_or(ScopeError)
        };
        match text.split_once(':') {
            None if text.eq_ignore_ascii_case("all") => Ok(Self::All),
            Some(("group", name)) => named(name).map(Self::Group),
            Some(("host", name)) => named(name).map(Self::Host),
            _ => Err(ScopeError),
        }
    }
}

/// This host, as assignments name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Here {
    /// The host's name.
    pub host: String,
    /// The groups it belongs to.
    pub groups: Vec<String>,
}

impl Here {
    /// Whether what is valid in `scope` is valid here. A host is meant by its whole name, or by the
    /// part before the first dot where either is written without a domain.
    #[must_use]
    pub fn is_in(&self, scope: &Scope) -> bool {
        match scope {
            Scope::All => true,
            Scope::Group(name) => self.groups.iter().any(|own| own.eq_ignore_ascii_case(name)),
            Scope::Host(name) => is_same_host(name, &self.host),
        }
    }
}

/// By whole names, or by the parts before the first dot where either is written without a domain.
fn is_same_host(one: &str, other: &str) -> bool {
    if has_domain(one) && has_domain(other) {
        return without_root(one).eq_ignore_ascii_case(without_root(other));
    }
    is_same_first_label(one, other)
}

fn is_same_first_label(one: &str, other: &str) -> bool {
    let first = |name: &str| {
        name.split('.')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    first(one) == first(other)
}

fn has_domain(name: &str) -> bool {
    without_root(name).contains('.')
}

fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}
