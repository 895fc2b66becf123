//! Hosts that were swept, as JSON.

use portolan_ports::Gap;
use portolan_registry::Registry;
use serde::Serialize;

use super::RegistryDocument;
use super::listener::{GapCount, JudgementDocument, ListenerDocument, RegisteredDocument};
use crate::sweep::{Found, Host, Open};

/// `portolan sweep --json`.
#[derive(Debug, Serialize)]
pub struct SweepDocument<'a> {
    schema: &'static str,
    observed_at: &'a str,
    registry: RegistryDocument<'a>,
    hosts: Vec<HostDocument<'a>>,
}

impl<'a> SweepDocument<'a> {
    /// One entry for each host, in the order given; `observed_at` is RFC 3339.
    #[must_use]
    pub fn new(found: &'a [Found<'a>], registry: &'a Registry, observed_at: &'a str) -> Self {
        let host = |found: &'a Found<'a>| HostDocument {
            open: Some(found.open.iter().map(OpenDocument::new).collect()),
            ..HostDocument::new(found)
        };
        Self {
            schema: "portolan.sweep/1",
            observed_at,
            registry: RegistryDocument::new(registry),
            hosts: found.iter().map(host).collect(),
        }
    }
}

/// One host, and what its ports did.
#[derive(Debug, Serialize)]
struct HostDocument<'a> {
    host: &'a str,
    address: String,
    own: bool,
    way: &'static str,
    elapsed_ms: Option<u64>,
    tcp: CountDocument,
    udp: UdpDocument,
    silent_ports: String,
    unreachable_ports: String,
    unasked_ports: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<Vec<OpenDocument<'a>>>,
    gaps: Vec<GapCount>,
}

/// How many TCP ports were in each state.
#[derive(Debug, Serialize)]
struct CountDocument {
    asked: usize,
    open: usize,
    closed: usize,
    silent: usize,
    unreachable: usize,
    unasked: usize,
}

#[derive(Debug, Serialize)]
struct UdpDocument {
    asked: usize,
    open: usize,
}

impl<'a> HostDocument<'a> {
    fn new(found: &'a Found<'a>) -> Self {
        let [open, closed, silent, unreachable, unasked] = found.counts().map(|(_, n)| n);
        let swept = found.swept.as_ref();
        let ports = |set: Option<&portolan_probe::sweep::PortSet>| {
            set.map(ToString::to_string).unwrap_or_default()
        };
        let gaps: &'a [Gap] = &found.gaps;
        let own = found
            .open
            .iter()
            .filter_map(|o| o.judged.listener.owner_gap.as_ref());
        Self {
            host: &found.host.name,
            address: found.host.address.ip().to_string(),
            own: found.host.own,
            way: found.host.way.as_str(),
            elapsed_ms: swept.map(|s| u64::try_from(s.elapsed.as_millis()).unwrap_or(u64::MAX)),
            tcp: CountDocument {
                asked: found.asked,
                open,
                closed,
                silent,
                unreachable,
                unasked,
            },
            udp: UdpDocument {
                asked: found.asked_udp,
                open: found.open.len().saturating_sub(open),
            },
            silent_ports: ports(swept.map(|s| &s.silent)),
            unreachable_ports: ports(swept.map(|s| &s.unreachable)),
            unasked_ports: ports(swept.map(|s| &s.unasked)),
            open: None,
            gaps: GapCount::count(own.chain(gaps)),
        }
    }
}

/// An open port.
#[derive(Debug, Serialize)]
struct OpenDocument<'a> {
    port: u16,
    transport: &'static str,
    state: &'static str,
    seen_by: Vec<&'static str>,
    registered: Vec<RegisteredDocument<'a>>,
    listener: Option<ListenerDocument<'a>>,
    #[serde(flatten)]
    judgement: JudgementDocument<'a>,
}

impl<'a> OpenDocument<'a> {
    fn new(open: &'a Open<'a>) -> Self {
        let judged = &open.judged;
        let standing = || judged.expectation.registry.clone();
        let site = RegisteredDocument::of_site(judged.expectation.assigned_by_site()).into_iter();
        let answered = judged.identification.is_some();
        let seen_by = [
            (open.listed, "socket_table"),
            (open.dialled, "connect"),
            (answered, "answer"),
        ];
        Self {
            port: judged.listener.port,
            transport: judged.listener.transport.as_str(),
            state: "open",
            seen_by: seen_by
                .into_iter()
                .filter_map(|(seen, by)| seen.then_some(by))
                .collect(),
            registered: site.chain(RegisteredDocument::of(standing())).collect(),
            listener: open.listed.then(|| {
                ListenerDocument::new(&judged.listener, standing())
                    .with_site(judged.expectation.assigned_by_site())
            }),
            judgement: JudgementDocument::new(judged),
        }
    }
}

/// A line of `portolan sweep --lines` for an open port.
#[derive(Debug, Serialize)]
pub struct OpenLine<'a> {
    schema: &'static str,
    host: &'a str,
    address: String,
    #[serde(flatten)]
    open: OpenDocument<'a>,
}

impl<'a> OpenLine<'a> {
    /// The port and its host.
    #[must_use]
    pub fn new(host: &'a Host, open: &'a Open<'a>) -> Self {
        Self {
            schema: "portolan.sweep_port/1",
            host: &host.name,
            address: host.address.ip().to_string(),
            open: OpenDocument::new(open),
        }
    }
}

/// The line of `portolan sweep --lines` with which a host ends.
#[derive(Debug, Serialize)]
pub struct SweptHostLine<'a> {
    schema: &'static str,
    #[serde(flatten)]
    host: HostDocument<'a>,
}

impl<'a> SweptHostLine<'a> {
    /// The host's counts.
    #[must_use]
    pub fn new(found: &'a Found<'a>) -> Self {
        Self {
            schema: "portolan.sweep_host/1",
            host: HostDocument::new(found),
        }
    }
}
