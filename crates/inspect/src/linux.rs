//! Linux: what the kernel lists, made into listeners and sockets.

mod clock;
mod control_group;
mod creator;
mod crowd;
mod detail;
mod group_tree;
mod hit;
mod kernel_thread;
mod lineage;
mod netlink;
mod owner;
mod package;
mod privilege;
mod proc_net;
mod process;
mod scan;
mod search;
mod setting;
mod sockstat;
mod stat;
mod table;
mod user;
mod walk;

use std::os::fd::AsFd;

use portolan_ports::{Gap, Listener, Queue, Socket, Unseen, Why};
use portolan_registry::{PortRange, Transport};

use crate::sock_diag::Record;
use crate::{Options, OwnerSearch, PortSnapshot, Snapshot, state};

pub(crate) use crowd::processes;
pub(crate) use privilege::drop_to_unprivileged;
pub(crate) use setting::{ephemeral_range, host_name, interface_index, unprivileged_port_start};
use table::{Query, Table};

/// The transports whose sockets the kernel is asked for.
const TRANSPORTS: [Transport; 2] = [Transport::Tcp, Transport::Udp];

pub(crate) fn listeners(options: &Options) -> Snapshot {
    let mut table = Table::open(options.source);
    let mut names = Interfaces::default();
    let mut listeners = Vec::new();
    for transport in TRANSPORTS {
        for record in table.read(Query::Listening(transport)) {
            if record.listens(transport) {
                listeners.push(listener(transport, &record, &table, &mut names));
            }
        }
    }
    let mut explanation = table.explanation();
    let mut gaps = table.take_gaps();
    let attached = owner::attach(&mut listeners, &mut [], &mut table, options, false);
    gaps.extend(attached.gaps);
    explanation.extend(attached.explanation);
    if options.owners != OwnerSearch::None {
        creator::name(&mut listeners);
    }
    sort_listeners(&mut listeners);
    Snapshot {
        listeners,
        explanation,
        gaps,
        ..Snapshot::default()
    }
}

pub(crate) fn ports(ranges: &[PortRange], options: &Options) -> PortSnapshot {
    let mut table = Table::open(options.source);
    let mut names = Interfaces::default();
    let (mut listeners, mut sockets) = (Vec::new(), Vec::new());
    let wanted = |port| port != 0 && ranges.iter().any(|range| range.contains(port));
    for transport in TRANSPORTS {
        for record in table.read(Query::Ports(transport, ranges)) {
            if record.listens(transport) {
                if wanted(record.local.port()) {
                    listeners.push(listener(transport, &record, &table, &mut names));
                }
            } else if wanted(record.local.port()) || wanted(record.remote.port()) {
                sockets.extend(socket(transport, &record));
            }
        }
    }
    let mut explanation = table.explanation();
    let mut gaps = table.take_gaps();
    let attached = owner::attach(&mut listeners, &mut sockets, &mut table, options, true);
    gaps.extend(attached.gaps);
    explanation.extend(attached.explanation);
    if options.owners != OwnerSearch::None {
        creator::name(&mut listeners);
    }
    sort_listeners(&mut listeners);
    sort_sockets(&mut sockets);
    PortSnapshot {
        listeners,
        sockets,
        explanation,
        gaps,
        ..PortSnapshot::default()
    }
}

/// Puts them in order, each once: a dump whose tables change under it may tell a socket twice.
fn sort_listeners(listeners: &mut Vec<Listener>) {
    listeners.sort_by_key(|l| (l.transport, l.port, l.address, l.inode, l.cookie));
    listeners
        .dedup_by(|a, b| a.cookie.is_some() && a.cookie == b.cookie && a.transport == b.transport);
}

/// As [`sort_listeners`]; no two connections share both ends.
fn sort_sockets(sockets: &mut Vec<Socket>) {
    sockets.sort_by_key(|s| (s.transport, s.local, s.remote, s.inode));
    sockets.dedup_by(|a, b| {
        let end = |s: &Socket| (s.transport, s.local, s.remote, s.inode);
        a.remote.is_some() && end(a) == end(b)
    });
}

fn listener(
    transport: Transport,
    record: &Record,
    table: &Table,
    names: &mut Interfaces,
) -> Listener {
    let address = record.local.ip();
    let takes_ipv4 = || record.v6_only.unwrap_or_else(setting::v6_only_by_default);
    Listener {
        transport,
        address,
        port: record.local.port(),
        dual_stack: address.is_ipv6() && address.is_unspecified() && !takes_ipv4(),
        multipath: false,
        interface: names.name(record.interface, table),
        namespace: None,
        queue: match (transport, record.send_queue) {
            (Transport::Tcp, Some(backlog)) => Some(Queue {
                pending: record.receive_queue,
                backlog,
            }),
            _ => None,
        },
        drops: None,
        group: None,
        uid: Some(record.uid),
        inode: record.inode.into(),
        cookie: record.cookie,
        control_group: record.control_group,
        creator: None,
        socket_unit: None,
        published: None,
        owners: Vec::new(),
        owner_gap: None,
    }
}

fn socket(transport: Transport, record: &Record) -> Option<Socket> {
    let state = state::name(record.state)?;
    Some(Socket {
        transport,
        local: record.local,
        remote: record.peer(),
        state,
        // Without an inode the kernel has forgotten the user and says 0.
        uid: (record.inode != 0).then_some(record.uid),
        inode: record.inode.into(),
        owners: Vec::new(),
        owner_gap: None,
    })
}

/// The names of interfaces, each asked for once.
#[derive(Debug, Default)]
struct Interfaces(Vec<(u32, String)>);

impl Interfaces {
    fn name(&mut self, index: u32, table: &Table) -> Option<String> {
        if index == 0 {
            return None;
        }
        if let Some((_, name)) = self.0.iter().find(|(known, _)| *known == index) {
            return Some(name.clone());
        }
        let name = table
            .diag()
            .and_then(|diag| rustix::net::netdevice::index_to_name(diag.as_fd(), index).ok())
            .unwrap_or_else(|| index.to_string());
        self.0.push((index, name.clone()));
        Some(name)
    }
}

fn gap(what: Unseen, why: Why, detail: impl Into<String>) -> Gap {
    Gap {
        what,
        why,
        detail: detail.into(),
    }
}
