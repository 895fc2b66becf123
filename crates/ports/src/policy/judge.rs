//! Holding what was seen against the rules. Rules for one port are alternatives; a denial always
//! wins; what was not seen is never called broken.

use std::net::IpAddr;

use super::{Expected, Origin, Rule, Unlisted};
use crate::expectation::Expectation;
use crate::finding::Severity;
use crate::gap::Why;
use crate::identification::{Certainty, Identification, ProbeState};
use crate::listener::Listener;
use crate::owner::{Container, Owner};
use crate::protocol::{Relation, relate, wire_form};
use crate::site;
use crate::verdict::{Observation, unproven};

/// How a listener stands to one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is what the rule expects, all of it seen.
    Kept,
    /// It is not; each difference, as the end of a sentence. Never empty.
    Broken(Vec<String>),
    /// Something that the rule speaks of could not be seen; what, and why, as the end of a sentence.
    Unseen(String),
}

/// How a listener stands to all the rules that cover it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling<'a> {
    /// No rule speaks of it, and it may be there.
    Silent,
    /// This rule expects it.
    Kept(&'a Rule),
    /// No rule speaks of it, and what no rule speaks of may not be there.
    Unlisted {
        /// How grave that is.
        severity: Severity,
        /// Where that is said, or the first rule that expects something where it is not.
        origin: &'a Origin,
        /// Why, as the end of a sentence.
        because: String,
    },
    /// This rule wants nothing to listen here.
    Denied(&'a Rule),
    /// No rule is kept; this one comes nearest. Why, as the end of a sentence.
    Differs(&'a Rule, String),
    /// No rule is kept as far as was seen, and this one might be. What was not seen, as the end of a
    /// sentence.
    Unseen(&'a Rule, String),
}

impl Ruling<'_> {
    /// Why a listener is unlisted where a file says that none may be, as the end of a sentence.
    const UNLISTED: &'static str = "no rule of the policy speaks of it";

    /// The same where no file says so: the place that is named with it speaks of something else.
    const UNLISTED_BY_DEFAULT: &'static str = "no rule of the policy speaks of it (allow-unlisted is false by default once something is expected)";

    /// Why a listener is denied, as the end of a sentence.
    pub const DENIED: &'static str = "nothing may listen here";
}

/// Holds a listener against the rules that cover its port and transport. Total. Rules speak
/// of this host's addresses: of a listener in another network namespace they say nothing. What the
/// site registry assigns and matches is unlisted only where a file says so.
#[must_use]
pub fn ruling<'a>(expectation: &Expectation<'a>, seen: &Observation<'_>) -> Ruling<'a> {
    if seen.listener.namespace.is_some() {
        return Ruling::Silent;
    }
    if let Some(denial) = expectation
        .rules
        .iter()
        .find(|rule| rule.expected().is_none())
    {
        return Ruling::Denied(denial);
    }
    let mut nearest: Option<(&Rule, Vec<String>)> = None;
    let mut unseen = None;
    for rule in expectation.rules.iter().copied() {
        match rule.judge(seen) {
            Standing::Kept => return Ruling::Kept(rule),
            Standing::Unseen(why) => unseen = unseen.or(Some((rule, why))),
            Standing::Broken(clauses) => {
                let known = nearest.as_ref();
                if known.is_none_or(|(_, fewest)| clauses.len() < fewest.len()) {
                    nearest = Some((rule, clauses));
                }
            }
        }
    }
    match (unseen, nearest, expectation.unlisted) {
        (Some((rule, why)), ..) => Ruling::Unseen(rule, why),
        (None, Some((rule, clauses)), _) => Ruling::Differs(rule, clauses.join("; ")),
        (None, None, Unlisted::Allowed) => Ruling::Silent,
        (
            None,
            None,
            Unlisted::Denied {
                severity,
                said,
                origin,
            },
        ) => {
            let said = match (said, site::ruling(expectation, seen)) {
                (false, site::Ruling::Kept(..)) => return Ruling::Silent,
                (true, _) => Ruling::UNLISTED,
                (false, _) => Ruling::UNLISTED_BY_DEFAULT,
            };
            let records = expectation.assigned_by_site();
            let today = seen.surroundings.today();
            let mut valid = records.filter(|r| today.is_none_or(|today| !r.is_expired(today)));
            let because = match valid.next() {
                None => said.to_owned(),
                Some(record) => format!("{said}; {}", site::assigns(record, seen.listener)),
            };
            Ruling::Unlisted {
                severity: *severity,
                origin,
                because,
            }
        }
    }
}

impl Rule {
    /// Holds a listener against this rule alone. What is broken outranks what was not seen.
    #[must_use]
    pub fn judge(&self, seen: &Observation<'_>) -> Standing {
        match self.expected() {
            Some(expected) => expected.judge(seen),
            None => Standing::Broken(vec![Ruling::DENIED.to_owned()]),
        }
    }
}

impl Expected {
    /// Holds a listener against these words alone. What is broken outranks what was not seen.
    #[must_use]
    pub fn judge(&self, seen: &Observation<'_>) -> Standing {
        let mut broken = Vec::new();
        let mut unseen = Vec::new();
        for clause in self.clauses(seen) {
            match clause {
                Clause::Kept => {}
                Clause::Broken(why) => broken.push(why),
                Clause::Unseen(why) if unseen.contains(&why) => {}
                Clause::Unseen(why) => unseen.push(why),
            }
        }
        match (broken.is_empty(), unseen.is_empty()) {
            (false, _) => Standing::Broken(broken),
            (true, false) => Standing::Unseen(unseen.join("; ")),
            (true, true) => Standing::Kept,
        }
    }
}

/// How a listener stands to one word of a rule.
enum Clause {
    Kept,
    Broken(String),
    Unseen(String),
}

impl Clause {
    fn differs(what: &str, found: &str, wanted: &str) -> Self {
        Self::Broken(format!("its {what} is {found}, not {wanted}"))
    }
}

impl Expected {
    /// Every word of the rule, those about owners first.
    fn clauses(&self, seen: &Observation<'_>) -> Vec<Clause> {
        let listener = seen.listener;
        let mut clauses = Vec::new();
        if let Some(wanted) = &self.program {
            clauses.push(every(listener, "program", |owner| {
                program(owner, wanted, self.executable.as_deref())
            }));
        }
        if let Some(wanted) = &self.user {
            clauses.push(every(listener, "user", |owner| user(owner, wanted)));
        }
        if let Some(wanted) = &self.unit {
            clauses.push(unit(listener, wanted));
        }
        if let Some(wanted) = &self.container {
            clauses.push(container(listener, wanted));
        }
        if let Some(wanted) = &self.protocol {
            clauses.push(protocol(seen, wanted));
        }
        if let Some(wanted) = &self.product {
            clauses.push(product(seen, wanted));
        }
        if let Some(wanted) = self.address {
            clauses.push(address(listener, wanted));
        }
        if let Some(widest) = self.scope.filter(|widest| listener.scope() > *widest) {
            clauses.push(Clause::Broken(format!(
                "its scope is {}, wider than {}",
                listener.scope().as_str(),
                widest.as_str()
            )));
        }
        clauses
    }
}

/// The owners that a rule speaks of: not systemd, where it only keeps the socket of a socket unit
/// for the service that serves there.
pub(crate) fn owners(listener: &Listener) -> impl Iterator<Item = &Owner> {
    let keeps = |owner: &Owner| owner.pid == 1 || owner.program == "systemd";
    let served = listener.socket_unit.is_some() && listener.owners.iter().any(|o| !keeps(o));
    listener
        .owners
        .iter()
        .filter(move |owner| !served || !keeps(owner))
}

/// The worst that is true of any owner. A listener without owners is unseen, unless it is the kernel
/// that holds it.
fn every(listener: &Listener, what: &str, of: impl Fn(&Owner) -> Clause) -> Clause {
    if listener.owners.is_empty() {
        return match &listener.owner_gap {
            Some(gap) if gap.why == Why::Kernel => {
                Clause::Broken("no process holds it, the kernel does".to_owned())
            }
            Some(gap) if !gap.detail.is_empty() => {
                Clause::Unseen(format!("its {what} is hidden: {}", gap.detail))
            }
            Some(gap) => Clause::Unseen(format!("its {what} is hidden ({})", gap.why.as_str())),
            None => match &listener.published {
                Some(to) => Clause::Broken(format!(
                    "no process holds it, the packet filter passes it on to {}",
                    to.container
                )),
                None => Clause::Unseen(format!("its {what} was not seen")),
            },
        };
    }
    let mut worst = Clause::Kept;
    for owner in owners(listener) {
        match of(owner) {
            broken @ Clause::Broken(_) => return broken,
            unseen @ Clause::Unseen(_) if matches!(worst, Clause::Kept) => worst = unseen,
            Clause::Kept | Clause::Unseen(_) => {}
        }
    }
    worst
}

/// A name is held against the program's name, a path and the file it leads to against its
/// executable.
fn program(owner: &Owner, wanted: &str, executable: Option<&str>) -> Clause {
    if !wanted.contains('/') {
        return match owner.program == wanted {
            true => Clause::Kept,
            false => Clause::differs("program", &owner.program, wanted),
        };
    }
    match owner.exe.as_deref() {
        Some(exe) if exe == wanted || Some(exe) == executable => Clause::Kept,
        Some(exe) => Clause::differs("program", exe, wanted),
        None => Clause::Unseen(format!(
            "where the executable of {} lies is hidden",
            owner.program
        )),
    }
}

/// A name, or the number of a user.
fn user(owner: &Owner, wanted: &str) -> Clause {
    let number = owner.uid.map(|uid| uid.to_string());
    match (owner.user.as_deref(), number) {
        (Some(name), _) if name == wanted => Clause::Kept,
        (_, Some(number)) if number == wanted => Clause::Kept,
        (Some(name), _) => Clause::differs("user", name, wanted),
        (None, Some(number)) => Clause::Unseen(format!(
            "its user is {number}, for which the user database has no name"
        )),
        (None, None) => Clause::Unseen("its user could not be read".to_owned()),
    }
}

/// The unit that its owners live in, or the socket unit that systemd listens for.
fn unit(listener: &Listener, wanted: &str) -> Clause {
    let socket_unit = listener.socket_unit.as_ref().map(|unit| unit.0.as_str());
    if socket_unit == Some(wanted) {
        return Clause::Kept;
    }
    every(listener, "unit", |owner| {
        match owner.unit.as_ref().map(|unit| unit.0.as_str()) {
            Some(unit) if unit == wanted => Clause::Kept,
            // Of systemd's own unit, which holds every socket unit's socket, nobody speaks.
            Some(unit) => Clause::differs("unit", socket_unit.unwrap_or(unit), wanted),
            None => Clause::Broken(format!("it has no unit, and should be {wanted}")),
        }
    })
}

/// The container that its owners live in, or that an engine publishes the port for.
fn container(listener: &Listener, wanted: &str) -> Clause {
    if let Some(published) = &listener.published {
        return in_container(&published.container, wanted);
    }
    every(listener, "container", |owner| match &owner.container {
        Some(container) => in_container(container, wanted),
        None => Clause::Broken(format!("it has no container, and should be in {wanted}")),
    })
}

/// The fewest characters that stand for a whole id: as many as engines show.
const SHORT_ID: usize = 12;

fn in_container(container: &Container, wanted: &str) -> Clause {
    let by_id = wanted.len() >= SHORT_ID && container.id.starts_with(wanted);
    match container.name.as_deref() {
        _ if by_id => Clause::Kept,
        Some(name) if name == wanted => Clause::Kept,
        Some(name) => Clause::differs("container", name, wanted),
        None => Clause::Unseen(format!(
            "what its container {container} is called could not be asked"
        )),
    }
}

/// What was proven on the wire to answer.
pub(crate) fn proven<'s>(seen: &Observation<'s>) -> Option<&'s Identification> {
    seen.identification
        .filter(|i| i.certainty == Certainty::Proven && seen.probe.state == ProbeState::Proven)
}

/// A protocol by its own name, or a registered service that it satisfies.
fn protocol(seen: &Observation<'_>, wanted: &str) -> Clause {
    let Some(answer) = proven(seen) else {
        return Clause::Unseen(format!("its protocol is not proven: {}", unproven(seen)));
    };
    if wanted == "tls" && (answer.tls || answer.protocol == "tls") {
        return Clause::Kept;
    }
    // A protocol that is no registered service has no form that TLS could contradict.
    if wire_form(wanted).is_none() && answer.protocol == wanted {
        return Clause::Kept;
    }
    match relate(answer, wanted) {
        Relation::Satisfied => Clause::Kept,
        Relation::Contradicted(_) => Clause::differs("protocol", &answer.spoken(), wanted),
        Relation::Undecided(why) => Clause::Unseen(why),
    }
}

/// A product by its key, whichever its case.
fn product(seen: &Observation<'_>, wanted: &str) -> Clause {
    let Some(answer) = proven(seen) else {
        return Clause::Unseen(format!("its product is not proven: {}", unproven(seen)));
    };
    match answer.product.as_deref() {
        Some(product) if product.eq_ignore_ascii_case(wanted) => Clause::Kept,
        Some(product) => Clause::differs("product", product, wanted),
        None => Clause::Unseen(format!(
            "the {} that answers does not say which product it is",
            answer.spoken()
        )),
    }
}

fn address(listener: &Listener, wanted: IpAddr) -> Clause {
    let found = listener.address;
    match found.to_canonical() == wanted.to_canonical() {
        true => Clause::Kept,
        false => Clause::Broken(format!("it is bound to {found}, not {wanted}")),
    }
}
