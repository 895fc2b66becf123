//! `portolan check --json`: what breaks the policy, and what could not be judged.

use portolan_ports::policy::Rule;
use portolan_ports::site::Citation;
use portolan_ports::{Gap, Listener};
use portolan_registry::{PortRange, Transport};
use serde::Serialize;

use super::{GapCount, ListenerDocument};
use crate::Sources;
use crate::check::since::{Earlier, Since};
use crate::check::{Basis, Check, UnseenRule, Violation};

/// `portolan check --json`.
#[derive(Debug, Serialize)]
pub struct CheckDocument<'a> {
    schema: &'static str,
    host: &'a str,
    observed_at: &'a str,
    policy: &'a [String],
    rules: usize,
    /// Only with a site registry: how many of its assignments are valid on this host.
    #[serde(skip_serializing_if = "Option::is_none")]
    assignments: Option<usize>,
    /// Only with a site registry: the assignments that do not say by what their service is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    undecided: Option<Vec<String>>,
    listeners: usize,
    violations: Vec<ViolationDocument<'a>>,
    unseen: Vec<UnseenRuleDocument<'a>>,
    gaps: Vec<GapCount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<SinceDocument>,
}

/// What became of an earlier check's findings.
#[derive(Debug, Serialize)]
struct SinceDocument {
    observed_at: String,
    known_violations: usize,
    known_unseen: usize,
    gone: usize,
}

#[derive(Debug, Serialize)]
struct ViolationDocument<'a> {
    rule: &'a str,
    kind: &'static str,
    severity: &'static str,
    #[serde(flatten)]
    place: PlaceDocument<'a>,
    because: &'a str,
    /// Only beside an earlier check: whether that one had found it already.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<bool>,
}

#[derive(Debug, Serialize)]
struct UnseenRuleDocument<'a> {
    rule: &'a str,
    #[serde(flatten)]
    place: PlaceDocument<'a>,
    because: &'a str,
    /// Only beside an earlier check: whether that one had found it already.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<bool>,
}

/// Where the rule is written, or which record it is, and of what it speaks.
#[derive(Debug, Serialize)]
struct PlaceDocument<'a> {
    file: Option<&'a str>,
    line: Option<u64>,
    column: Option<u32>,
    /// Only where it rests on a record of the site registry's database.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<u64>,
    transport: Option<&'static str>,
    port: PortsDocument,
    address: Option<String>,
    listener: Option<ListenerDocument<'a>>,
}

/// A number, or a range as a text.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum PortsDocument {
    One(u16),
    Range(String),
}

impl PortsDocument {
    fn of(ports: PortRange) -> Self {
        match ports.is_single() {
            true => Self::One(ports.first()),
            false => Self::Range(ports.to_string()),
        }
    }
}

impl<'a> PlaceDocument<'a> {
    fn new(
        basis: &'a Basis,
        (ports, transport): (PortRange, Option<Transport>),
        listener: Option<&'a Listener>,
        sources: &Sources<'a>,
    ) -> Self {
        let described = |listener: &'a Listener| {
            let (port, transport) = (listener.port, listener.transport);
            let standing = sources.registry.standing(port, transport);
            ListenerDocument::new(listener, standing).with_site(sources.assigned(port, transport))
        };
        let (file, line, column) = match basis {
            Basis::Rule(origin) => {
                let line = u64::from(origin.line);
                (Some(&*origin.file), Some(line), Some(origin.column))
            }
            Basis::Site(record) => {
                let written = record.as_ref().and_then(Citation::line);
                (
                    written.map(|(file, _)| file),
                    written.map(|(_, line)| line),
                    None,
                )
            }
        };
        Self {
            file,
            line,
            column,
            record: basis.record(),
            transport: transport.map(Transport::as_str),
            port: PortsDocument::of(ports),
            address: listener.map(|listener| listener.address.to_string()),
            listener: listener.map(described),
        }
    }
}

impl<'a> CheckDocument<'a> {
    /// `policy` are the files that were read; `observed_at` is RFC 3339.
    #[must_use]
    pub fn new(
        check: &'a Check,
        policy: &'a [String],
        sources: &Sources<'a>,
        observed_at: &'a str,
    ) -> Self {
        Self::beside(check, None, policy, sources, observed_at)
    }

    /// The same beside an earlier check. It holds everything that was found, so that it can be the
    /// earlier one of the next; each finding says whether it was known.
    #[must_use]
    pub fn since(
        check: &'a Check,
        (since, earlier): (&Since, &Earlier),
        policy: &'a [String],
        sources: &Sources<'a>,
        observed_at: &'a str,
    ) -> Self {
        let since = SinceDocument {
            observed_at: earlier.observed_at().to_owned(),
            known_violations: since.known.violations.len(),
            known_unseen: since.known.unseen.len(),
            gone: since.gone,
        };
        Self {
            since: Some(since),
            ..Self::beside(check, Some(earlier), policy, sources, observed_at)
        }
    }

    fn beside(
        check: &'a Check,
        earlier: Option<&Earlier>,
        policy: &'a [String],
        sources: &Sources<'a>,
        observed_at: &'a str,
    ) -> Self {
        let violation = |found: &'a Violation| {
            let at = (found.ports, found.transport);
            ViolationDocument {
                rule: &found.rule,
                kind: found.kind.as_str(),
                severity: found.severity.as_str(),
                place: PlaceDocument::new(&found.origin, at, found.listener.as_ref(), sources),
                because: &found.because,
                known: earlier.map(|earlier| earlier.knows_violation(found)),
            }
        };
        let unseen = |found: &'a UnseenRule| {
            let at = (found.ports, found.transport);
            UnseenRuleDocument {
                rule: &found.rule,
                place: PlaceDocument::new(&found.origin, at, found.listener.as_ref(), sources),
                because: &found.because,
                known: earlier.map(|earlier| earlier.knows_unseen(found)),
            }
        };
        Self {
            schema: "portolan.check/1",
            host: &check.host,
            observed_at,
            policy,
            rules: check.rules.len(),
            assignments: check.assignments,
            undecided: check
                .assignments
                .map(|_| check.undecided.iter().map(ToString::to_string).collect()),
            listeners: check.listeners,
            violations: check.violations.iter().map(violation).collect(),
            unseen: check.unseen.iter().map(unseen).collect(),
            gaps: GapCount::count(gaps(check)),
            since: None,
        }
    }
}

/// One rule of this host's policy.
#[derive(Debug, Serialize)]
pub(super) struct RuleDocument<'a> {
    rule: &'a str,
    demand: String,
    denied: bool,
    required: bool,
    severity: &'static str,
    transport: Option<&'static str>,
    port: PortsDocument,
    file: &'a str,
    line: u32,
    column: u32,
}

impl<'a> RuleDocument<'a> {
    pub(super) fn new(rule: &'a Rule) -> Self {
        Self {
            rule: &rule.name,
            demand: rule.demand.to_string(),
            denied: rule.expected().is_none(),
            required: rule.is_required(),
            severity: rule.severity.as_str(),
            transport: rule.transport.map(Transport::as_str),
            port: PortsDocument::of(rule.ports),
            file: &rule.origin.file,
            line: rule.origin.line,
            column: rule.origin.column,
        }
    }
}

/// Those of the listeners that are told, and those beyond them.
fn gaps(check: &Check) -> impl Iterator<Item = &Gap> {
    let broken = check.violations.iter().map(|found| &found.listener);
    let unseen = check.unseen.iter().map(|found| &found.listener);
    let own = broken.chain(unseen).flatten();
    own.filter_map(|listener| listener.owner_gap.as_ref())
        .chain(&check.gaps)
}
