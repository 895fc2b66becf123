//! What a look at this machine brings back, and how to look.

use portolan_ports::{Gap, Listener, Publication, Socket};

/// How to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How thoroughly to find out who holds each socket; by far the dearer half.
    pub owners: OwnerSearch,
    /// Whose sockets to list.
    pub namespaces: Namespaces,
    /// Whether to tell each owner's working directory, start, parents and package too.
    pub details: bool,
    /// Whether to ask container engines and systemd for names, where a listener may have one there.
    pub names: bool,
    /// Where the sockets come from.
    pub source: Source,
    /// How many threads look for owners, this one included; 0 counts as 1. A machine with few
    /// processes gets one whatever stands here.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            owners: OwnerSearch::Complete,
            namespaces: Namespaces::All,
            details: false,
            names: true,
            source: Source::Automatic,
            threads: 2,
        }
    }
}

/// How thoroughly to look for the holders of sockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnerSearch {
    /// Not at all.
    None,
    /// Only among the processes of the control groups in which the sockets were made; one that
    /// inherited a socket elsewhere is missed, and the answer says so.
    Fast,
    /// Among all processes, by whichever way costs least here.
    #[default]
    Complete,
    /// Among all processes, through `/proc` alone.
    Scan,
    /// By the kernel's own walk over all descriptors alone, a BPF iterator; a gap where it cannot
    /// be loaded.
    Iterator,
}

/// Whose sockets to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Namespaces {
    /// Those of this process's network namespace.
    Own,
    /// As [`Self::All`] where a file keeps a namespace other than the own one, as ip-netns(8) and
    /// docker do; else as [`Self::Own`], without a look at every process.
    Kept,
    /// Those of every network namespace that this user may enter.
    #[default]
    All,
}

/// Where the sockets come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// Netlink, and `/proc/net` where that is refused.
    #[default]
    Automatic,
    /// NETLINK_SOCK_DIAG alone, sock_diag(7).
    Netlink,
    /// `/proc/net/{tcp,tcp6,udp,udp6,sctp/eps}` alone, proc_pid_net(5): it tells no backlog, no
    /// drops, no cookie, no interface, neither Multipath TCP nor DCCP, and not whether an IPv6
    /// socket takes IPv4 too.
    ProcNet,
}

/// Every listener that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// One per socket, by namespace (the own one first), transport, port and address.
    pub listeners: Vec<Listener>,
    /// Ports that an engine publishes without a socket.
    pub publications: Vec<Publication>,
    /// How it was looked, step by step, as sentences without a full stop.
    pub explanation: Vec<String>,
    /// What could not be seen beyond one listener; what one lacks is its own `owner_gap`.
    pub gaps: Vec<Gap>,
}

/// Everything about some ports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PortSnapshot {
    /// The listeners on them, by namespace (the own one first), transport, port and address.
    pub listeners: Vec<Listener>,
    /// Ports among them that an engine publishes without a socket.
    pub publications: Vec<Publication>,
    /// Other sockets of the own namespace with one of them at either end, by transport, local and
    /// remote end.
    pub sockets: Vec<Socket>,
    /// How it was looked, step by step, as sentences without a full stop.
    pub explanation: Vec<String>,
    /// What could not be seen beyond one socket; what one lacks is its own `owner_gap`.
    pub gaps: Vec<Gap>,
}
