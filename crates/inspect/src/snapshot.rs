//! What a look at this machine brings back, and how to look.

use portolan_ports::{Gap, Listener, Socket};

/// How to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether to find out who holds each socket; by far the dearer half.
    pub owners: bool,
    /// Where the sockets come from.
    pub source: Source,
    /// How many threads look for owners, this one included; 0 counts as 1. A machine with few
    /// processes gets one whatever stands here.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            owners: true,
            source: Source::Automatic,
            threads: 2,
        }
    }
}

/// Where the sockets come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// Netlink, and `/proc/net` where that is refused.
    #[default]
    Automatic,
    /// NETLINK_SOCK_DIAG alone, sock_diag(7).
    Netlink,
    /// `/proc/net/{tcp,tcp6,udp,udp6}` alone, proc_pid_net(5): it tells no backlog, no cookie, no
    /// interface and not whether an IPv6 socket takes IPv4 too.
    ProcNet,
}

/// Every listener of this machine's network namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// One per socket, by transport, port and address.
    pub listeners: Vec<Listener>,
    /// What could not be seen beyond one listener; what one lacks is its own `owner_gap`.
    pub gaps: Vec<Gap>,
}

/// Everything about some ports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortSnapshot {
    /// The listeners on them, by transport, port and address.
    pub listeners: Vec<Listener>,
    /// Other sockets with one of them at either end, by transport, local and remote end.
    pub sockets: Vec<Socket>,
    /// What could not be seen beyond one socket; what one lacks is its own `owner_gap`.
    pub gaps: Vec<Gap>,
}
