//! What other files of this machine call a port. Nothing of theirs is shipped: they are read where
//! they are installed, and their word is shown beside the registry's, never for it.

use portolan_registry::{PortRange, Transport};

/// A name for ports that a file of this machine gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalName {
    /// Whose word it is.
    pub origin: NameOrigin,
    /// The file it was read from.
    pub file: String,
    /// The ports it speaks of.
    pub ports: PortRange,
    /// The transport it speaks of; `None` means several, unnamed.
    pub transport: Option<Transport>,
    /// The name: of a service in `/etc/services`, of a service or profile of a firewall's.
    pub name: String,
    /// What the file says it is, where it says so.
    pub title: Option<String>,
}

/// Which collection of names a [`LocalName`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameOrigin {
    /// `/etc/services`, services(5): what getservbyport(3) says.
    Services,
    /// firewalld's services, firewalld.service(5).
    Firewalld,
    /// ufw's application profiles, ufw(8).
    Ufw,
}

impl NameOrigin {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::Firewalld => "firewalld",
            Self::Ufw => "ufw",
        }
    }
}
