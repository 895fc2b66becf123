//! Which ports operating systems set aside for themselves.

use portolan_registry::{Port, PortRange};

use crate::Gap;

/// What the system that was looked at sets aside. Linux: ip(7) and
/// Documentation/networking/ip-sysctl.rst; `None` where it does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalRanges {
    /// From where it takes ports for sockets that name none, both ends included.
    pub ephemeral: Option<PortRange>,
    /// Of those, what it never takes by itself (`ip_local_reserved_ports`).
    pub reserved: Vec<PortRange>,
    /// The lowest port that anyone may bind.
    pub unprivileged_from: Option<Port>,
    /// What it did not tell, and why.
    pub gaps: Vec<Gap>,
}

impl LocalRanges {
    /// The range from which the system takes ports by itself, where `port` is one that it may take.
    #[must_use]
    pub fn ephemeral_with(&self, port: Port) -> Option<PortRange> {
        let range = self.ephemeral.filter(|range| range.contains(port))?;
        (!self.reserves(port)).then_some(range)
    }

    /// Whether the system never takes `port` by itself because somebody said so.
    #[must_use]
    pub fn reserves(&self, port: Port) -> bool {
        self.reserved.iter().any(|range| range.contains(port))
    }

    /// Whether only the privileged may bind `port`; `None` where the system does not tell.
    #[must_use]
    pub fn privileged(&self, port: Port) -> Option<bool> {
        self.unprivileged_from.map(|from| port < from)
    }
}

/// A system whose ports one may want to stay away from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// Linux, as it comes.
    Linux,
    /// Windows since Vista.
    Windows,
    /// macOS.
    MacOs,
    /// FreeBSD.
    FreeBsd,
    /// Kubernetes' NodePorts.
    Kubernetes,
}

impl System {
    /// Every system, in the order in which they are told.
    pub const ALL: [Self; 5] = [
        Self::Linux,
        Self::Windows,
        Self::MacOs,
        Self::FreeBsd,
        Self::Kubernetes,
    ];

    /// The word on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Windows => "windows",
            Self::MacOs => "macos",
            Self::FreeBsd => "freebsd",
            Self::Kubernetes => "k8s",
        }
    }

    /// From where it takes ports on its own, unless it is told otherwise. Sources: Linux
    /// Documentation/networking/ip-sysctl.rst; Microsoft's "The default dynamic port range for
    /// TCP/IP has changed"; xnu and FreeBSD `in_pcb.c`; Kubernetes `--service-node-port-range`.
    #[must_use]
    pub const fn takes(self) -> (Port, Port) {
        match self {
            Self::Linux => (32768, 60999),
            Self::Windows | Self::MacOs => (49152, 65535),
            Self::FreeBsd => (10000, 65535),
            Self::Kubernetes => (30000, 32767),
        }
    }

    /// What it takes them for, as the end of a sentence.
    #[must_use]
    pub const fn takes_for(self) -> &'static str {
        match self {
            Self::Linux => "from which Linux takes source ports",
            Self::Windows => "from which Windows takes source ports",
            Self::MacOs => "from which macOS takes source ports",
            Self::FreeBsd => "from which FreeBSD takes source ports",
            Self::Kubernetes => "from which Kubernetes gives NodePorts",
        }
    }
}
