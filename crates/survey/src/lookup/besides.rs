//! What the holders of a port hold besides it.

use std::net::SocketAddr;

use portolan_inspect::{Namespaces, Options, OwnerSearch};
use portolan_ports::Listener;
use portolan_registry::{Port, PortRange, Transport};

/// The most processes that are looked at for one port: workers of one program hold the same.
const MOST_PROCESSES: usize = 16;

/// What processes of one program hold besides a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Besides {
    /// The program.
    pub program: String,
    /// Its processes that hold just this, lowest first.
    pub pids: Vec<u32>,
    /// Where else they listen.
    pub listeners: Vec<(Transport, SocketAddr)>,
    /// How many connections they have on other ports, one that several hold counted once.
    pub connections: usize,
}

/// Every socket of this network namespace, for telling what a process holds.
#[derive(Debug)]
pub(super) struct Table {
    listeners: Vec<(u64, Transport, SocketAddr)>,
    connections: Vec<(u64, Port)>,
}

impl Table {
    /// Cost: one walk of the kernel's socket tables; no process is looked at.
    pub(super) fn read() -> Self {
        let options = Options {
            owners: OwnerSearch::None,
            namespaces: Namespaces::Own,
            names: false,
            ..Options::default()
        };
        let seen = portolan_inspect::ports(&[PortRange::ALL], &options);
        let listeners = seen.listeners.iter();
        let connected = seen.sockets.iter().filter(|s| s.remote.is_some());
        Self {
            listeners: listeners
                .map(|l| (l.inode, l.transport, l.socket_address()))
                .collect(),
            connections: connected.map(|s| (s.inode, s.local.port())).collect(),
        }
    }

    /// What the owners of `listeners`, all on `port`, hold besides. Processes of other network
    /// namespaces and systemd, which holds sockets for others, are left out.
    ///
    /// Cost: one readlink per descriptor of at most 16 processes.
    pub(super) fn besides<'l>(
        &self,
        port: Port,
        listeners: impl Iterator<Item = &'l Listener>,
    ) -> Vec<Besides> {
        let own = listeners.filter(|l| l.namespace.is_none());
        let mut owners: Vec<(u32, &str)> = own
            .flat_map(|l| &l.owners)
            .filter(|owner| owner.pid != 1)
            .map(|owner| (owner.pid, owner.program.as_str()))
            .collect();
        owners.sort_unstable();
        owners.dedup_by_key(|(pid, _)| *pid);
        let mut found: Vec<(Besides, Vec<u64>)> = Vec::new();
        for (pid, program) in owners.into_iter().take(MOST_PROCESSES) {
            let Some(inodes) = portolan_inspect::sockets_of(pid) else {
                continue;
            };
            let holds = |inode: u64| inode != 0 && inodes.binary_search(&inode).is_ok();
            let listeners: Vec<(Transport, SocketAddr)> = self
                .listeners
                .iter()
                .filter(|(inode, _, address)| address.port() != port && holds(*inode))
                .map(|(_, transport, address)| (*transport, *address))
                .collect();
            let connections = self
                .connections
                .iter()
                .filter(|(inode, local)| *local != port && holds(*inode))
                .map(|(inode, _)| *inode);
            let same = found
                .iter_mut()
                .find(|(known, _)| known.program == program && known.listeners == listeners);
            match same {
                Some((known, all)) => {
                    known.pids.push(pid);
                    all.extend(connections);
                }
                None => {
                    let besides = Besides {
                        program: program.to_owned(),
                        pids: vec![pid],
                        listeners,
                        connections: 0,
                    };
                    found.push((besides, connections.collect()));
                }
            }
        }
        let counted = found.into_iter().map(|(besides, mut inodes)| {
            inodes.sort_unstable();
            inodes.dedup();
            Besides {
                connections: inodes.len(),
                ..besides
            }
        });
        counted
            .filter(|besides| !besides.listeners.is_empty() || besides.connections > 0)
            .collect()
    }
}
