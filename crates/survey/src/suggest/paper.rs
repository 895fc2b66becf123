//! What speaks for and against a port on every machine, or by this one's settings: the registry,
//! the facts, the policy, the ranges of systems, the site registry. No socket is looked at.

mod site;

use portolan_ports::knowledge::Fact;
use portolan_ports::policy::{Demand, Unlisted};
use portolan_ports::system::System;
use portolan_ports::{is_browser_blocked, knowledge};
use portolan_registry::{Assignment, Port, State, Transport, standing};

use super::Criteria;
use super::holders::Holders;
use super::reason::{Kind, Reason, Reasons, Side, list, transports};
use crate::Sources;

/// A fact about more ports than this claims none of them: it tells of a range in which a system
/// hands ports out, and that is what [`Criteria::avoid`] is for. A program's own range is often a
/// thousand ports and the one at its end.
pub const MOST_CLAIMED: u32 = 1024;

const PORT_BLOCKING: &str = "the Fetch standard, port blocking";
const RANGE_FILE: &str = "/proc/sys/net/ipv4/ip_local_port_range";

/// The sources, put in order once for however many ports.
#[derive(Debug)]
pub(super) struct Paper<'a> {
    sources: Sources<'a>,
    criteria: &'a Criteria,
    /// Facts that claim ports.
    claims: Vec<Fact<'a>>,
    /// Facts about ranges too large for that.
    wide: Vec<Fact<'a>>,
    /// For each port, whether a fact claims it.
    claimed: Vec<bool>,
    /// Who has the site's numbers.
    pub(super) holders: Holders<'a>,
}

impl<'a> Paper<'a> {
    /// Cost: one pass over all facts.
    pub(super) fn new(sources: &Sources<'a>, criteria: &'a Criteria) -> Self {
        let facts = sources.knowledge.facts();
        let (claims, wide): (Vec<_>, Vec<_>) =
            facts.partition(|fact| fact.ports.count() <= MOST_CLAIMED);
        let mut claimed = vec![false; usize::from(Port::MAX) + 1];
        for port in claims.iter().flat_map(|fact| fact.ports.ports()) {
            claimed[usize::from(port)] = true;
        }
        Self {
            sources: *sources,
            criteria,
            claims,
            wide,
            claimed,
            holders: Holders::of(sources.site, criteria),
        }
    }

    /// What a port is held to.
    pub(super) const fn criteria(&self) -> &'a Criteria {
        self.criteria
    }

    /// The transports that are asked for.
    pub(super) fn transports(&self) -> &'a [Transport] {
        &self.criteria.transports
    }

    /// What no record of the site changes, in the order in which it is told; the cheapest that rule
    /// out most come first.
    const QUESTIONS: [fn(&Self, Port, &mut Reasons); 7] = [
        Self::registry,
        Self::knowledge,
        Self::policy,
        Self::systems,
        Self::this_system,
        Self::browsers,
        Self::neighbours,
    ];

    /// The first reason against a port; the questions after it are not asked. The site registry is
    /// asked last, for it is the only one that may have to read a file.
    pub(super) fn against(&self, port: Port) -> Option<Kind> {
        self.written(port).or_else(|| self.held(port))
    }

    /// The same without the site registry: as long as nothing else changes, it need not be asked
    /// twice.
    pub(super) fn written(&self, port: Port) -> Option<Kind> {
        Self::QUESTIONS.iter().find_map(|ask| {
            let mut reasons = Reasons::default();
            ask(self, port, &mut reasons);
            reasons.against()
        })
    }

    /// Every reason. What the site says comes first: of its own hosts it knows best.
    pub(super) fn reasons(&self, port: Port) -> Vec<Reason> {
        let mut reasons = Reasons::default();
        self.site(port, &mut reasons);
        for ask in Self::QUESTIONS {
            ask(self, port, &mut reasons);
        }
        self.site_neighbours(port, &mut reasons);
        reasons.0
    }

    fn registry_of_date(&self) -> String {
        format!("IANA's registry of {}", self.sources.registry.date())
    }

    fn registry(&self, port: Port, reasons: &mut Reasons) {
        let rows = self.sources.registry.covering(port);
        for (first, places) in assigned(&rows) {
            let text = format!(
                "assigned to {}: {}",
                first.service_name(),
                first.description()
            );
            let source = format!("{}, {}", self.registry_of_date(), rows_at(&places));
            reasons.add(Side::Against, Kind::Assigned, text, source);
        }
        for (state, on, because) in self.states(&rows, port) {
            let (side, kind) = match state {
                State::Unassigned => (Side::For, Kind::Unassigned),
                State::Reserved => (Side::Against, Kind::Reserved),
                // Its row was told above.
                State::Assigned => continue,
            };
            let text = format!("{} on {}: {because}", state.as_str(), transports(&on));
            reasons.add(side, kind, text, self.registry_of_date());
        }
        for row in &rows {
            if !row.unauthorized_use().is_empty() {
                let text = format!(
                    "used without an assignment, as was reported to IANA: {}",
                    row.unauthorized_use()
                );
                let source = format!(
                    "{}, {}",
                    self.registry_of_date(),
                    rows_at(&[row.place().to_string()])
                );
                reasons.add(Side::Against, Kind::UnauthorizedUse, text, source);
            }
        }
    }

    /// What the registry makes of the port on the transports that are asked for, each answer once.
    fn states(&self, rows: &[Assignment<'a>], port: Port) -> Vec<(State, Vec<Transport>, String)> {
        let mut states: Vec<(State, Vec<Transport>, String)> = Vec::new();
        for &transport in &self.criteria.transports {
            let standing = standing(rows, port, transport);
            let because = standing.because.to_string();
            let same = |(state, _, told): &&mut (State, Vec<Transport>, String)| {
                *state == standing.state && *told == because
            };
            match states.iter_mut().find(same) {
                Some((_, on, _)) => on.push(transport),
                None => states.push((standing.state, vec![transport], because)),
            }
        }
        states
    }

    fn claims_on(&self, port: Port) -> impl Iterator<Item = &Fact<'a>> {
        let claimed = self.claimed[usize::from(port)];
        self.claims
            .iter()
            .filter(move |fact| claimed && fact.ports.contains(port))
    }

    fn knowledge(&self, port: Port, reasons: &mut Reasons) {
        for fact in self.claims_on(port) {
            reasons.add(Side::Against, Kind::Knowledge, said(fact), source_of(fact));
        }
        if !self.claimed[usize::from(port)] {
            let source = format!("knowledge of {}", self.sources.knowledge.date());
            let text = "no fact claims it alone or in a range of up to 1,024 ports";
            reasons.add(Side::For, Kind::Knowledge, text, source);
        }
        for fact in self.wide.iter().filter(|fact| fact.ports.contains(port)) {
            reasons.add(Side::Aside, Kind::Knowledge, said(fact), source_of(fact));
        }
    }

    fn policy(&self, port: Port, reasons: &mut Reasons) {
        let policy = self.sources.policy;
        let covers = |t: &Transport, rule: &portolan_ports::policy::Rule| rule.covers(port, *t);
        let mut named = false;
        for rule in &policy.rules {
            if !self.criteria.transports.iter().any(|t| covers(t, rule)) {
                continue;
            }
            named = true;
            let text = match rule.demand {
                Demand::Nothing => format!("the rule {} lets nothing listen here", rule.name),
                Demand::Listener(_) => format!("the rule {} gives it to a listener", rule.name),
            };
            reasons.add(Side::Against, Kind::Policy, text, rule.origin.to_string());
        }
        match &policy.unlisted {
            Unlisted::Denied { origin, .. } if !named => {
                let text = "the policy allows only listeners that a rule names: write one for it";
                reasons.add(Side::Aside, Kind::Policy, text, origin.to_string());
            }
            _ if !named && !policy.rules.is_empty() => {
                let text = "no rule of this host's policy speaks of it";
                reasons.add(Side::For, Kind::Policy, text, "this host's policy");
            }
            _ => {}
        }
    }

    fn systems(&self, port: Port, reasons: &mut Reasons) {
        for system in System::ALL {
            let (first, last) = system.takes();
            let inside = (first..=last).contains(&port);
            let (side, place) = match (self.criteria.avoid.contains(&system), inside) {
                (true, true) => (Side::Against, "in"),
                (true, false) => (Side::For, "outside"),
                (false, true) => (Side::Aside, "not avoided now: in"),
                (false, false) => continue,
            };
            let text = format!("{place} {first}-{last}, {}", system.takes_for());
            reasons.add(side, Kind::SystemRange, text, source_of_range(system));
        }
    }

    fn this_system(&self, port: Port, reasons: &mut Reasons) {
        let local = &self.criteria.local;
        let aside = local.reserved.iter().find(|range| range.contains(port));
        if let Some(range) = aside {
            let text = format!(
                "this system sets {range} aside for some program; if that is yours, this is no \
                 reason against it"
            );
            let source = "/proc/sys/net/ipv4/ip_local_reserved_ports";
            reasons.add(Side::Against, Kind::SetAside, text, source);
        }
        let takes = "from which this machine takes source ports itself";
        match local.ephemeral {
            Some(range) if !range.contains(port) => {
                let text = format!("outside {range}, {takes}");
                reasons.add(Side::For, Kind::Ephemeral, text, RANGE_FILE);
            }
            Some(range) if aside.is_none() => {
                let text = format!("in {range}, {takes}");
                reasons.add(Side::Against, Kind::Ephemeral, text, RANGE_FILE);
            }
            Some(_) => {}
            None => {
                let text = "this machine does not tell from which range it takes source ports";
                reasons.add(Side::Aside, Kind::Ephemeral, text, "this system");
            }
        }
        for gap in &local.gaps {
            reasons.add(Side::Aside, Kind::Unseen, &*gap.detail, "this system");
        }
        let from = local.unprivileged_from;
        // Nobody binds port 0, with privileges or without: bind(2) takes it to mean any port.
        if let Some(from) = from.filter(|from| port != 0 && port < *from) {
            let text = format!("below {from}, where a program needs privileges to bind it");
            let source = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
            reasons.add(Side::Aside, Kind::Privileged, text, source);
        }
    }

    fn browsers(&self, port: Port, reasons: &mut Reasons) {
        let (side, text) = if is_browser_blocked(port) {
            (Side::Against, "web browsers refuse it")
        } else {
            (Side::For, "web browsers do not refuse it")
        };
        reasons.add(side, Kind::Browser, text, PORT_BLOCKING);
    }

    /// The two ports beside it: neither a service name, on any transport, nor a claim.
    fn neighbours(&self, port: Port, reasons: &mut Reasons) {
        let mut quiet = true;
        let beside: Vec<Port> = [port.checked_sub(1), port.checked_add(1)]
            .into_iter()
            .flatten()
            .collect();
        for &neighbour in &beside {
            let rows = self.sources.registry.covering(neighbour);
            for (first, places) in assigned(&rows) {
                let text = format!("beside {neighbour}, assigned to {}", first.service_name());
                let source = format!("{}, {}", self.registry_of_date(), rows_at(&places));
                reasons.add(Side::Against, Kind::NeighbourClaim, text, source);
                quiet = false;
            }
            for fact in self.claims_on(neighbour) {
                quiet = false;
                // One that claims the port itself was told of it.
                if fact.ports.contains(port) {
                    continue;
                }
                let text = format!("beside {neighbour}, {}", said(fact));
                reasons.add(Side::Against, Kind::NeighbourClaim, text, source_of(fact));
            }
        }
        if quiet {
            let names: Vec<String> = beside.iter().map(ToString::to_string).collect();
            let text = format!("beside it, {} neither assigned nor claimed", are(&names));
            let source = format!(
                "{}, knowledge of {}",
                self.registry_of_date(),
                self.sources.knowledge.date()
            );
            reasons.add(Side::For, Kind::NeighbourClaim, text, source);
        }
    }
}

fn are(names: &[String]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", list(names))
}

/// The services that rows name, each once with the places of its rows, in the file's order.
fn assigned<'a>(rows: &[Assignment<'a>]) -> Vec<(Assignment<'a>, Vec<String>)> {
    let mut services: Vec<(Assignment<'a>, Vec<String>)> = Vec::new();
    for row in rows.iter().filter(|row| row.is_named()) {
        let place = row.place().to_string();
        let same = |(first, _): &&mut (Assignment<'a>, Vec<String>)| {
            first.service_name() == row.service_name()
        };
        match services.iter_mut().find(same) {
            Some((_, places)) => places.push(place),
            None => services.push((*row, vec![place])),
        }
    }
    services
}

fn rows_at(places: &[String]) -> String {
    let word = if places.len() == 1 { "row" } else { "rows" };
    format!("{word} {}", list(places))
}

/// A fact's sentence, without its full stop.
fn said(fact: &Fact<'_>) -> String {
    use knowledge::FactKind;
    let kind = match fact.kind {
        FactKind::OfficialUse => "official use",
        FactKind::UnofficialUse => "unofficial use",
        FactKind::Risk => "risk",
        FactKind::Malware => "malware",
        FactKind::History => "history",
    };
    let range = if fact.ports.is_single() {
        String::new()
    } else {
        format!(" of {}", fact.ports)
    };
    let doubt = if fact.verified { "" } else { " (not verified)" };
    format!("{kind}{range}{doubt}: {}", fact.text.trim_end_matches('.'))
}

fn source_of(fact: &Fact<'_>) -> String {
    format!("{}, {}", fact.source_title, fact.source)
}

/// Where a system's range is written.
const fn source_of_range(system: System) -> &'static str {
    match system {
        System::Linux => "Linux, Documentation/networking/ip-sysctl.rst",
        System::Windows => "Microsoft, the default dynamic port range for TCP/IP",
        System::MacOs => "xnu, bsd/netinet/in_pcb.c",
        System::FreeBsd => "FreeBSD, sys/netinet/in_pcb.c",
        System::Kubernetes => "Kubernetes, kube-apiserver --service-node-port-range",
    }
}
