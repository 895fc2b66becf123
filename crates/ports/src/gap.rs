//! What could not be seen, and why. Not an error: an answer with a gap is still an answer.

/// Something that could not be seen, and why. Nothing is dropped in silence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gap {
    /// What was looked for.
    pub what: Unseen,
    /// Why it stayed hidden.
    pub why: Why,
    /// The particulars for a person: a path, a call and its error. May be empty.
    pub detail: String,
}

/// What a [`Gap`] hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unseen {
    /// Listening sockets of one kind.
    Listeners,
    /// The listeners of other network namespaces than the observer's own.
    Namespaces,
    /// Sockets that use a port without listening.
    Sockets,
    /// Who holds a socket.
    Owner,
    /// Who else holds sockets of which some owner was seen.
    CoOwners,
    /// Some attribute of an owner: its executable, its user, its unit.
    OwnerDetail,
    /// The ports that a container engine publishes, and the names of its containers.
    Containers,
    /// The socket units of the machine's systemd.
    SocketUnits,
    /// Which ports the system sets aside.
    SystemRanges,
    /// What other files of the machine call a port.
    LocalNames,
    /// What the organisation's own registry says of a port.
    SiteRegistry,
}

impl Unseen {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listeners => "listeners",
            Self::Namespaces => "namespaces",
            Self::Sockets => "sockets",
            Self::Owner => "owner",
            Self::CoOwners => "co_owners",
            Self::OwnerDetail => "owner_detail",
            Self::Containers => "containers",
            Self::SocketUnits => "socket_units",
            Self::SystemRanges => "system_ranges",
            Self::LocalNames => "local_names",
            Self::SiteRegistry => "site_registry",
        }
    }
}

/// Why something could not be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The system did not let this user look.
    Permission,
    /// No process that this pid namespace shows holds it: it belongs to another one.
    OtherPidNamespace,
    /// The kernel itself holds it (NFS, WireGuard, VXLAN, ...).
    Kernel,
    /// The process or socket went away between two looks.
    Exited,
    /// This system or kernel does not offer it.
    Unsupported,
    /// It was asked not to be looked for everywhere (`--fast`).
    Narrowed,
    /// A call failed in another way; the detail says how.
    Failed,
}

impl Why {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Permission => "permission",
            Self::OtherPidNamespace => "other_pid_namespace",
            Self::Kernel => "kernel",
            Self::Exited => "exited",
            Self::Unsupported => "unsupported",
            Self::Narrowed => "narrowed",
            Self::Failed => "failed",
        }
    }
}
