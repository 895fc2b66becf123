//! Listeners and what was judged of them, as JSON.

use std::collections::BTreeMap;

use portolan_ports::site::Record;
use portolan_ports::{Container, Finding, Gap, Listener, Owner, Publication, Published, Socket};
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
    namespace: Option<String>,
    scope: &'static str,
    dual_stack: bool,
    multipath: bool,
    interface: Option<&'a str>,
    queue: Option<QueueDocument>,
    drops: Option<u32>,
    group: Option<GroupDocument>,
    uid: Option<u32>,
    inode: u64,
    cookie: Option<u64>,
    owners: Vec<OwnerDocument<'a>>,
    owner_gap: Option<GapDocument<'a>>,
    created_by: Option<String>,
    socket_unit: Option<&'a str>,
    published: Option<PublishedDocument<'a>>,
    registered: Vec<RegisteredDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct QueueDocument {
    pending: u32,
    backlog: u32,
}

#[derive(Debug, Serialize)]
struct GroupDocument {
    members: usize,
    reuse_port: Option<bool>,
}

#[derive(Debug, Serialize)]
struct PublishedDocument<'a> {
    container: ContainerDocument<'a>,
    port: u16,
}

impl<'a> PublishedDocument<'a> {
    fn new(published: &'a Published) -> Self {
        Self {
            container: ContainerDocument::new(&published.container),
            port: published.port,
        }
    }
}

/// A port that an engine publishes without a socket.
#[derive(Debug, Serialize)]
pub struct PublicationDocument<'a> {
    transport: &'static str,
    address: String,
    port: u16,
    to: PublishedDocument<'a>,
}

impl<'a> PublicationDocument<'a> {
    pub(super) fn new(publication: &'a Publication) -> Self {
        Self {
            transport: publication.transport.as_str(),
            address: publication.address.to_string(),
            port: publication.port,
            to: PublishedDocument::new(&publication.to),
        }
    }
}

/// A service name that the site registry or IANA's gives to a port.
#[derive(Debug, Serialize)]
pub(super) struct RegisteredDocument<'a> {
    service_name: &'a str,
    description: &'a str,
    source: &'static str,
}

impl<'a> RegisteredDocument<'a> {
    /// The rows of the site registry, which come before IANA's.
    pub(super) fn of_site(records: impl IntoIterator<Item = &'a Record>) -> Vec<Self> {
        let records = records.into_iter().map(|record| &record.fields);
        records
            .filter(|fields| !fields.service_name.is_empty())
            .map(|fields| Self {
                service_name: &fields.service_name,
                description: &fields.description,
                source: "site",
            })
            .collect()
    }

    pub(super) fn of(standing: Standing<'a>) -> Vec<Self> {
        let rows = standing.assignments.into_iter();
        rows.filter(|row| row.is_named())
            .map(|row| Self {
                service_name: row.service_name(),
                description: row.description(),
                source: row.source(),
            })
            .collect()
    }
}

impl<'a> ListenerDocument<'a> {
    /// A listener, and what the registry makes of its port.
    #[must_use]
    pub fn new(listener: &'a Listener, standing: Standing<'a>) -> Self {
        Self {
            transport: listener.transport.as_str(),
            address: listener.address.to_string(),
            port: listener.port,
            namespace: listener.namespace.as_ref().map(ToString::to_string),
            scope: listener.scope().as_str(),
            dual_stack: listener.dual_stack,
            multipath: listener.multipath,
            interface: listener.interface.as_deref(),
            queue: listener.queue.map(|q| QueueDocument {
                pending: q.pending,
                backlog: q.backlog,
            }),
            drops: listener.drops,
            group: listener.group.map(|group| GroupDocument {
                members: group.members,
                reuse_port: group.reuse_port,
            }),
            uid: listener.uid,
            inode: listener.inode,
            cookie: listener.cookie,
            owners: listener.owners.iter().map(OwnerDocument::new).collect(),
            owner_gap: listener.owner_gap.as_ref().map(GapDocument::new),
            created_by: listener.creator.as_ref().map(ToString::to_string),
            socket_unit: listener.socket_unit.as_ref().map(|unit| unit.0.as_str()),
            published: listener.published.as_ref().map(PublishedDocument::new),
            registered: RegisteredDocument::of(standing),
        }
    }

    /// The same with what the site registry assigns the port to. Records speak of this host's
    /// addresses: of a listener in another network namespace they say nothing.
    #[must_use]
    pub fn with_site(mut self, records: impl IntoIterator<Item = &'a Record>) -> Self {
        if self.namespace.is_none() {
            let site = RegisteredDocument::of_site(records);
            self.registered.splice(..0, site);
        }
        self
    }
}

/// A process that holds a socket. Its command line is told without the secrets in it.
#[derive(Debug, Serialize)]
pub struct OwnerDocument<'a> {
    pid: u32,
    program: &'a str,
    exe: Option<&'a str>,
    exe_state: &'static str,
    command_line: Vec<String>,
    user: Option<&'a str>,
    uid: Option<u32>,
    unit: Option<&'a str>,
    container: Option<ContainerDocument<'a>>,
    pod: Option<PodDocument<'a>>,
    working_folder: Option<&'a str>,
    started_at: Option<String>,
    parents: Vec<AncestorDocument<'a>>,
    package: Option<PackageDocument<'a>>,
}

impl<'a> OwnerDocument<'a> {
    pub(super) fn new(owner: &'a Owner) -> Self {
        Self {
            pid: owner.pid,
            program: &owner.program,
            exe: owner.exe.as_deref(),
            exe_state: owner.exe_state.as_str(),
            command_line: portolan_ports::redact(&owner.arguments),
            user: owner.user.as_deref(),
            uid: owner.uid,
            unit: owner.unit.as_ref().map(|unit| unit.0.as_str()),
            container: owner.container.as_ref().map(ContainerDocument::new),
            pod: owner.pod.as_ref().map(|pod| PodDocument {
                uid: &pod.uid,
                name: pod.name.as_deref(),
            }),
            working_folder: owner.working_folder.as_deref(),
            started_at: owner.started.and_then(moment),
            parents: owner
                .parents
                .iter()
                .map(|parent| AncestorDocument {
                    pid: parent.pid,
                    program: &parent.program,
                })
                .collect(),
            package: owner.package.as_ref().map(|package| PackageDocument {
                system: package.system,
                name: &package.name,
                version: package.version.as_deref(),
            }),
        }
    }
}

/// A moment as documents write it: RFC 3339, in UTC, to the second; `None` beyond its years.
#[must_use]
pub fn moment(time: std::time::SystemTime) -> Option<String> {
    let seconds = time.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    let moment = jiff::Timestamp::from_second(seconds.try_into().ok()?).ok()?;
    Some(moment.to_string())
}

#[derive(Debug, Serialize)]
struct PodDocument<'a> {
    uid: &'a str,
    name: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct AncestorDocument<'a> {
    pid: u32,
    program: &'a str,
}

#[derive(Debug, Serialize)]
struct PackageDocument<'a> {
    system: &'static str,
    name: &'a str,
    version: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ContainerDocument<'a> {
    runtime: &'a str,
    id: &'a str,
    name: Option<&'a str>,
    image: Option<&'a str>,
}

impl<'a> ContainerDocument<'a> {
    fn new(container: &'a Container) -> Self {
        Self {
            runtime: &container.runtime,
            id: &container.id,
            name: container.name.as_deref(),
            image: container.image.as_deref(),
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
    #[serde(flatten)]
    judgement: JudgementDocument<'a>,
}

impl<'a> JudgedDocument<'a> {
    /// The listener and its judgement.
    #[must_use]
    pub fn new(judged: &'a Judged<'a>) -> Self {
        Self {
            listener: ListenerDocument::new(&judged.listener, judged.expectation.registry.clone())
                .with_site(judged.expectation.assigned_by_site()),
            judgement: JudgementDocument::new(judged),
        }
    }
}

/// How a listener was asked, what answered, and whether that is right.
#[derive(Debug, Serialize)]
pub(super) struct JudgementDocument<'a> {
    probe: ProbeDocument<'a>,
    identified: Option<IdentificationDocument<'a>>,
    verdict: &'static str,
    because: &'a str,
    sources: &'a [String],
    findings: Vec<FindingDocument<'a>>,
}

impl<'a> JudgementDocument<'a> {
    pub(super) fn new(judged: &'a Judged<'a>) -> Self {
        let verdict = &judged.verdict;
        Self {
            probe: ProbeDocument::new(&judged.probe),
            identified: judged
                .identification
                .as_ref()
                .map(IdentificationDocument::new),
            verdict: verdict.kind.as_str(),
            because: &verdict.because,
            sources: &verdict.sources,
            findings: verdict.findings.iter().map(FindingDocument::new).collect(),
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
    pub(super) fn new(finding: &'a Finding) -> Self {
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
