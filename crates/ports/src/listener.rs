//! What was seen on this machine: listening sockets, and others that use a port.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use portolan_registry::{Port, Transport};

use crate::gap::Gap;
use crate::owner::{Container, Owner, Unit};

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
    /// Whether it is a Multipath TCP socket (RFC 8684); plain TCP reaches it too.
    pub multipath: bool,
    /// The interface or VRF it is bound to (SO_BINDTODEVICE, socket(7)), by name or index.
    pub interface: Option<String>,
    /// The network namespace, where it is not the observer's own: nobody reaches it through this
    /// machine's addresses.
    pub namespace: Option<Namespace>,
    /// Connections waiting to be accepted and how many may wait; TCP and SCTP only.
    pub queue: Option<Queue>,
    /// Connections or datagrams that were thrown away at it since it was made (SK_MEMINFO_DROPS).
    pub drops: Option<u32>,
    /// The sockets that share its address and port, where there are others.
    pub group: Option<Group>,
    /// The user that made the socket.
    pub uid: Option<u32>,
    /// The kernel's inode number of the socket; 0 where unknown.
    pub inode: u64,
    /// The kernel's socket cookie (SO_COOKIE, socket(7)); `/proc/net` does not tell it. A Multipath
    /// TCP listener's own; that of the TCP socket behind it is another.
    pub cookie: Option<u64>,
    /// The control group (cgroups(7), version 2) of the process that made it, by the kernel's
    /// number; every user may know it.
    pub control_group: Option<u64>,
    /// What lives in that control group, looked up where no owner was seen. Who made a socket need
    /// not hold it now.
    pub creator: Option<Creator>,
    /// The socket unit that systemd listens for here.
    pub socket_unit: Option<Unit>,
    /// The container that an engine passes this port's connections on to.
    pub published: Option<Published>,
    /// Every process that holds it, by pid, each once.
    pub owners: Vec<Owner>,
    /// Why `owners` is empty or may lack some.
    pub owner_gap: Option<Gap>,
}

impl Listener {
    /// A socket at a place, of which nothing else is known.
    #[must_use]
    pub const fn new(transport: Transport, at: SocketAddr) -> Self {
        Self {
            transport,
            address: at.ip(),
            port: at.port(),
            dual_stack: false,
            multipath: false,
            interface: None,
            namespace: None,
            queue: None,
            drops: None,
            group: None,
            uid: None,
            inode: 0,
            cookie: None,
            control_group: None,
            creator: None,
            socket_unit: None,
            published: None,
            owners: Vec::new(),
            owner_gap: None,
        }
    }

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

/// A network namespace other than the observer's own, network_namespaces(7).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace {
    /// The number in `net:[NUMBER]`; another one may get it later.
    pub inode: u64,
    /// The name that ip-netns(8) knows it by.
    pub name: Option<String>,
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => f.write_str(name),
            None => write!(f, "net:[{}]", self.inode),
        }
    }
}

/// Several sockets at one address and port, among which the kernel shares out what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// How many sockets there are, this one included.
    pub members: usize,
    /// Whether SO_REUSEPORT (socket(7)) is on; for UDP it may be SO_REUSEADDR instead. `None` where
    /// the kernel could not be asked.
    pub reuse_port: Option<bool>,
}

/// What lives in the control group in which a socket was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creator {
    /// The group's path below the mount of the version 2 tree.
    pub path: String,
    /// Its systemd unit.
    pub unit: Option<Unit>,
    /// Its container.
    pub container: Option<Container>,
}

impl fmt::Display for Creator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.container, &self.unit) {
            (Some(container), _) => write!(f, "{container}"),
            (None, Some(unit)) => write!(f, "{unit}"),
            (None, None) => f.write_str(&self.path),
        }
    }
}

/// A port that an engine publishes for one of its containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The container.
    pub container: Container,
    /// The port inside it.
    pub port: Port,
}

/// A published port at which no socket listens: the kernel's packet filter passes it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The transport.
    pub transport: Transport,
    /// The address on this machine; unspecified means all of them.
    pub address: IpAddr,
    /// The port on this machine.
    pub port: Port,
    /// Where it leads.
    pub to: Published,
}

/// The accept queue of a listening TCP or SCTP socket, in connections.
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
