//! What was seen on this machine: listening sockets, who holds them, and what could not be seen.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use portolan_registry::{Port, Transport};

/// A socket that waits for others: TCP in LISTEN, or UDP bound and not connected.
///
/// Its identity, everywhere and for ever, is (transport, namespace, address, port, unit or
/// executable); a pid is an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The transport.
    pub transport: Transport,
    /// The address it is bound to; unspecified (`0.0.0.0`, `::`) means all of them.
    pub address: IpAddr,
    /// The port it is bound to.
    pub port: Port,
    /// Whether an IPv6 socket takes IPv4 traffic too (IPV6_V6ONLY is off, ipv6(7)).
    /// False for IPv4 sockets.
    pub dual_stack: bool,
    /// The interface or VRF it is bound to (SO_BINDTODEVICE, socket(7)), by name or index.
    pub interface: Option<String>,
    /// The network namespace, where it is not the observer's own.
    pub namespace: Option<String>,
    /// Connections waiting to be accepted and how many may wait; TCP only.
    pub queue: Option<Queue>,
    /// The user that made the socket.
    pub uid: Option<u32>,
    /// The kernel's inode number of the socket; 0 where unknown.
    pub inode: u64,
    /// The kernel's socket cookie (SO_COOKIE, socket(7)); `/proc/net` does not tell it.
    pub cookie: Option<u64>,
    /// The control group (cgroups(7), version 2) of the process that made it, by the kernel's
    /// number; every user may know it.
    pub control_group: Option<u64>,
    /// The unit of that control group, looked up where no owner was seen. Who made a socket need
    /// not hold it now.
    pub creator: Option<Unit>,
    /// Every process that holds it, by pid, each once.
    pub owners: Vec<Owner>,
    /// Why `owners` is empty or may lack some.
    pub owner_gap: Option<Gap>,
}

impl Listener {
    /// Who can reach it, by its address alone; the firewall was not consulted.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::of(self.address)
    }

    /// The address and port together.
    #[must_use]
    pub const fn socket_address(&self) -> SocketAddr {
        SocketAddr::new(self.address, self.port)
    }
}

/// The accept queue of a listening TCP socket, in connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Waiting to be accepted.
    pub pending: u32,
    /// The most that may wait: the backlog of listen(2).
    pub backlog: u32,
}

/// Who can reach an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// 127.0.0.0/8 and ::1: this machine alone.
    Loopback,
    /// One address of one interface.
    Interface,
    /// Every address of the machine.
    Any,
}

impl Scope {
    /// The scope of a bound address; an IPv4-mapped IPv6 address counts as its IPv4 address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        let address = address.to_canonical();
        if address.is_unspecified() {
            Self::Any
        } else if address.is_loopback() {
            Self::Loopback
        } else {
            Self::Interface
        }
    }

    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::Interface => "interface",
            Self::Any => "any",
        }
    }
}

/// A process that holds a listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// The process id, in the observer's pid namespace.
    pub pid: u32,
    /// The program's short name: the base name of its executable, or the name it was started
    /// under where that is another one (busybox as httpd), or the base name of its first argument
    /// where the executable may not be read, or the kernel's `comm`.
    pub program: String,
    /// The executable's path, without the kernel's " (deleted)".
    pub exe: Option<String>,
    /// Whether the file at that path is still the one that runs.
    pub exe_state: ExeState,
    /// The command line, one element per argument, bounded; may hold secrets: never print it raw.
    pub arguments: Vec<String>,
    /// The effective user id.
    pub uid: Option<u32>,
    /// That user's name, where the user database knows it.
    pub user: Option<String>,
    /// The systemd unit, from the control group.
    pub unit: Option<Unit>,
    /// The container, from the control group.
    pub container: Option<Container>,
}

/// What became of the executable since the process started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExeState {
    /// Not looked at, or not readable.
    #[default]
    Unknown,
    /// The file at the path is the one that runs.
    Present,
    /// The path is gone.
    Deleted,
    /// Another file has taken the path.
    Replaced,
}

/// A systemd unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit(pub String);

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A container, as far as its control group tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Container {
    /// The engine's usual name: docker, podman, containerd, cri-o, lxc.
    pub runtime: String,
    /// The engine's identifier; 64 hexadecimal digits for most.
    pub id: String,
    /// The name its user gave it, where it could be asked for.
    pub name: Option<String>,
}

/// A socket that uses a port without waiting for others there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// The transport.
    pub transport: Transport,
    /// Its own end.
    pub local: SocketAddr,
    /// The far end; `None` where it is bound and not connected.
    pub remote: Option<SocketAddr>,
    /// Where its connection stands.
    pub state: SocketState,
    /// The user that made the socket.
    pub uid: Option<u32>,
    /// The kernel's inode number; 0 where no descriptor holds it any more.
    pub inode: u64,
    /// Every process that holds it, by pid, each once.
    pub owners: Vec<Owner>,
    /// Why `owners` is empty or may lack some.
    pub owner_gap: Option<Gap>,
}

/// The state of a socket that does not listen; RFC 9293 §3.3.2 for TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SocketState {
    /// Bound to the port, neither listening nor connected.
    Bound,
    /// SYN-SENT.
    SynSent,
    /// SYN-RECEIVED.
    SynReceived,
    /// ESTABLISHED; a connected UDP socket counts as this.
    Established,
    /// FIN-WAIT-1.
    FinWait1,
    /// FIN-WAIT-2.
    FinWait2,
    /// TIME-WAIT.
    TimeWait,
    /// CLOSE-WAIT.
    CloseWait,
    /// LAST-ACK.
    LastAck,
    /// CLOSING.
    Closing,
}

impl SocketState {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bound => "bound",
            Self::SynSent => "syn_sent",
            Self::SynReceived => "syn_received",
            Self::Established => "established",
            Self::FinWait1 => "fin_wait_1",
            Self::FinWait2 => "fin_wait_2",
            Self::TimeWait => "time_wait",
            Self::CloseWait => "close_wait",
            Self::LastAck => "last_ack",
            Self::Closing => "closing",
        }
    }
}

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
    /// Sockets that use a port without listening.
    Sockets,
    /// Who holds a socket.
    Owner,
    /// Who else holds sockets of which some owner was seen.
    CoOwners,
    /// Some attribute of an owner: its executable, its user, its unit.
    OwnerDetail,
}

impl Unseen {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listeners => "listeners",
            Self::Sockets => "sockets",
            Self::Owner => "owner",
            Self::CoOwners => "co_owners",
            Self::OwnerDetail => "owner_detail",
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
            Self::Failed => "failed",
        }
    }
}
