//! The judgement: one verdict for one listener, with its reason and that reason's sources.

use crate::expectation::Expectation;
use crate::finding::{self, Finding, Surroundings};
use crate::identification::{Identification, Probe, ProbeState};
use crate::knowledge::Fact;
use crate::listener::Listener;
use crate::policy::{Rule, Ruling, proven, ruling};
use crate::protocol::{Relation, relate};
use crate::site;
use portolan_registry::State;

/// What was seen of one listener.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The listener.
    pub listener: &'a Listener,
    /// How far it was asked.
    pub probe: &'a Probe,
    /// What answered, where that was proven.
    pub identification: Option<&'a Identification>,
    /// What else this machine says about the port.
    pub surroundings: &'a Surroundings<'a>,
}

/// The judgement on one listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which of the seven.
    pub kind: VerdictKind,
    /// Why, as one sentence without a full stop.
    pub because: String,
    /// Where the reason was read: a rule, a registry row, a web address.
    pub sources: Vec<String>,
    /// What else deserves attention.
    pub findings: Vec<Finding>,
}

/// The seven verdicts, by precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VerdictKind {
    /// The host's policy says otherwise.
    Violation,
    /// The host's policy or the site registry names it, and it matches.
    Expected,
    /// What was proven to answer is a service assigned to this port.
    Registered,
    /// Not the assigned one, but knowledge names it for this port, with a source.
    Customary,
    /// The port is assigned, and what answers contradicts that.
    Mismatch,
    /// The port is not assigned, and what answers is known.
    Unregistered,
    /// Nothing is proven, or what is proven does not decide.
    Unknown,
}

impl VerdictKind {
    /// Every kind, by precedence.
    pub const ALL: [Self; 7] = [
        Self::Violation,
        Self::Expected,
        Self::Registered,
        Self::Customary,
        Self::Mismatch,
        Self::Unregistered,
        Self::Unknown,
    ];

    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Violation => "violation",
            Self::Expected => "expected",
            Self::Registered => "registered",
            Self::Customary => "customary",
            Self::Mismatch => "mismatch",
            Self::Unregistered => "unregistered",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it deserves a person's attention by itself.
    #[must_use]
    pub const fn needs_attention(self) -> bool {
        matches!(self, Self::Violation | Self::Mismatch)
    }
}

impl Verdict {
    /// Whether the verdict or a finding deserves a person's attention.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        self.kind.needs_attention() || self.findings.iter().any(|f| f.severity.needs_attention())
    }
}

/// Judges what was seen by what is supposed to be there. Total: every input has one verdict.
#[must_use]
pub fn judge(expectation: &Expectation<'_>, seen: &Observation<'_>) -> Verdict {
    let (kind, because, sources) = decide(expectation, seen);
    Verdict {
        kind,
        because,
        sources,
        findings: finding::findings(expectation, seen),
    }
}

type Decision = (VerdictKind, String, Vec<String>);

fn decide(expectation: &Expectation<'_>, seen: &Observation<'_>) -> Decision {
    if let Some(decision) = by_policy(expectation, seen) {
        return decision;
    }
    if let Some(decision) = by_site(expectation, seen) {
        return decision;
    }
    match proven(seen) {
        Some(answer) => by_wire(expectation, answer),
        None => (VerdictKind::Unknown, unproven(seen), Vec::new()),
    }
}

/// What the host's rules say; what could not be seen decides nothing here.
fn by_policy(expectation: &Expectation<'_>, seen: &Observation<'_>) -> Option<Decision> {
    let by = |rule: &Rule| vec![format!("policy: {} ({})", rule.name, rule.origin)];
    let broken = |rule: &Rule, why: &str| {
        let because = format!("rule {:?} is broken: {why}", rule.name);
        Some((VerdictKind::Violation, because, by(rule)))
    };
    match ruling(expectation, seen) {
        Ruling::Silent | Ruling::Unseen(..) => None,
        Ruling::Kept(rule) => {
            let because = format!("rule {:?} expects this listener", rule.name);
            Some((VerdictKind::Expected, because, by(rule)))
        }
        Ruling::Denied(rule) => broken(rule, Ruling::DENIED),
        Ruling::Differs(rule, why) => broken(rule, &why),
        Ruling::Unlisted {
            origin, because, ..
        } => {
            let source = vec![format!("policy: allow-unlisted ({origin})")];
            Some((VerdictKind::Violation, because, source))
        }
    }
}

/// What the site registry says, which outranks IANA's: where it assigns the port, IANA's rows decide
/// nothing any more.
fn by_site(expectation: &Expectation<'_>, seen: &Observation<'_>) -> Option<Decision> {
    let (kind, record, because) = match site::ruling(expectation, seen) {
        site::Ruling::Silent => return None,
        site::Ruling::Kept(record, why) => (VerdictKind::Expected, record, format!("and {why}")),
        // Without proof on the wire it is a finding, and no verdict.
        site::Ruling::Broken(record, why) => {
            let kind = match why.on_the_wire {
                true => VerdictKind::Mismatch,
                false => VerdictKind::Unknown,
            };
            (kind, record, format!("but {}", why.because))
        }
        site::Ruling::Unseen(record, why) | site::Ruling::Undecided(record, why) => {
            (VerdictKind::Unknown, record, format!("and {why}"))
        }
    };
    let because = format!("{}, {because}", site::assigns(record, seen.listener));
    Some((kind, because, vec![record.source()]))
}

fn by_wire(expectation: &Expectation<'_>, answer: &Identification) -> Decision {
    let mut contradictions = Vec::new();
    let mut undecided = None;
    for row in expectation.named() {
        let source = || vec![format!("IANA registry, row {}", row.place())];
        match relate(answer, row.service_name()) {
            Relation::Satisfied => {
                let because = format!(
                    "{} answers, and {} is assigned to it",
                    answer.spoken(),
                    row.place()
                );
                return (VerdictKind::Registered, because, source());
            }
            Relation::Contradicted(why) => contradictions.push((row.service_name(), why, source())),
            Relation::Undecided(why) => undecided = undecided.or(Some((why, source()))),
        }
    }
    if let Some(fact) = expectation
        .facts
        .iter()
        .find(|fact| is_customary(fact, answer))
    {
        let because = format!(
            "{} answers; {}",
            answer.spoken(),
            fact.text.trim_end_matches('.')
        );
        return (
            VerdictKind::Customary,
            because,
            vec![fact.source.to_owned()],
        );
    }
    if let Some((why, source)) = undecided {
        return (VerdictKind::Unknown, why, source);
    }
    let place = format!("{}/{}", expectation.port, expectation.transport);
    let mut contradictions = contradictions.into_iter();
    if let Some((_, why, source)) = contradictions.next() {
        let others: Vec<&str> = contradictions.map(|(name, ..)| name).collect();
        let nor = match others.as_slice() {
            [] => String::new(),
            names => format!("; nor is it {}", names.join(", ")),
        };
        return (
            VerdictKind::Mismatch,
            format!("{place} is assigned: {why}{nor}"),
            source,
        );
    }
    debug_assert_ne!(expectation.registry.state, State::Assigned);
    let because = format!(
        "{} answers, and {place} is {}: {}",
        answer.spoken(),
        expectation.registry.state.as_str(),
        expectation.registry.because
    );
    (
        VerdictKind::Unregistered,
        because,
        vec!["IANA registry".to_owned()],
    )
}

/// Only a verified fact with a source sways a verdict.
fn is_customary(fact: &Fact<'_>, answer: &Identification) -> bool {
    fact.verified
        && fact.is_use()
        && match (fact.product, fact.protocol) {
            (Some(product), _) => answer.product.as_deref() == Some(product),
            (None, Some(protocol)) => {
                answer.protocol == protocol || relate(answer, protocol) == Relation::Satisfied
            }
            (None, None) => false,
        }
}

/// Why nothing is proven on the wire, as the end of a sentence.
pub(crate) fn unproven(seen: &Observation<'_>) -> String {
    let why = seen.probe.why.as_deref();
    match (seen.probe.state, why) {
        (ProbeState::Skipped, Some(why)) => format!("not asked: {why}"),
        (ProbeState::Skipped, None) => "not asked".to_owned(),
        (ProbeState::Silent, _) => "it takes connections and says nothing".to_owned(),
        (ProbeState::Refused, Some(why)) => format!("it could not be asked: {why}"),
        (ProbeState::Refused, None) => "it refused the connection".to_owned(),
        (ProbeState::Inconclusive | ProbeState::Proven, Some(why)) => {
            format!("no known protocol is proven: {why}")
        }
        (ProbeState::Inconclusive | ProbeState::Proven, None) => {
            "it answered, and no known protocol is proven".to_owned()
        }
    }
}
