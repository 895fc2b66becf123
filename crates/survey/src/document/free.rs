//! `portolan free --json`: the plan, and what came of it.

use portolan_act::{Refusal, Step};
use portolan_registry::Registry;
use serde::Serialize;

use super::{GapCount, ListenerDocument, PublicationDocument};
use crate::free::{Done, Prepared, Taken};

/// `portolan free --json`.
#[derive(Debug, Serialize)]
pub struct FreeDocument<'a> {
    schema: &'static str,
    host: &'a str,
    observed_at: &'a str,
    port: u16,
    transport: Option<&'static str>,
    address: Option<String>,
    act: &'static str,
    grace_ms: u64,
    state: &'static str,
    listeners: Vec<ListenerDocument<'a>>,
    publications: Vec<PublicationDocument<'a>>,
    instead: Vec<ListenerDocument<'a>>,
    connections: usize,
    steps: Vec<StepDocument<'a>>,
    refusals: Vec<RefusalDocument<'a>>,
    left: Option<Vec<ListenerDocument<'a>>>,
    gaps: Vec<GapCount>,
}

#[derive(Debug, Serialize)]
struct StepDocument<'a> {
    kind: &'static str,
    says: String,
    command: Option<Vec<String>>,
    pid: Option<u32>,
    outcome: Option<&'static str>,
    detail: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct RefusalDocument<'a> {
    whom: &'a str,
    kind: &'static str,
    because: String,
    next: &'static str,
}

impl<'a> FreeDocument<'a> {
    /// `observed_at` is RFC 3339; `done` is `None` where nothing was to be done yet.
    #[must_use]
    pub fn new(
        host: &'a str,
        prepared: &'a Prepared,
        done: Option<&'a Done>,
        registry: &'a Registry,
        observed_at: &'a str,
    ) -> Self {
        let asked = &prepared.asked;
        let listener = |l| {
            let l: &portolan_ports::Listener = l;
            ListenerDocument::new(l, registry.standing(l.port, l.transport))
        };
        let taken = |at: usize| done.and_then(|done| done.taken.get(at));
        let steps = prepared.plan.steps.iter().enumerate();
        let own = prepared
            .listeners
            .iter()
            .filter_map(|l| l.owner_gap.as_ref());
        Self {
            schema: "portolan.free/1",
            host,
            observed_at,
            port: asked.port,
            transport: asked.transport.map(|transport| transport.as_str()),
            address: asked.address.map(|address| address.to_string()),
            act: asked.way.as_str(),
            grace_ms: u64::try_from(asked.grace.as_millis()).unwrap_or(u64::MAX),
            state: done
                .map_or_else(|| prepared.state(), |done| done.state)
                .as_str(),
            listeners: prepared.listeners.iter().map(listener).collect(),
            publications: prepared
                .publications
                .iter()
                .map(PublicationDocument::new)
                .collect(),
            instead: prepared.instead.iter().map(listener).collect(),
            connections: prepared.connections,
            steps: steps
                .map(|(at, step)| StepDocument::new(step, taken(at)))
                .collect(),
            refusals: prepared
                .plan
                .refusals
                .iter()
                .map(RefusalDocument::new)
                .collect(),
            left: done.map(|done| done.left.iter().map(listener).collect()),
            gaps: GapCount::count(own.chain(&prepared.gaps)),
        }
    }
}

impl<'a> StepDocument<'a> {
    fn new(step: &Step, taken: Option<&'a Taken>) -> Self {
        Self {
            kind: step.kind(),
            says: step.to_string(),
            command: step.command(),
            pid: match step {
                Step::Signal(signal) => Some(signal.pid),
                Step::Unit(_) | Step::Container(_) | Step::Close(_) => None,
            },
            outcome: taken.map(|taken| taken.outcome.as_str()),
            detail: taken.and_then(|taken| taken.detail.as_deref()),
        }
    }
}

impl<'a> RefusalDocument<'a> {
    fn new(refusal: &'a Refusal) -> Self {
        Self {
            whom: &refusal.whom,
            kind: refusal.why.as_str(),
            because: refusal.why.to_string(),
            next: refusal.why.next(),
        }
    }
}
