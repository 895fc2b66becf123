//! Listeners and what was judged of them, as JSON.

use std::collections::BTreeMap;

use portolan_ports::{Container, Finding, Gap, Listener, Owner, Socket};
use portolan_registry::Standing;
use serde::Serialize;

use super::answer::{IdentificationDocument, ProbeDocument};
use crate::survey::Judged;

/// A listener and its owners.
#[derive(Debug, Serialize)]
pub struct ListenerDocument<'a> {
    transport: &'static str,
    address: String,
    port: u16,
    namespace: Option<&'a str>,
    scope: &'static str,
    dual_stack: bool,
    interface: Option<&'a str>,
    queue: Option<QueueDocument>,
    owners: Vec<OwnerDocument<'a>>,
    owner_gap: Option<GapDocument<'a>>,
    created_by: Option<&'a str>,
    registered: Vec<RegisteredDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct QueueDocument {
    pending: u32,
    backlog: u32,
}

#[derive(Debug, Serialize)]
struct RegisteredDocument<'a> {
    service_name: &'a str,
    description: &'a str,
    source: &'static str,
}

impl<'a> ListenerDocument<'a> {
    /// A listener, and what the registry makes of its port.
    #[must_use]
    pub fn new(listener: &'a Listener, standing: Standing<'a>) -> Self {
        let named = standing
            .assignments
            .into_iter()
            .filter(|row| row.is_named());
        let registered = |row: portolan_registry::Assignment<'a>| RegisteredDocument {
            service_name: row.service_name(),
            description: row.description(),
            source: row.source(),
        };
        Self {
            transport: listener.transport.as_str(),
            address: listener.address.to_string(),
            port: listener.port,
            namespace: listener.namespace.as_deref(),
            scope: listener.scope().as_str(),
            dual_stack: listener.dual_stack,
            interface: listener.interface.as_deref(),
            queue: listener.queue.map(|q| QueueDocument {
                pending: q.pending,
                backlog: q.backlog,
            }),
            owners: listener.owners.iter().map(OwnerDocument::new).collect(),
            owner_gap: listener.owner_gap.as_ref().map(GapDocument::new),
            created_by: listener.creator.as_ref().map(|unit| unit.0.as_str()),
            registered: named.map(registered).collect(),
        }
    }
}

/// A process that holds a socket. Its command line stays on this machine.
#[derive(Debug, Serialize)]
pub struct OwnerDocument<'a> {
    pid: u32,
    program: &'a str,
    exe: Option<&'a str>,
    user: Option<&'a str>,
    uid: Option<u32>,
    unit: Option<&'a str>,
    container: Option<ContainerDocument<'a>>,
}

impl<'a> OwnerDocument<'a> {
    fn new(owner: &'a Owner) -> Self {
        Self {
            pid: owner.pid,
            program: &owner.program,
            exe: owner.exe.as_deref(),
            user: owner.user.as_deref(),
            uid: owner.uid,
            unit: owner.unit.as_ref().map(|unit| unit.0.as_str()),
            container: owner.container.as_ref().map(ContainerDocument::new),
        }
    }
}

#[derive(Debug, Serialize)]
struct ContainerDocument<'a> {
    runtime: &'a str,
    id: &'a str,
    name: Option<&'a str>,
}

impl<'a> ContainerDocument<'a> {
    fn new(container: &'a Container) -> Self {
        Self {
            runtime: &container.runtime,
            id: &container.id,
            name: container.name.as_deref(),
        }
    }
}

/// Why something could not be seen.
#[derive(Debug, Serialize)]
pub struct GapDocument<'a> {
    what: &'static str,
    why: &'static str,
    detail: &'a str,
}

impl<'a> GapDocument<'a> {
    fn new(gap: &'a Gap) -> Self {
        Self {
            what: gap.what.as_str(),
            why: gap.why.as_str(),
            detail: &gap.detail,
        }
    }
}

/// How often the same thing could not be seen for the same reason.
#[derive(Debug, Serialize)]
pub struct GapCount {
    what: &'static str,
    count: usize,
    why: &'static str,
}

impl GapCount {
    pub(super) fn count<'a>(gaps: impl Iterator<Item = &'a Gap>) -> Vec<Self> {
        let mut counts = BTreeMap::new();
        for gap in gaps {
            *counts.entry((gap.what, gap.why)).or_insert(0) += 1;
        }
        counts
            .into_iter()
            .map(|((what, why), count)| Self {
                what: what.as_str(),
                count,
                why: why.as_str(),
            })
            .collect()
    }
}

/// A listener with what answered and the verdict on it.
#[derive(Debug, Serialize)]
pub struct JudgedDocument<'a> {
    #[serde(flatten)]
    listener: ListenerDocument<'a>,
    probe: ProbeDocument<'a>,
    identified: Option<IdentificationDocument<'a>>,
    verdict: &'static str,
    because: &'a str,
    sources: &'a [String],
    findings: Vec<FindingDocument<'a>>,
}

impl<'a> JudgedDocument<'a> {
    /// The listener and its judgement.
    #[must_use]
    pub fn new(judged: &'a Judged<'a>) -> Self {
        Self {
            listener: ListenerDocument::new(&judged.listener, judged.expectation.registry.clone()),
            probe: ProbeDocument::new(&judged.probe),
            identified: judged
                .identification
                .as_ref()
                .map(IdentificationDocument::new),
            verdict: judged.verdict.kind.as_str(),
            because: &judged.verdict.because,
            sources: &judged.verdict.sources,
            findings: judged
                .verdict
                .findings
                .iter()
                .map(FindingDocument::new)
                .collect(),
        }
    }
}

/// What else deserves attention.
#[derive(Debug, Serialize)]
pub struct FindingDocument<'a> {
    kind: &'static str,
    severity: &'static str,
    because: &'a str,
    source: Option<&'a str>,
}

impl<'a> FindingDocument<'a> {
    fn new(finding: &'a Finding) -> Self {
        Self {
            kind: finding.kind.as_str(),
            severity: finding.severity.as_str(),
            because: &finding.because,
            source: finding.source.as_deref(),
        }
    }
}

/// A socket that uses a port without listening there.
#[derive(Debug, Serialize)]
pub struct SocketDocument<'a> {
    transport: &'static str,
    local: String,
    remote: Option<String>,
    state: &'static str,
    owners: Vec<OwnerDocument<'a>>,
    owner_gap: Option<GapDocument<'a>>,
}

impl<'a> SocketDocument<'a> {
    pub(super) fn new(socket: &'a Socket) -> Self {
        Self {
            transport: socket.transport.as_str(),
            local: socket.local.to_string(),
            remote: socket.remote.map(|remote| remote.to_string()),
            state: socket.state.as_str(),
            owners: socket.owners.iter().map(OwnerDocument::new).collect(),
            owner_gap: socket.owner_gap.as_ref().map(GapDocument::new),
        }
    }
}
