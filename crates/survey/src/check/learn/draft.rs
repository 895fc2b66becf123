//! Which rules a set of listeners makes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use portolan_inspect::Snapshot;
use portolan_ports::system::LocalRanges;
use portolan_ports::{Container, Listener, Publication, Scope, Unit, Why};
use portolan_registry::{Because, Port, PortRange, RangeKind, State, Transport};

use super::stated::{Stated, called, lasts, programs};
use super::text::{join, plain};
use crate::Sources;
use crate::lookup::SiteClaim;

/// One rule, before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) ports: PortRange,
    pub(super) transport: Transport,
    pub(super) stated: Stated,
    /// Only where it takes the address to tell the rule from another one.
    pub(super) address: Option<IpAddr>,
    /// The widest seen.
    pub(super) scope: Scope,
    pub(super) required: bool,
    /// What a person should know of it, as sentences.
    pub(super) notes: Vec<String>,
}

/// What makes rules of listeners.
pub(super) struct Learner<'a> {
    pub(super) sources: &'a Sources<'a>,
    pub(super) local: &'a LocalRanges,
    /// From where the system takes ports for sockets that name none.
    pub(super) ephemeral: PortRange,
    /// Whether root looked.
    pub(super) by_root: bool,
}

/// The listeners of one rule.
#[derive(Debug)]
struct Group {
    places: BTreeMap<IpAddr, BTreeSet<String>>,
    ports: BTreeSet<Port>,
    scope: Scope,
    kept_by: Option<KeptBy>,
    holders: BTreeSet<String>,
    notes: BTreeSet<String>,
    /// Whether there is a socket.
    listened: bool,
}

/// Who sees to it that a listener is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum KeptBy {
    Unit(String),
    Container(String),
    SystemPort,
}

/// One socket, or a port that an engine passes on without one.
struct Seen {
    transport: Transport,
    address: IpAddr,
    port: Port,
    place: String,
    stated: Stated,
    holder: String,
    kept_by: Option<KeptBy>,
    notes: Vec<String>,
    by_chance: bool,
    listens: bool,
}

impl Learner<'_> {
    /// The rules, by port and transport.
    pub(super) fn drafts(&self, seen: &Snapshot) -> Vec<Draft> {
        let own = seen.listeners.iter().filter(|l| l.namespace.is_none());
        let listeners = own.map(|listener| self.listener(listener));
        let publications = seen.publications.iter().map(published);
        let mut groups: BTreeMap<(PortRange, Transport, Stated), Group> = BTreeMap::new();
        for seen in listeners.chain(publications) {
            let ports = match seen.by_chance {
                true => self.ephemeral,
                false => PortRange::single(seen.port),
            };
            groups
                .entry((ports, seen.transport, seen.stated.clone()))
                .or_insert_with(|| Group::at(seen.address))
                .add(seen);
        }
        let mut drafts = Vec::new();
        for ((ports, transport, stated), group) in &groups {
            let others = groups.range((*ports, *transport, Stated::default())..);
            let contested = others
                .take_while(|((p, t, _), _)| p == ports && t == transport)
                .any(|((_, _, other), _)| stated.is_weaker_than(other));
            let draft = self.draft(*ports, *transport, stated, group);
            if contested {
                // Without an address it would allow what the other rule asks more of.
                drafts.extend(group.places.keys().map(|address| Draft {
                    address: Some(*address),
                    scope: Scope::of(*address),
                    ..draft.clone()
                }));
            } else {
                drafts.push(draft);
            }
        }
        drafts
    }

    fn listener(&self, listener: &Listener) -> Seen {
        let mut notes = Vec::new();
        let hidden = listener.owners.is_empty();
        let stated = Stated::of(listener, &mut notes);
        if hidden {
            notes.push(not_seen(listener, self.by_root));
        }
        let programs: Vec<String> = programs(listener).iter().map(|p| plain(p)).collect();
        let mut holder = match programs.is_empty() {
            true if is_kernels(listener) => "the kernel".to_owned(),
            true => "an owner that was not seen".to_owned(),
            false => join(&programs),
        };
        let unit = listener.socket_unit.as_ref().map(|unit| &unit.0);
        if let Some(home) = unit.or(stated.unit.as_ref()) {
            holder = format!("{holder} ({})", plain(home));
        } else if let Some(container) = home(listener) {
            holder = format!("{holder} ({})", plain(&container.to_string()));
        }
        let by_chance = self.in_ephemeral(listener.port)
            && !self.has_a_use(listener.port, listener.transport)
            && listener.socket_unit.is_none()
            && listener.published.is_none();
        if by_chance && stated.program.is_none() {
            notes.push(format!(
                "The system may have given it this port by chance ({}): if it moves, this rule does not follow.",
                self.ephemeral
            ));
        }
        Seen {
            transport: listener.transport,
            address: listener.address,
            port: listener.port,
            place: place(listener),
            kept_by: self.kept_by(listener, &stated),
            by_chance: by_chance && stated.program.is_some(),
            listens: true,
            stated,
            holder,
            notes,
        }
    }

    fn kept_by(&self, listener: &Listener, stated: &Stated) -> Option<KeptBy> {
        // Under UDP whoever asks elsewhere holds such a port for a while.
        if self.in_ephemeral(listener.port) && listener.transport == Transport::Udp {
            return None;
        }
        let creator = listener.creator.as_ref();
        let made_in = |unit: &Unit| lasts(&unit.0).then(|| unit.0.clone());
        let container = stated.container.clone().or_else(|| {
            let container = creator.and_then(|creator| creator.container.as_ref());
            container.and_then(called)
        });
        let unit = stated.unit.clone().or_else(|| {
            let unit = creator.and_then(|creator| creator.unit.as_ref());
            unit.and_then(made_in)
        });
        let system_port = RangeKind::of(listener.port) == RangeKind::System;
        container
            .map(KeptBy::Container)
            .or(unit.map(KeptBy::Unit))
            .or(system_port.then_some(KeptBy::SystemPort))
    }

    /// Whether the system may give the port to any socket.
    fn in_ephemeral(&self, port: Port) -> bool {
        let reserved = &self.local.reserved;
        self.ephemeral.contains(port) && !reserved.iter().any(|range| range.contains(port))
    }

    /// Whether the registry or a fact names a use of the port.
    fn has_a_use(&self, port: Port, transport: Transport) -> bool {
        let expectation = self.sources.expectation(port, transport);
        let named = expectation.named().next().is_some();
        // A fact about a range is about what systems do there.
        let mut facts = expectation.facts.iter();
        named || facts.any(|fact| fact.is_use() && fact.ports.is_single())
    }

    fn draft(
        &self,
        ports: PortRange,
        transport: Transport,
        stated: &Stated,
        group: &Group,
    ) -> Draft {
        let places: Vec<String> = group.places.values().flatten().cloned().collect();
        let holders: Vec<String> = group.holders.iter().cloned().collect();
        let (holders, places) = (join(&holders), join(&places));
        let mut notes = Vec::new();
        if ports.is_single() {
            notes.push(format!(
                "{ports}/{transport} {}; {holders} {} {places}.",
                self.standing(ports.first(), transport),
                if group.listened {
                    "listened at"
                } else {
                    "has it published for"
                },
            ));
        } else {
            let held: Vec<String> = group.ports.iter().map(ToString::to_string).collect();
            notes.push(format!(
                "{holders} had {transport} {} {} at {places}, which the system may have given out by \
                 chance: a socket that names no port gets one of {ports}.",
                if held.len() == 1 { "port" } else { "ports" },
                join(&held),
            ));
        }
        notes.extend(group.notes.iter().cloned());
        let kept_by = group.kept_by.as_ref().filter(|_| ports.is_single());
        notes.push(match kept_by {
            Some(KeptBy::Unit(unit)) => format!("Required: {} is there to have it.", plain(unit)),
            Some(KeptBy::Container(name)) => {
                format!(
                    "Required: the container {} is there to have it.",
                    plain(name)
                )
            }
            Some(KeptBy::SystemPort) => "Required: it is a system port.".to_owned(),
            None if ports.is_single() => {
                "Not required: nothing was seen that keeps it there. Add `required = true` if it \
                 has to be."
                    .to_owned()
            }
            None => {
                "Not required. If it is always the same port, name that one instead.".to_owned()
            }
        });
        Draft {
            ports,
            transport,
            stated: stated.clone(),
            address: None,
            scope: group.scope,
            required: kept_by.is_some(),
            notes,
        }
    }

    /// What the registry says of a port, as the end of a sentence.
    fn standing(&self, port: Port, transport: Transport) -> String {
        let standing = self.sources.registry.standing(port, transport);
        let names: BTreeSet<String> = standing
            .assignments
            .iter()
            .filter(|row| row.is_named())
            .map(|row| plain(row.service_name()))
            .collect();
        let by_iana = match (standing.state, standing.because) {
            (State::Assigned, _) => {
                let names: Vec<String> = names.into_iter().collect();
                format!("is assigned to {}", join(&names))
            }
            (_, Because::DynamicRange) => "is never assigned (dynamic range)".to_owned(),
            (state, _) => format!("is {} in the registry", state.as_str()),
        };
        let records = self.sources.site_records(port).iter();
        let Some(claim) = SiteClaim::of(records, port, transport) else {
            return by_iana;
        };
        let by = plain(&claim.record().citation().to_string());
        let by_site = match (claim, plain(&claim.record().fields.service_name)) {
            (SiteClaim::Assigned(_), name) if !name.is_empty() => {
                format!("is assigned to {name} by {by} of this site")
            }
            (SiteClaim::Assigned(_), _) => format!("is assigned by {by} of this site"),
            (SiteClaim::Reserved(_) | SiteClaim::OtherTransport(_), _) => {
                format!("is held back by {by} of this site")
            }
        };
        format!("{by_site}; by IANA it {by_iana}")
    }
}

impl Group {
    fn at(address: IpAddr) -> Self {
        Self {
            places: BTreeMap::new(),
            ports: BTreeSet::new(),
            scope: Scope::of(address),
            kept_by: None,
            holders: BTreeSet::new(),
            notes: BTreeSet::new(),
            listened: false,
        }
    }

    fn add(&mut self, seen: Seen) {
        self.scope = self.scope.max(Scope::of(seen.address));
        let at = self.places.entry(seen.address).or_default();
        at.insert(seen.place);
        self.ports.insert(seen.port);
        self.listened |= seen.listens;
        self.holders.insert(seen.holder);
        self.notes.extend(seen.notes);
        // The first in order, so that the order of the sockets does not matter.
        self.kept_by = match (self.kept_by.take(), seen.kept_by) {
            (Some(known), Some(other)) => Some(known.min(other)),
            (known, other) => known.or(other),
        };
    }
}

/// A port that an engine passes on with no socket there.
fn published(publication: &Publication) -> Seen {
    let Publication {
        transport,
        address,
        port,
        to,
    } = publication;
    let container = called(&to.container);
    Seen {
        transport: *transport,
        address: *address,
        port: *port,
        place: bracketed(*address),
        holder: plain(&to.container.to_string()),
        kept_by: container.clone().map(KeptBy::Container),
        stated: Stated {
            container,
            ..Stated::default()
        },
        notes: vec![format!(
            "No socket was seen: the packet filter passes the port on to port {} of the container.",
            to.port
        )],
        by_chance: false,
        listens: false,
    }
}

/// Why no owner is named, and what to do about it.
fn not_seen(listener: &Listener, by_root: bool) -> String {
    let made = listener.creator.as_ref().map_or_else(String::new, |made| {
        format!(" It was made in {}.", plain(&made.to_string()))
    });
    match listener.owner_gap.as_ref().map(|gap| gap.why) {
        Some(Why::Kernel) => {
            format!("There is no program to name.{made}")
        }
        Some(Why::OtherPidNamespace) => format!(
            "Its owner lives in another pid namespace: learn again outside of this one to name it.{made}"
        ),
        Some(Why::Exited) => format!("Its owner went away while it was looked for.{made}"),
        _ if by_root => format!("Owner not seen, not even by root.{made}"),
        _ => format!("Owner not seen: run as root and learn again.{made}"),
    }
}

fn is_kernels(listener: &Listener) -> bool {
    let gap = listener.owner_gap.as_ref();
    gap.is_some_and(|gap| gap.why == Why::Kernel)
}

/// Where a listener is bound, as one writes it before a port.
pub(super) fn place(listener: &Listener) -> String {
    let address = bracketed(listener.address);
    match &listener.interface {
        Some(interface) => format!("{address} on {}", plain(interface)),
        None => address,
    }
}

fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

/// The container of which a comment speaks.
fn home(listener: &Listener) -> Option<&Container> {
    let published = listener.published.as_ref().map(|p| &p.container);
    published.or_else(|| listener.owners.first()?.container.as_ref())
}
