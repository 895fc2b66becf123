//! Sockets that share an address and a port, among which the kernel shares out what comes.
//!
//! Source: `inet_csk_get_port` and `inet_csk_listen_start` in net/ipv4/inet_connection_sock.c: a
//! TCP socket that listens excludes every other from its very place, SO_REUSEADDR or not, unless
//! both set SO_REUSEPORT (socket(7)). So of TCP a group alone is proof. UDP sockets share a place
//! with either option (`udp_lib_lport_inuse` in net/ipv4/udp.c); the kernel lists neither, so a
//! holder's descriptor is borrowed for a moment (pidfd_getfd(2)) and asked, where that is allowed.
//! Cost:   nothing where no two sockets share a place; else one readlink per descriptor of one
//!         holder for each UDP socket in a group.

use std::os::fd::OwnedFd;

use portolan_ports::{Group, Listener};
use portolan_registry::Transport;
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

/// The most sockets that are asked; a machine with more such groups has them by the thousand.
const MOST_ASKED: usize = 256;

/// Marks every group. The listeners must be in order of namespace, transport, port and address.
pub(super) fn mark(listeners: &mut [Listener]) {
    let mut asked = 0;
    for run in listeners.chunk_by_mut(|a, b| address(a) == address(b)) {
        for at in 0..run.len() {
            let interface = run[at].interface.clone();
            let members = run.iter().filter(|l| l.interface == interface).count();
            if members < 2 {
                continue;
            }
            let listener = &mut run[at];
            let reuse_port = match listener.transport {
                Transport::Tcp => Some(true),
                _ if asked < MOST_ASKED => {
                    asked += 1;
                    reuses_port(listener)
                }
                _ => None,
            };
            listener.group = Some(Group {
                members,
                reuse_port,
            });
        }
    }
}

fn address(listener: &Listener) -> impl PartialEq + '_ {
    let Listener {
        namespace,
        transport,
        port,
        address,
        ..
    } = listener;
    (namespace, transport, port, address)
}

/// SO_REUSEPORT of the socket, as its first holder's descriptor says.
fn reuses_port(listener: &Listener) -> Option<bool> {
    let owners = listener.owners.iter();
    let descriptor = owners.filter_map(|owner| borrow(owner.pid, listener.inode));
    rustix::net::sockopt::socket_reuseport(descriptor.take(1).next()?).ok()
}

/// A descriptor of this process for a socket that another one holds.
fn borrow(pid: u32, inode: u64) -> Option<OwnedFd> {
    let link = format!("socket:[{inode}]");
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
    let number = descriptors.flatten().find_map(|entry| {
        let target = std::fs::read_link(entry.path()).ok()?;
        let name = entry.file_name();
        (target.as_os_str() == link.as_str()).then(|| name.to_str()?.parse().ok())?
    })?;
    let holder = Pid::from_raw(i32::try_from(pid).ok()?)?;
    let holder = pidfd_open(holder, PidfdFlags::empty()).ok()?;
    let borrowed = pidfd_getfd(holder, number, PidfdGetfdFlags::empty()).ok()?;
    // The number may have passed to another file meanwhile.
    let is_it = rustix::fs::fstat(&borrowed).is_ok_and(|stat| stat.st_ino == inode);
    is_it.then_some(borrowed)
}
