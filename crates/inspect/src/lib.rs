//! Who listens here now, and who owns it. Reads only: nothing is written and nothing dialled but
//! the unix sockets of this machine's container engines and of its system bus.
//!
//! [`listeners`] lists every listening socket, [`ports`] everything about a few ports. What could
//! not be seen comes back as a [`Gap`](portolan_ports::Gap), never as an omission.
//!
//! The modules in reading order: [`snapshot`] says what comes back; [`sock_diag`], [`state`] and
//! [`filter`] are the kernel's wire form, pure, as is [`owner_record`]; [`follow`] keeps a
//! list up to date; [`privilege`] gives root away; [`bind`] tries whether a port can be had. Below `linux`: `namespace` opens the ways in; `netlink` and `proc_net` bring sockets;
//! `search` finds their holders, by `scan` through `/proc` or by `walk` inside the kernel;
//! `process`, `control_group` and `user` describe those; `owner` joins the two, and `group` tells
//! which sockets share a place. `ranges` reads what the system sets aside,
//! `setting` its other settings. `detail` adds what is told only
//! where it is asked for, with `clock`, `lineage` and `package`. `engine` and `socket_unit` ask
//! container engines and systemd for names. `local_names` reads what files of this machine call a
//! port, on every system.

pub mod bind;
pub mod filter;
pub mod follow;
mod local_names;
pub mod owner_record;
pub mod privilege;
pub mod snapshot;
pub mod sock_diag;
pub mod state;

#[cfg(any(not(target_os = "linux"), test))]
#[cfg_attr(
    target_os = "linux",
    expect(
        dead_code,
        reason = "other systems' way, compiled here to be tested against Linux's own"
    )
)]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
#[cfg_attr(
    target_os = "linux",
    expect(dead_code, reason = "only its test asks for all of it")
)]
mod polling;

#[cfg(not(target_os = "linux"))]
use elsewhere as platform;
#[cfg(target_os = "linux")]
use linux as platform;

use portolan_ports::system::LocalRanges;
use portolan_registry::PortRange;

pub use follow::{Clock, Closed, FollowOptions, Follower, Renewed, Seen};
pub use local_names::local_names;
pub use snapshot::{Namespaces, Options, OwnerSearch, PortSnapshot, Snapshot, Source};

/// Lists every listener of every network namespace that may be entered, with its owners.
///
/// Source: NETLINK_SOCK_DIAG, one dump per transport and namespace; `/proc/PID/fd` for the owners.
/// Shape:  one `Listener` per socket, by namespace (the own one first), transport, port and
///         address; a dual-stack `[::]` once, an SCTP socket once for each of its addresses.
/// Cost:   one readlink per process for the namespaces, the dumps, then one readlink per descriptor of every process that may be read.
#[must_use]
pub fn listeners(options: &Options) -> Snapshot {
    platform::listeners(options)
}

/// Everything about the ports in `ranges`: listeners, and sockets with one of them at either end.
///
/// Other namespaces are asked for listeners alone.
///
/// Source: as [`listeners`]; the kernel filters where the ranges are few, one program for all.
/// Cost:   one readlink per process for the namespaces, where they may be entered; one walk of
///         the kernel's TCP tables and one of its UDP table; descriptors are looked at only where
///         a socket with an inode was found.
#[must_use]
pub fn ports(ranges: &[PortRange], options: &Options) -> PortSnapshot {
    platform::ports(ranges, options)
}

/// Every process that this user may see, with what anyone may know of it: for guessing at who may
/// hold what, never for saying so.
///
/// Cost: four small files per process.
#[must_use]
pub fn processes() -> Vec<portolan_ports::Owner> {
    platform::processes()
}

/// The inodes of all sockets that a process holds, sorted, each once; `None` where it has gone or
/// does not show its descriptors to this user.
///
/// Source: proc_pid_fd(5).
/// Cost:   one readlink per descriptor of that process.
#[must_use]
pub fn sockets_of(pid: u32) -> Option<Vec<u64>> {
    platform::sockets_of(pid)
}

/// The machine's name, uname(2); empty where the system does not tell it.
#[must_use]
pub fn host_name() -> String {
    platform::host_name()
}

/// Which ports this system sets aside: for sockets that name none, for nobody, for the privileged.
///
/// Source: `ip_local_port_range`, `ip_local_reserved_ports` and `ip_unprivileged_port_start` of
///         ip(7), as they are in this process's network namespace.
/// Cost:   three small files.
#[must_use]
pub fn local_ranges() -> LocalRanges {
    platform::local_ranges()
}

/// The kernel's number of a network interface, netdevice(7); `None` where there is none of that
/// name.
#[must_use]
pub fn interface_index(name: &str) -> Option<u32> {
    platform::interface_index(name)
}
