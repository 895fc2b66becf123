//! What this machine shows about what was asked.

mod presence;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use portolan_inspect::{Namespaces, Options};
use portolan_ports::system::LocalRanges;
use portolan_ports::{Gap, Listener, LocalName, NameOrigin, Publication, Socket};
use portolan_registry::{Port, PortRange};

use super::besides::{self, Besides};
use super::{MOST_IN_FULL, Meaning};
use crate::Sources;
use crate::survey::{Asking, Judged, ask_and_judge};

/// What this machine shows about the queries.
#[derive(Default)]
pub(super) struct Seen<'a> {
    looked: bool,
    /// What was looked at as a whole.
    asked: Vec<PortRange>,
    pub(super) listeners: BTreeMap<Port, Vec<Judged<'a>>>,
    pub(super) publications: Vec<Publication>,
    pub(super) sockets: BTreeMap<Port, Vec<Socket>>,
    pub(super) besides: BTreeMap<Port, Vec<Besides>>,
    /// What the system sets aside, once it was asked.
    pub(super) ranges: Option<LocalRanges>,
    names: Names,
    pub(super) gaps: Vec<Gap>,
}

impl<'a> Seen<'a> {
    /// Looks for what the queries mean, and at what the files of `origins` call it.
    pub(super) fn look(
        &mut self,
        sources: &Sources<'a>,
        meant: &[Meaning<'a>],
        asking: &Asking,
        origins: &[NameOrigin],
    ) {
        self.looked = true;
        let ranges = portolan_inspect::local_ranges();
        let asked: Vec<PortRange> = meant
            .iter()
            .flat_map(|m| m.ranges.iter().copied())
            .collect();
        let programs: Vec<&str> = meant.iter().filter_map(|m| m.program.as_deref()).collect();
        let mut listeners = Vec::new();
        let count = asked.iter().map(|range| range.count()).sum::<u32>();
        let in_full = count <= MOST_IN_FULL;
        if !asked.is_empty() {
            let options = Options {
                details: in_full,
                // A look at every process for the sake of namespaces would cost a vacant port more
                // than all else.
                namespaces: Namespaces::Kept,
                ..Options::default()
            };
            let seen = portolan_inspect::ports(&asked, &options);
            listeners = seen.listeners;
            self.publications = seen.publications;
            self.gaps = seen.gaps;
            self.keep_sockets(&asked, seen.sockets);
            self.asked.clone_from(&asked);
        }
        if !programs.is_empty() {
            let seen = portolan_inspect::listeners(&Options::default());
            self.gaps.extend(seen.gaps);
            let held = seen
                .listeners
                .into_iter()
                .filter(|l| held_by_any(l, &programs));
            listeners.extend(held);
            listeners.sort_by(|a, b| place(a).cmp(&place(b)));
            listeners.dedup();
        }
        self.gaps.extend_from_slice(&ranges.gaps);
        if !listeners.is_empty() {
            let (judged, _) = ask_and_judge(sources, listeners, asking, &ranges, &mut |_, _| ());
            for judged in judged {
                self.listeners
                    .entry(judged.listener.port)
                    .or_default()
                    .push(judged);
            }
        }
        self.ranges = Some(ranges);
        self.look_for_names(asked, origins);
        if !self.listeners.is_empty() && in_full && self.listeners.len() <= MOST_IN_FULL as usize {
            self.look_besides();
        }
    }

    /// For what was asked, and for the ports on which a program of the asked name listens.
    fn look_for_names(&mut self, mut ports: Vec<PortRange>, origins: &[NameOrigin]) {
        let heard = self.listeners.keys().copied().map(PortRange::single);
        ports.extend(heard);
        if ports.is_empty() {
            return;
        }
        ports.sort_unstable();
        ports.dedup();
        let (names, gaps) = portolan_inspect::local_names(Path::new("/"), &ports, origins);
        self.names = Names::new(names);
        self.gaps.extend(gaps);
    }

    /// What files of this machine call the port.
    pub(super) fn names(&self, port: Port) -> Vec<LocalName> {
        self.names.of(port)
    }

    /// Only where something listens does a look-up cost more than the kernel's walk.
    fn look_besides(&mut self) {
        let table = besides::Table::read();
        for (port, judged) in &self.listeners {
            let besides = table.besides(*port, judged.iter().map(|j| &j.listener));
            self.besides.insert(*port, besides);
        }
    }

    /// A socket belongs to each end that was asked for.
    fn keep_sockets(&mut self, ranges: &[PortRange], sockets: Vec<Socket>) {
        for socket in sockets {
            let ends: BTreeSet<Port> = [Some(socket.local.port()), socket.remote.map(|r| r.port())]
                .into_iter()
                .flatten()
                .filter(|port| ranges.iter().any(|range| range.contains(*port)))
                .collect();
            for port in ends {
                self.sockets.entry(port).or_default().push(socket.clone());
            }
        }
    }
}

/// The own namespace's come first.
fn place(listener: &Listener) -> impl Ord + '_ {
    let Listener {
        namespace,
        transport,
        port,
        address,
        inode,
        ..
    } = listener;
    (namespace, transport, port, address, inode)
}

pub(super) fn held_by_any(listener: &Listener, programs: &[&str]) -> bool {
    listener
        .owners
        .iter()
        .any(|o| programs.iter().any(|p| o.program.eq_ignore_ascii_case(p)))
}

/// Names, found by port: a whole distribution's `/etc/services` may be asked of every port.
#[derive(Default)]
struct Names {
    single: BTreeMap<Port, Vec<LocalName>>,
    wide: Vec<LocalName>,
}

impl Names {
    fn new(names: Vec<LocalName>) -> Self {
        let mut sorted = Self::default();
        for name in names {
            if name.ports.is_single() {
                let port = name.ports.first();
                sorted.single.entry(port).or_default().push(name);
            } else {
                sorted.wide.push(name);
            }
        }
        sorted
    }

    fn of(&self, port: Port) -> Vec<LocalName> {
        let single = self.single.get(&port).map_or(&[][..], Vec::as_slice);
        let wide = self.wide.iter().filter(|name| name.ports.contains(port));
        let mut names: Vec<LocalName> = single.iter().chain(wide).cloned().collect();
        names.sort_by_key(|name| name.origin);
        names
    }
}
