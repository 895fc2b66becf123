//! One round over all listeners: each is held against the rules, then each required rule against
//! all listeners.

mod drift;

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;

use portolan_inspect::{Namespaces, Options, Snapshot};
use portolan_ports::policy::{Policy, Rule, Ruling, Standing, Unlisted, ruling};
use portolan_ports::site::Citation;
use portolan_ports::system::LocalRanges;
use portolan_ports::{
    Expectation, Gap, Identification, Listener, Observation, Probe, Publication, Surroundings,
    Unseen,
};
use portolan_registry::{PortRange, Transport};

use super::{Check, UnseenRule, Violation, ViolationKind};
use crate::Sources;
use crate::survey::{Asked, Asking, ask};

/// The name under which a listener of which no rule speaks is reported.
const ALLOW_UNLISTED: &str = "allow-unlisted";

/// Looks once, and holds what listens against the policy of `sources` and against the site registry.
/// Only listeners that a rule with a protocol or a product covers, or such a record, are asked
/// anything, by the same restraint as in a survey; before the first byte is dialled privileges are dropped for good. The caller must not have
/// started another thread.
///
/// Rules speak of this host's own addresses: other network namespaces are not looked at.
///
/// `on_answer` is told how many listeners have answered and how many were asked.
#[must_use]
pub fn check(
    sources: &Sources<'_>,
    asking: &Asking,
    on_answer: &mut dyn FnMut(usize, usize),
) -> Check {
    let options = Options {
        namespaces: Namespaces::Own,
        ..Options::default()
    };
    let seen = portolan_inspect::listeners(&options);
    let host = portolan_inspect::host_name();
    let ranges = match sources.site {
        Some(_) => portolan_inspect::local_ranges(),
        None => LocalRanges::default(),
    };
    hold(sources, (seen, &ranges), host, asking, on_answer)
}

/// Holds what was seen against the policy.
pub(super) fn hold(
    sources: &Sources<'_>,
    (seen, ranges): (Snapshot, &LocalRanges),
    host: String,
    asking: &Asking,
    on_answer: &mut dyn FnMut(usize, usize),
) -> Check {
    let published = seen.publications.iter().map(without_socket);
    let own = |listener: &Listener| listener.namespace.is_none();
    let mut listeners: Vec<Listener> = seen.listeners.into_iter().filter(own).collect();
    listeners.extend(published);
    let expectations: Vec<Expectation<'_>> = listeners
        .iter()
        .map(|l| sources.expectation_here(l.port, l.transport))
        .collect();
    // Read while this process may still read them: asking drops privileges.
    let records = sources.site.map(|site| (site, site.records()));
    let Asked { answers, .. } = ask(&listeners, &expectations, asking, &speaks, on_answer);
    let held: Vec<Held<'_>> = listeners
        .iter()
        .zip(&expectations)
        .zip(&answers)
        .map(|((listener, expectation), (probe, identification))| Held {
            listener,
            expectation,
            probe,
            identification: identification.as_ref(),
            surroundings: Surroundings {
                ephemeral: ranges.ephemeral_with(listener.port),
                now: asking.now,
                ..Surroundings::default()
            },
        })
        .collect();
    let mut round = Round::default();
    for one in &held {
        round.listener(one);
    }
    for rule in sources.policy.rules.iter().filter(|r| r.is_required()) {
        round.required(rule, &held, &seen.gaps);
    }
    if let Some(gap) = blind(&seen.gaps) {
        round.could_be_anything(sources.policy, gap);
    }
    let assignments = records.map(|(site, records)| {
        for one in &held {
            round.drift(one);
        }
        round.could_drift(site, &seen.gaps);
        let valid = drift::valid(records, site.here(), asking.now);
        for record in &valid {
            round.idle(record, &held, &seen.gaps);
        }
        valid.len()
    });
    round.sort();
    let rules = sources.policy.rules.iter();
    let mut gaps = seen.gaps;
    gaps.extend(sources.site.into_iter().flat_map(|site| site.gaps()));
    Check {
        host,
        rules: rules.map(|r| (r.name.clone(), r.origin.clone())).collect(),
        assignments,
        undecided: round.undecided.into_iter().collect(),
        listeners: listeners.len(),
        violations: round.violations,
        unseen: round.unseen,
        gaps,
    }
}

/// A published port as a listener without a socket.
fn without_socket(publication: &Publication) -> Listener {
    let at = (publication.address, publication.port).into();
    Listener {
        published: Some(publication.to.clone()),
        ..Listener::new(publication.transport, at)
    }
}

fn has_socket(listener: &Listener) -> bool {
    let told = listener.owner_gap.is_some() || !listener.owners.is_empty();
    told || listener.inode != 0 || listener.published.is_none()
}

/// Whether a rule, or a record of the site registry, wants to know what speaks there.
fn speaks(listener: &Listener, expectation: &Expectation<'_>) -> Result<(), &'static str> {
    let mut expected = expectation.rules.iter().filter_map(|rule| rule.expected());
    let by_rule = expected.any(|expected| expected.speaks_of_the_wire());
    if !by_rule && !drift::speaks_of_the_wire(expectation) {
        return Err("no rule asks what speaks there");
    }
    match has_socket(listener) {
        true => Ok(()),
        false => Err("it is published without a socket"),
    }
}

/// The gap that leaves open which listeners there are.
fn blind(gaps: &[Gap]) -> Option<&Gap> {
    gaps.iter().find(|gap| gap.what == Unseen::Listeners)
}

/// A listener with all that is known of it.
struct Held<'s> {
    listener: &'s Listener,
    expectation: &'s Expectation<'s>,
    probe: &'s Probe,
    identification: Option<&'s Identification>,
    surroundings: Surroundings<'s>,
}

impl Held<'_> {
    fn observation(&self) -> Observation<'_> {
        Observation {
            listener: self.listener,
            probe: self.probe,
            identification: self.identification,
            surroundings: &self.surroundings,
        }
    }
}

/// What one thing is known by: sockets that share a place are told of once.
type Once = (String, Transport, IpAddr, u16, String);

/// What was found so far.
#[derive(Default)]
struct Round {
    violations: Vec<Violation>,
    unseen: Vec<UnseenRule>,
    /// The site's records that do not say by what their service is known.
    undecided: BTreeSet<Citation>,
    told: HashSet<Once>,
}

impl Round {
    fn listener(&mut self, held: &Held<'_>) {
        let expectation = held.expectation;
        let seen = held.observation();
        match ruling(expectation, &seen) {
            Ruling::Silent | Ruling::Kept(_) => {}
            Ruling::Denied(rule) => {
                let because = Ruling::DENIED.to_owned();
                self.broken(ViolationKind::Denied, rule, held.listener, because);
            }
            Ruling::Differs(rule, because) => {
                self.broken(ViolationKind::Differs, rule, held.listener, because);
            }
            Ruling::Unseen(rule, because) => self.not_seen(rule, held.listener, because),
            Ruling::Unlisted {
                severity,
                origin,
                because,
            } => {
                let listener = held.listener;
                if self.is_new(ALLOW_UNLISTED, listener, &because) {
                    self.violations.push(Violation {
                        kind: ViolationKind::Unlisted,
                        rule: ALLOW_UNLISTED.to_owned(),
                        origin: origin.clone().into(),
                        severity,
                        ports: PortRange::single(listener.port),
                        transport: Some(listener.transport),
                        listener: Some(listener.clone()),
                        because,
                    });
                }
            }
        }
    }

    /// Whether nothing was said yet of this rule at this place for this reason.
    fn is_new(&mut self, rule: &str, at: &Listener, because: &str) -> bool {
        self.told.insert((
            rule.to_owned(),
            at.transport,
            at.address,
            at.port,
            because.to_owned(),
        ))
    }

    fn broken(&mut self, kind: ViolationKind, rule: &Rule, listener: &Listener, because: String) {
        if self.is_new(&rule.name, listener, &because) {
            self.violations.push(Violation {
                kind,
                rule: rule.name.clone(),
                origin: rule.origin.clone().into(),
                severity: rule.severity,
                ports: PortRange::single(listener.port),
                transport: Some(listener.transport),
                listener: Some(listener.clone()),
                because,
            });
        }
    }

    fn not_seen(&mut self, rule: &Rule, listener: &Listener, because: String) {
        if self.is_new(&rule.name, listener, &because) {
            self.unseen.push(UnseenRule {
                rule: rule.name.clone(),
                origin: rule.origin.clone().into(),
                ports: PortRange::single(listener.port),
                transport: Some(listener.transport),
                listener: Some(listener.clone()),
                because,
            });
        }
    }

    /// A rule without its listener: missing, unless one was named as differing from this very rule,
    /// or it might be there.
    fn required(&mut self, rule: &Rule, held: &[Held<'_>], gaps: &[Gap]) {
        let mut doubt = None;
        for one in held {
            let listener = one.listener;
            if !rule.covers(listener.port, listener.transport) {
                continue;
            }
            match rule.judge(&one.observation()) {
                Standing::Kept => return,
                Standing::Unseen(why) => doubt = doubt.or(Some((listener, why))),
                Standing::Broken(_) => {}
            }
        }
        if let Some((listener, why)) = doubt {
            return self.not_seen(rule, listener, why);
        }
        // A listener that was held against another rule leaves this one unkept all the same, and a
        // system that lists the rules would show it as kept.
        let differs = |v: &Violation| v.kind == ViolationKind::Differs && v.rule == rule.name;
        if self.violations.iter().any(differs) {
            return;
        }
        let at = (rule.ports, rule.transport);
        if let Some(gap) = hides(rule, gaps) {
            return self.unseen.push(whole(rule, at, gap));
        }
        let others = held.iter().any(|one| {
            let listener = one.listener;
            rule.covers(listener.port, listener.transport)
        });
        let because = match others {
            true => "it is required, and none that listens there is it",
            false => "it is required, and nothing listens there",
        };
        self.violations.push(Violation {
            kind: ViolationKind::Missing,
            rule: rule.name.clone(),
            origin: rule.origin.clone().into(),
            severity: rule.severity,
            ports: rule.ports,
            transport: rule.transport,
            listener: None,
            because: because.to_owned(),
        });
    }

    /// Where listeners could not be listed, one may be where nothing may listen.
    fn could_be_anything(&mut self, policy: &Policy, gap: &Gap) {
        for rule in policy.rules.iter().filter(|r| r.expected().is_none()) {
            let at = (rule.ports, rule.transport);
            self.unseen.push(whole(rule, at, gap));
        }
        if let Unlisted::Denied { origin, .. } = &policy.unlisted {
            self.unseen.push(UnseenRule {
                rule: ALLOW_UNLISTED.to_owned(),
                origin: origin.clone().into(),
                ports: PortRange::ALL,
                transport: None,
                listener: None,
                because: not_listed(gap),
            });
        }
    }

    /// The gravest first, then by port.
    fn sort(&mut self) {
        let address = |listener: &Option<Listener>| listener.as_ref().map(|l| l.address);
        self.violations.sort_by_key(|v| {
            let grave = std::cmp::Reverse(v.severity);
            (grave, v.ports, v.transport, address(&v.listener))
        });
        self.unseen
            .sort_by_key(|u| (u.ports, u.transport, address(&u.listener)));
    }
}

/// A rule of which nothing at all could be seen.
fn whole(rule: &Rule, (ports, transport): (PortRange, Option<Transport>), gap: &Gap) -> UnseenRule {
    UnseenRule {
        rule: rule.name.clone(),
        origin: rule.origin.clone().into(),
        ports,
        transport,
        listener: None,
        because: not_listed(gap),
    }
}

fn not_listed(gap: &Gap) -> String {
    let what = match gap.what {
        Unseen::Containers => "what containers publish could not be seen",
        _ => "some listeners could not be listed",
    };
    match gap.detail.as_str() {
        "" => format!("{what} ({})", gap.why.as_str()),
        detail => format!("{what}: {detail}"),
    }
}

/// What may hide the listener that a rule requires.
fn hides<'g>(rule: &Rule, gaps: &'g [Gap]) -> Option<&'g Gap> {
    // A port that is published without a socket has no process.
    let by_process = |rule: &Rule| {
        let expected = rule.expected();
        expected.is_some_and(|e| e.program.is_some() || e.unit.is_some() || e.user.is_some())
    };
    let containers = || gaps.iter().find(|gap| gap.what == Unseen::Containers);
    blind(gaps).or_else(|| (!by_process(rule)).then(containers).flatten())
}

#[cfg(test)]
mod tests;
