//! All about ports and service names: what should be there, and what is.

mod besides;
mod command;
mod connected;
mod nearest;
mod seen;
mod set_aside;
mod site;

use std::borrow::Cow;
use std::collections::BTreeSet;

use portolan_ports::knowledge::{Fact, FactKind};
use portolan_ports::policy::Rule;
use portolan_ports::site::Record;
use portolan_ports::{Gap, LocalName, NameOrigin, Presence, Publication, Socket};
use portolan_registry::{Assignment, Port, PortRange, RangeKind, Standing, Transport, standing};

pub use besides::Besides;
pub use command::{Commands, commands};
pub use connected::{Direction, Peer, connected};
pub use set_aside::SetAside;
pub use site::SiteClaim;

use crate::Sources;
use crate::query::Query;
use crate::survey::{Asking, Judged};
use nearest::nearest;
use seen::{Seen, held_by_any};

/// The most ports whose whole story is told; of more only the main points are.
pub const MOST_IN_FULL: u32 = 4;

/// A fact about more ports than this tells of a range, and claims no port of it.
pub const MOST_CLAIMED: u32 = 16;

/// How far a look-up looks at this machine.
#[derive(Clone, Debug)]
pub enum Live {
    /// Not at all: registry and knowledge alone.
    No,
    /// Sockets and owners, and `/etc/services`.
    Look(Asking),
    /// The same, and every other file of this machine that names ports: some hundred small ones
    /// where firewalld is installed, which cost more than all else together.
    LookInFull(Asking),
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
    /// The site registry's records of the name that no port of this host tells of: they have no
    /// port, or are valid on other hosts alone.
    pub site: Vec<&'a Record>,
    /// How many records of the site registry hold one of the ports that were asked for on other
    /// hosts alone; 0 for a name, whose records are all told.
    pub site_elsewhere: u64,
    /// Whether one of the registries has the name; true for every port.
    pub registered: bool,
    /// For an unknown name, the nearest ones of both registries.
    pub nearest: Vec<Cow<'a, str>>,
}

impl<'a> Answer<'a> {
    /// The records of the name that have a port, on other hosts alone.
    pub fn on_other_hosts(&self) -> impl Iterator<Item = &'a Record> {
        let records = self.site.iter().copied();
        records.filter(|record| record.fields.ports.is_some())
    }

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
    /// The site registry's records that are valid on this host and speak of it on any transport:
    /// assignments, then what is held back, requests, remarks.
    pub site: Vec<&'a Record>,
    /// What the registry makes of it, for each transport that is asked for.
    pub standings: Vec<(Transport, Standing<'a>)>,
    /// The facts about it: official uses, then unofficial ones, risks, malware, history; of each
    /// the verified first, then what speaks of fewer ports.
    pub facts: Vec<Fact<'a>>,
    /// What other files of this machine call it, on any transport that was asked for.
    pub local_names: Vec<LocalName>,
    /// What systems do with the number by themselves.
    pub set_aside: SetAside,
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

impl<'a> PortAnswer<'a> {
    /// The range of RFC 6335 that holds it.
    #[must_use]
    pub const fn range(&self) -> RangeKind {
        RangeKind::of(self.port)
    }

    /// The transports that were asked for.
    pub fn transports(&self) -> impl Iterator<Item = Transport> {
        self.standings.iter().map(|(transport, _)| *transport)
    }

    /// How many programs claim it on a transport: the products that facts of use name, each once;
    /// where none is named, the protocols of unofficial uses. The registered use of the service
    /// itself is no claim besides, and a fact about more than [`MOST_CLAIMED`] ports claims none.
    #[must_use]
    pub fn claimants(&self, transport: Transport) -> usize {
        let products: BTreeSet<_> = self.claims(transport).filter_map(|f| f.product).collect();
        if !products.is_empty() {
            return products.len();
        }
        let protocols: BTreeSet<_> = self.claims(transport).filter_map(|f| f.protocol).collect();
        protocols.len()
    }

    /// Whether somebody claims it on a transport without being registered for it.
    #[must_use]
    pub fn is_claimed_unofficially(&self, transport: Transport) -> bool {
        let mut claims = self.claims(transport);
        claims.any(|fact| fact.kind == FactKind::UnofficialUse)
    }

    fn claims(&self, transport: Transport) -> impl Iterator<Item = &Fact<'a>> {
        let uses = self.facts.iter().filter(|fact| fact.is_use());
        uses.filter(move |fact| fact.covers(transport) && fact.ports.count() <= MOST_CLAIMED)
            .filter(|fact| {
                let unofficial = fact.kind == FactKind::UnofficialUse;
                fact.product.is_some() || (unofficial && fact.protocol.is_some())
            })
    }

    /// Whether a fact of one of these kinds is on record.
    #[must_use]
    pub fn has_on_record(&self, kinds: &[FactKind]) -> bool {
        self.facts.iter().any(|fact| kinds.contains(&fact.kind))
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
    match live {
        Live::No => {}
        Live::Look(asking) => seen.look(sources, &meant, asking, &[NameOrigin::Services]),
        Live::LookInFull(asking) => seen.look(sources, &meant, asking, &ALL_NAMES),
    }
    let answers = queries
        .iter()
        .zip(meant)
        .map(|(query, meant)| answer(sources, query, meant, &seen))
        .collect();
    let mut gaps = seen.gaps;
    gaps.extend(sources.site.map(|site| site.gaps()).unwrap_or_default());
    Lookup { answers, gaps }
}

/// Every collection of names, in the order in which they are told.
const ALL_NAMES: [NameOrigin; 3] = [NameOrigin::Services, NameOrigin::Firewalld, NameOrigin::Ufw];

/// What a query means before this machine was looked at.
struct Meaning<'a> {
    ranges: Vec<PortRange>,
    rows: Vec<Assignment<'a>>,
    /// The site registry's records of the name.
    site: Vec<&'a Record>,
    /// The program to look for where the registry does not know the name.
    program: Option<String>,
    nearest: Vec<Cow<'a, str>>,
}

fn meaning<'a>(sources: &Sources<'a>, query: &Query) -> Meaning<'a> {
    let nothing = Meaning {
        ranges: Vec::new(),
        rows: Vec::new(),
        site: Vec::new(),
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
            let site = site::named(sources, name, *transport);
            if rows.is_empty() && site.is_empty() {
                return Meaning {
                    program: Some(name.clone()),
                    nearest: nearest(sources, name),
                    ..nothing
                };
            }
            let of_site = site.iter().filter_map(|record| record.fields.ports);
            let of_rows = rows.iter().filter_map(|row| row.ports);
            let mut ranges: Vec<PortRange> = of_rows.chain(of_site).collect();
            ranges.sort();
            ranges.dedup();
            Meaning {
                ranges,
                rows,
                site,
                ..nothing
            }
        }
        Query::Target(_) => nothing,
    }
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
    let here = sources.site.map(|site| site.here());
    let site = meant
        .site
        .into_iter()
        .filter(|record| record.fields.ports.is_none() || !site::is_here(record, here));
    let site_elsewhere = match (query, sources.site) {
        (Query::Ports { ports, .. }, Some(site)) => site.elsewhere(*ports),
        _ => 0,
    };
    Answer {
        query: query.clone(),
        ports,
        portless,
        site: site.collect(),
        site_elsewhere,
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
        site: site::of_port(sources, port),
        standings: Transport::ALL
            .into_iter()
            .filter(|t| asked(*t))
            .map(|t| (t, standing(&covering, port, t)))
            .collect(),
        facts: facts(sources, port, asked),
        local_names: {
            let mut names = seen.names(port);
            names.retain(|name| name.transport.is_none_or(asked));
            names
        },
        set_aside: SetAside::new(port, seen.ranges.as_ref()),
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

/// Ranked as [`PortAnswer::facts`] says.
fn facts<'a>(
    sources: &Sources<'a>,
    port: Port,
    asked: impl Fn(Transport) -> bool,
) -> Vec<Fact<'a>> {
    let about = sources.knowledge.about(port);
    let mut facts: Vec<Fact<'a>> = about.filter(|fact| fact.transports().any(&asked)).collect();
    // Of official uses, that of the service itself stands before other products that speak its protocol.
    let another = |fact: &Fact<'_>| fact.kind == FactKind::OfficialUse && fact.product.is_some();
    facts.sort_by_key(|fact| (fact.kind, !fact.verified, fact.ports.count(), another(fact)));
    facts
}
