//! All about ports and service names: what should be there, and what is.

mod besides;
mod connected;

use std::collections::{BTreeMap, BTreeSet};

use portolan_inspect::{Namespaces, Options};
use portolan_ports::knowledge::Fact;
use portolan_ports::policy::{Policy, Rule};
use portolan_ports::{Gap, Listener, Presence, Publication, Socket, Unseen};
use portolan_registry::{
    Assignment, Port, PortRange, RangeKind, Standing, Transport, search, standing,
};

pub use besides::Besides;
pub use connected::{Direction, Peer, connected};

use crate::Sources;
use crate::query::Query;
use crate::survey::{Asking, Judged, ask_and_judge};

/// The most ports whose whole story is told; of more only the main points are.
pub const MOST_IN_FULL: u32 = 4;

/// How far a look-up looks at this machine.
#[derive(Clone, Debug)]
pub enum Live {
    /// Not at all: registry and knowledge alone.
    No,
    /// Sockets and owners.
    Look(Asking),
}

/// The answer to all of a look-up's queries.
#[derive(Clone, Debug)]
pub struct Lookup<'a> {
    /// One for each query, in the order given.
    pub answers: Vec<Answer<'a>>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
}

/// The answer to one query.
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    /// The query.
    pub query: Query,
    /// Each port that it means, lowest first.
    pub ports: Vec<PortAnswer<'a>>,
    /// The rows of the name that have no port.
    pub portless: Vec<Assignment<'a>>,
    /// Whether the registry has the name; true for every port.
    pub registered: bool,
    /// For an unknown name, the nearest ones.
    pub nearest: Vec<&'a str>,
}

impl Answer<'_> {
    /// Whether there is something to say.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.registered || !self.ports.is_empty()
    }
}

/// All about one port.
#[derive(Clone, Debug)]
pub struct PortAnswer<'a> {
    /// The port.
    pub port: Port,
    /// What this host's policy says of it, as far as it was read: a look-up that does not look at
    /// this machine is not told.
    pub rules: Vec<&'a Rule>,
    /// What the registry makes of it, for each transport that is asked for.
    pub standings: Vec<(Transport, Standing<'a>)>,
    /// The facts about it.
    pub facts: Vec<Fact<'a>>,
    /// What it is doing here; `None` where this machine was not looked at.
    pub presence: Option<Presence>,
    /// Who listens, in this network namespace or in another.
    pub listeners: Vec<Judged<'a>>,
    /// Whom an engine publishes it for, without a socket.
    pub publications: Vec<Publication>,
    /// Other sockets that use it.
    pub sockets: Vec<Socket>,
    /// What the holders of its listeners hold besides; only where the whole story is told.
    pub besides: Vec<Besides>,
}

impl PortAnswer<'_> {
    /// The range of RFC 6335 that holds it.
    #[must_use]
    pub const fn range(&self) -> RangeKind {
        RangeKind::of(self.port)
    }
}

/// Answers every query. A host-and-port target has no place here and is answered with nothing.
///
/// Cost: one pass over the kernel's socket tables for all queries, and none with [`Live::No`].
#[must_use]
pub fn lookup<'a>(sources: &Sources<'a>, queries: &[Query], live: &Live) -> Lookup<'a> {
    let meant: Vec<Meaning<'a>> = queries
        .iter()
        .map(|query| meaning(sources, query))
        .collect();
    let mut seen = Seen::default();
    if let Live::Look(asking) = live {
        seen.look(sources, &meant, asking);
    }
    let answers = queries
        .iter()
        .zip(meant)
        .map(|(query, meant)| answer(sources, query, meant, &seen))
        .collect();
    Lookup {
        answers,
        gaps: seen.gaps,
    }
}

/// What a query means before this machine was looked at.
struct Meaning<'a> {
    ranges: Vec<PortRange>,
    rows: Vec<Assignment<'a>>,
    /// The program to look for where the registry does not know the name.
    program: Option<String>,
    nearest: Vec<&'a str>,
}

fn meaning<'a>(sources: &Sources<'a>, query: &Query) -> Meaning<'a> {
    let nothing = Meaning {
        ranges: Vec::new(),
        rows: Vec::new(),
        program: None,
        nearest: Vec::new(),
    };
    match query {
        Query::Ports { ports, .. } => Meaning {
            ranges: vec![*ports],
            ..nothing
        },
        Query::Name { name, transport } => {
            let mut rows = sources.registry.named(name);
            rows.retain(|row| transport.is_none_or(|t| row.covers(t)));
            if rows.is_empty() {
                let nearest = search::nearest(sources.registry, name, 3);
                return Meaning {
                    program: Some(name.clone()),
                    nearest,
                    ..nothing
                };
            }
            let mut ranges: Vec<PortRange> = rows.iter().filter_map(|row| row.ports).collect();
            ranges.sort();
            ranges.dedup();
            Meaning {
                ranges,
                rows,
                ..nothing
            }
        }
        Query::Target(_) => nothing,
    }
}

/// What this machine shows about the queries.
#[derive(Default)]
struct Seen<'a> {
    looked: bool,
    ranges: Vec<PortRange>,
    listeners: BTreeMap<Port, Vec<Judged<'a>>>,
    publications: Vec<Publication>,
    sockets: BTreeMap<Port, Vec<Socket>>,
    besides: BTreeMap<Port, Vec<Besides>>,
    gaps: Vec<Gap>,
}

impl<'a> Seen<'a> {
    fn look(&mut self, sources: &Sources<'a>, meant: &[Meaning<'a>], asking: &Asking) {
        self.looked = true;
        let ranges: Vec<PortRange> = meant
            .iter()
            .flat_map(|m| m.ranges.iter().copied())
            .collect();
        let programs: Vec<&str> = meant.iter().filter_map(|m| m.program.as_deref()).collect();
        let mut listeners = Vec::new();
        let count = ranges.iter().map(|range| range.count()).sum::<u32>();
        let in_full = count <= MOST_IN_FULL;
        if !ranges.is_empty() {
            let options = Options {
                details: in_full,
                // A look at every process for the sake of namespaces would cost a vacant port more
                // than all else.
                namespaces: Namespaces::Kept,
                ..Options::default()
            };
            let seen = portolan_inspect::ports(&ranges, &options);
            listeners = seen.listeners;
            self.publications = seen.publications;
            self.gaps = seen.gaps;
            self.keep_sockets(&ranges, seen.sockets);
            self.ranges = ranges;
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
        if listeners.is_empty() {
            return;
        }
        let ranges = portolan_inspect::local_ranges();
        let (judged, _) = ask_and_judge(sources, listeners, asking, &ranges, &mut |_, _| ());
        for judged in judged {
            self.listeners
                .entry(judged.listener.port)
                .or_default()
                .push(judged);
        }
        if in_full && self.listeners.len() <= MOST_IN_FULL as usize {
            self.look_besides();
        }
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

    fn presence(&self, port: Port, policy: &Policy) -> Option<Presence> {
        let unseen = |gap: &Gap| matches!(gap.what, Unseen::Listeners | Unseen::Sockets);
        self.looked.then(|| {
            let listeners = self.listeners.get(&port).map_or(&[][..], Vec::as_slice);
            let published = self.publications.iter().any(|p| p.port == port);
            // What listens in another namespace is on another machine, as far as addresses go.
            if listeners.iter().any(|j| j.listener.namespace.is_none()) {
                Presence::Listening
            } else if published {
                Presence::InUse
            } else if self.gaps.iter().any(|gap| gap.what == Unseen::Listeners) {
                Presence::Unseen
            } else if policy.rules.iter().any(|rule| self.misses(rule, port)) {
                Presence::Missing
            } else if self.sockets.contains_key(&port) {
                Presence::InUse
            } else if self.gaps.iter().any(unseen) {
                Presence::Unseen
            } else {
                Presence::Vacant
            }
        })
    }

    /// Whether the rule requires a listener that could be on this port, and none is anywhere where
    /// it may be. Of a range that was not looked at as a whole nobody knows.
    fn misses(&self, rule: &Rule, port: Port) -> bool {
        let looked_at = |ports: PortRange| {
            let holds =
                |range: &PortRange| range.contains(ports.first()) && range.contains(ports.last());
            self.ranges.iter().any(holds)
        };
        let covers = |listener: &Listener| {
            listener.namespace.is_none() && rule.covers(listener.port, listener.transport)
        };
        rule.is_required()
            && rule.ports.contains(port)
            && looked_at(rule.ports)
            && !self
                .listeners
                .values()
                .flatten()
                .any(|j| covers(&j.listener))
            && !self
                .publications
                .iter()
                .any(|p| rule.covers(p.port, p.transport))
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

fn held_by_any(listener: &Listener, programs: &[&str]) -> bool {
    listener
        .owners
        .iter()
        .any(|o| programs.iter().any(|p| o.program.eq_ignore_ascii_case(p)))
}

fn answer<'a>(
    sources: &Sources<'a>,
    query: &Query,
    meant: Meaning<'a>,
    seen: &Seen<'a>,
) -> Answer<'a> {
    let transport = match query {
        Query::Ports { transport, .. } | Query::Name { transport, .. } => *transport,
        Query::Target(_) => None,
    };
    let mut ports: BTreeSet<Port> = meant
        .ranges
        .iter()
        .flat_map(|range| range.ports())
        .collect();
    if let Some(program) = &meant.program {
        let held = |judged: &Judged<'_>| held_by_any(&judged.listener, &[program]);
        let of_program = seen
            .listeners
            .iter()
            .filter(|(_, judged)| judged.iter().any(held));
        ports.extend(of_program.map(|(port, _)| port));
    }
    let ports = ports
        .into_iter()
        .map(|port| port_answer(sources, port, transport, seen))
        .collect();
    let portless = meant
        .rows
        .iter()
        .filter(|row| row.ports.is_none())
        .copied()
        .collect();
    Answer {
        query: query.clone(),
        ports,
        portless,
        registered: meant.program.is_none(),
        nearest: meant.nearest,
    }
}

fn port_answer<'a>(
    sources: &Sources<'a>,
    port: Port,
    transport: Option<Transport>,
    seen: &Seen<'a>,
) -> PortAnswer<'a> {
    let covering = sources.registry.covering(port);
    let asked = |t: Transport| transport.is_none_or(|wanted| wanted == t);
    let listeners = seen
        .listeners
        .get(&port)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let sockets = seen
        .sockets
        .get(&port)
        .map(Vec::as_slice)
        .unwrap_or_default();
    PortAnswer {
        port,
        rules: sources
            .policy
            .rules
            .iter()
            .filter(|rule| rule.ports.contains(port) && rule.transport.is_none_or(asked))
            .collect(),
        standings: Transport::ALL
            .into_iter()
            .filter(|t| asked(*t))
            .map(|t| (t, standing(&covering, port, t)))
            .collect(),
        facts: facts(sources, port, asked),
        presence: seen.presence(port, sources.policy),
        listeners: listeners
            .iter()
            .filter(|j| asked(j.listener.transport))
            .cloned()
            .collect(),
        publications: seen
            .publications
            .iter()
            .filter(|p| p.port == port && asked(p.transport))
            .cloned()
            .collect(),
        sockets: sockets
            .iter()
            .filter(|s| asked(s.transport))
            .cloned()
            .collect(),
        besides: seen.besides.get(&port).cloned().unwrap_or_default(),
    }
}

/// Uses first, then risks and history; what speaks of fewer ports first.
fn facts<'a>(
    sources: &Sources<'a>,
    port: Port,
    asked: impl Fn(Transport) -> bool,
) -> Vec<Fact<'a>> {
    let about = sources.knowledge.about(port);
    let mut facts: Vec<Fact<'a>> = about.filter(|fact| fact.transports().any(&asked)).collect();
    facts.sort_by_key(|fact| (fact.kind, fact.ports.count()));
    facts
}
