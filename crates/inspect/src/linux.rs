//! Linux: what the kernel lists, made into listeners and sockets.

mod clock;
mod closing;
mod control_group;
mod creator;
mod crowd;
mod descriptor;
mod detail;
mod dump;
mod engine;
mod follow;
mod group;
mod group_tree;
mod hit;
mod kernel_thread;
mod lineage;
mod namespace;
mod netlink;
mod owner;
mod package;
mod patience;
mod privilege;
mod proc_net;
mod process;
mod ranges;
mod scan;
mod search;
mod setting;
mod socket_unit;
mod sockstat;
mod stat;
mod table;
mod unix_socket;
mod user;
mod walk;

use portolan_ports::{Gap, Listener, Publication, Queue, Socket, Unseen, Why};
use portolan_registry::{Port, PortRange, Transport};

use crate::sock_diag::Record;
use crate::{Options, OwnerSearch, PortSnapshot, Snapshot, state};

pub(crate) use crowd::processes;
pub(crate) use descriptor::sockets_of;
pub(crate) use follow::Follower;
pub(crate) use privilege::{drop_to_unprivileged, is_root, login_name};
pub(crate) use ranges::local_ranges;
pub(crate) use setting::{host_name, interface_index};
use table::{Query, Table};

/// The transports whose sockets the kernel is asked for. One that it does not have costs a refusal.
const TRANSPORTS: [Transport; 4] = Transport::ALL;

pub(crate) fn listeners(options: &Options) -> Snapshot {
    let mut table = Table::open(options.source, options.namespaces, true);
    let mut listeners = Vec::new();
    for at in 0..table.places() {
        for transport in TRANSPORTS {
            let mut records = table.read_place(at, Query::Listening(transport));
            records.retain(|record| record.listens(transport));
            listeners.extend(describe(transport, &records, at, &mut table));
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
    let publications = name(options, &mut listeners, &mut [], |_| true, &mut gaps);
    sort_listeners(&mut listeners);
    group::mark(&mut listeners);
    Snapshot {
        listeners,
        publications,
        explanation,
        gaps,
    }
}

pub(crate) fn ports(ranges: &[PortRange], options: &Options) -> PortSnapshot {
    let mut table = Table::open(options.source, options.namespaces, false);
    let (mut listeners, mut sockets) = (Vec::new(), Vec::new());
    let wanted = |port| port != 0 && ranges.iter().any(|range| range.contains(port));
    for at in 0..table.places() {
        for transport in TRANSPORTS {
            let mut records = table.read_place(at, Query::Ports(transport, ranges));
            records.retain(|record| {
                let is_listener = record.listens(transport);
                // Connections of another namespace are none of this machine's addresses.
                if !is_listener
                    && at == 0
                    && (wanted(record.local.port()) || wanted(record.remote.port()))
                {
                    sockets.extend(socket(transport, record));
                }
                is_listener && wanted(record.local.port())
            });
            listeners.extend(describe(transport, &records, at, &mut table));
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
    let publications = name(options, &mut listeners, &mut sockets, wanted, &mut gaps);
    sort_listeners(&mut listeners);
    group::mark(&mut listeners);
    sort_sockets(&mut sockets);
    PortSnapshot {
        listeners,
        publications,
        sockets,
        explanation,
        gaps,
    }
}

/// Asks systemd and the engines for names, where names are wanted; tells the ports that are
/// published without a socket.
fn name(
    options: &Options,
    listeners: &mut [Listener],
    sockets: &mut [Socket],
    wanted: impl Fn(Port) -> bool,
    gaps: &mut Vec<Gap>,
) -> Vec<Publication> {
    if !options.names {
        return Vec::new();
    }
    if !listeners.is_empty() {
        gaps.extend(socket_unit::name(listeners));
    }
    let (publications, unnamed) = engine::name(listeners, sockets, wanted);
    gaps.extend(unnamed);
    publications
}

/// Puts them in order, each once: a dump whose tables change under it may tell a socket twice.
fn sort_listeners(listeners: &mut Vec<Listener>) {
    let place = |l: &Listener| (l.transport, l.port, l.address, l.inode, l.cookie);
    listeners.sort_by(|a, b| (&a.namespace, place(a)).cmp(&(&b.namespace, place(b))));
    listeners.dedup_by(|a, b| a.cookie.is_some() && place(a) == place(b));
}

/// As [`sort_listeners`]; no two connections share both ends.
fn sort_sockets(sockets: &mut Vec<Socket>) {
    sockets.sort_by_key(|s| (s.transport, s.local, s.remote, s.inode));
    sockets.dedup_by(|a, b| {
        let end = |s: &Socket| (s.transport, s.local, s.remote, s.inode);
        a.remote.is_some() && end(a) == end(b)
    });
}

/// The records, all of listeners of one transport and namespace, as those.
fn describe(
    transport: Transport,
    records: &[Record],
    at: usize,
    table: &mut Table,
) -> Vec<Listener> {
    // A Multipath TCP listener is two sockets under one inode: its own, whose cookie SO_COOKIE
    // tells, and one of TCP that takes the connections, which alone is listed.
    let multipath = match transport {
        Transport::Tcp if !records.is_empty() => table.multipath(at),
        _ => Vec::new(),
    };
    let namespace = table.namespace(at);
    let listener = |record: &Record| {
        let own = multipath.binary_search_by_key(&record.inode, |(inode, _)| *inode);
        let own = own.ok().map(|found| multipath[found].1);
        Listener {
            multipath: own.is_some(),
            cookie: own.unwrap_or(record.cookie),
            namespace: namespace.clone(),
            interface: table.interface(at, record.interface),
            ..listener(transport, record)
        }
    };
    records.iter().map(listener).collect()
}

fn listener(transport: Transport, record: &Record) -> Listener {
    let address = record.local.ip();
    let takes_ipv4 = || record.v6_only.unwrap_or_else(setting::v6_only_by_default);
    Listener {
        dual_stack: address.is_ipv6() && address.is_unspecified() && !takes_ipv4(),
        queue: match (transport, record.send_queue) {
            (Transport::Tcp | Transport::Sctp, Some(backlog)) => Some(Queue {
                pending: record.receive_queue,
                backlog,
            }),
            _ => None,
        },
        drops: record.drops,
        uid: Some(record.uid),
        inode: record.inode.into(),
        cookie: record.cookie,
        control_group: record.control_group,
        ..Listener::new(transport, record.local)
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

fn gap(what: Unseen, why: Why, detail: impl Into<String>) -> Gap {
    Gap {
        what,
        why,
        detail: detail.into(),
    }
}
