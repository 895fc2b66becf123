//! Live looks at sockets that these tests make themselves, on loopback, on ports that the kernel
//! chooses.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod child;
mod detail;
mod docker;
mod follow;
mod group;
mod heir;
#[cfg(target_arch = "x86_64")]
mod kernel;
mod local_names;
mod machine;
mod namespace;
mod owner;
mod peer;
mod port;
mod privilege;
mod ranges;
mod robust;
mod search;
mod socket;
mod stand;
mod systemd;
mod transports;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use portolan_inspect::{Options, PortSnapshot, listeners, ports};
use portolan_ports::{Listener, Owner};
use portolan_registry::PortRange;

/// One test at a time: a child of another would hold every descriptor from its fork to its exec.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A loopback address of this process alone, that other programs' ports do not meet these tests'.
fn home() -> Ipv4Addr {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 128 | high, middle, low)
}

/// Everything about some ports, without what other programs do with the same numbers.
fn look(ranges: &[PortRange], options: &Options) -> PortSnapshot {
    let mut snapshot = ports(ranges, options);
    let is_mine = |owners: &[Owner]| owners.iter().any(|owner| owner.pid == std::process::id());
    let is_home = |address: SocketAddr| address.ip() == home();
    snapshot
        .listeners
        .retain(|l| is_home(l.socket_address()) || is_mine(&l.owners));
    snapshot
        .sockets
        .retain(|s| is_home(s.local) || s.remote.is_some_and(is_home) || is_mine(&s.owners));
    snapshot
}

/// The listeners on one port.
fn on(port: u16) -> Vec<Listener> {
    look(&[PortRange::single(port)], &Options::default()).listeners
}

/// The one listener on a port, found by the look for one port and by the look for all.
fn one(port: u16) -> Listener {
    let mut found = on(port);
    assert_eq!(found.len(), 1, "{found:#?}");
    let found = found.remove(0);
    let all = listeners(&Options::default()).listeners;
    let again = all
        .into_iter()
        .find(|listener| listener.inode == found.inode);
    assert_eq!(again.map(settled), Some(settled(found.clone())));
    found
}

/// A listener without the copies of this process that another test is about to turn into a program
/// of its own: between fork(2) and execve(2) a child holds everything that its parent holds.
fn settled(mut listener: Listener) -> Listener {
    let copy = |owner: &Owner| owner.exe.as_deref().map(Path::new) == own_program().as_deref();
    let own = std::process::id();
    listener
        .owners
        .retain(|owner| owner.pid == own || !copy(owner));
    listener
}

fn own_program() -> Option<PathBuf> {
    std::env::current_exe().ok()
}
