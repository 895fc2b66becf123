//! All about a port, as JSON.

mod fact;
mod site;

use std::borrow::Cow;

use portolan_ports::site::Record;
use portolan_registry::{
    Assignment, Column, Neighbour, Neighbours, Origin, Registry, Standing, State, Transport,
    mentioned_ports,
};
use serde::Serialize;

use super::around::{CommandsDocument, LocalNameDocument, OnRecordDocument, SystemDocument};
use super::check::RuleDocument;
use super::listener::{JudgedDocument, PublicationDocument, SocketDocument};
use super::site::said;
use crate::lookup::{Besides, Peer, PortAnswer, SiteClaim, connected};
pub use fact::FactDocument;
use site::SiteColumns;

/// All about one port.
#[derive(Debug, Serialize)]
pub struct PortDocument<'a> {
    port: u16,
    range: &'static str,
    presence: Option<&'static str>,
    policy: Vec<RuleDocument<'a>>,
    transports: TransportsDocument<'a>,
    facts: Vec<FactDocument<'a>>,
    on_record: OnRecordDocument<'a>,
    browser_blocked: bool,
    set_aside_by: Vec<&'static str>,
    system: Option<SystemDocument>,
    local_names: Vec<LocalNameDocument<'a>>,
    commands: CommandsDocument,
    listeners: Vec<JudgedDocument<'a>>,
    publications: Vec<PublicationDocument<'a>>,
    sockets: Vec<SocketDocument<'a>>,
    connected: Vec<PeerDocument>,
    held_besides: Vec<BesidesDocument<'a>>,
}

/// How many connections there are with one address.
#[derive(Debug, Serialize)]
struct PeerDocument {
    direction: &'static str,
    transport: &'static str,
    remote: String,
    open: usize,
    closed: usize,
}

/// What the processes of a program hold besides the port.
#[derive(Debug, Serialize)]
struct BesidesDocument<'a> {
    program: &'a str,
    pids: &'a [u32],
    listeners: Vec<PlaceDocument>,
    connections: usize,
}

/// Where something listens.
#[derive(Debug, Serialize)]
struct PlaceDocument {
    transport: &'static str,
    address: String,
    port: u16,
}

impl<'a> BesidesDocument<'a> {
    fn new(besides: &'a Besides) -> Self {
        let places = besides.listeners.iter();
        Self {
            program: &besides.program,
            pids: &besides.pids,
            listeners: places
                .map(|(transport, at)| PlaceDocument {
                    transport: transport.as_str(),
                    address: at.ip().to_string(),
                    port: at.port(),
                })
                .collect(),
            connections: besides.connections,
        }
    }
}

impl PeerDocument {
    fn new(peer: &Peer) -> Self {
        Self {
            direction: peer.direction.as_str(),
            transport: peer.transport.as_str(),
            remote: peer.remote.to_string(),
            open: peer.open,
            closed: peer.closed,
        }
    }
}

/// What the registry makes of the port; a transport that was not asked for is absent.
#[derive(Debug, Default, Serialize)]
struct TransportsDocument<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    tcp: Option<StandingDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    udp: Option<StandingDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sctp: Option<StandingDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dccp: Option<StandingDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct StandingDocument<'a> {
    state: &'static str,
    because: String,
    iana: Option<IanaDocument>,
    reported_without_assignment: bool,
    unassigned_block: Option<String>,
    claimants: usize,
    neighbours: NeighboursDocument<'a>,
    assignments: Vec<AssignmentDocument<'a>>,
}

/// What IANA's registry makes of a port of which the site registry says something else.
#[derive(Debug, Serialize)]
struct IanaDocument {
    state: &'static str,
    because: String,
}

/// The nearest assigned ports on the same transport.
#[derive(Debug, Serialize)]
struct NeighboursDocument<'a> {
    previous: Option<NeighbourDocument<'a>>,
    next: Option<NeighbourDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct NeighbourDocument<'a> {
    port: u16,
    service_name: &'a str,
}

impl<'a> NeighbourDocument<'a> {
    fn new(neighbour: &Neighbour<'a>) -> Self {
        Self {
            port: neighbour.port,
            service_name: neighbour.assignment.service_name(),
        }
    }
}

/// Finds the neighbours of one port after another.
///
/// Few rows speak of SCTP and DCCP, so that a search for the next one reads most of the registry;
/// within a gap all ports have the same neighbours, which are then found once.
#[derive(Debug)]
pub(super) struct NeighbourWalk<'a> {
    registry: &'a Registry,
    before: [Option<(u16, Neighbours<'a>)>; 4],
}

impl<'a> NeighbourWalk<'a> {
    pub(super) const fn new(registry: &'a Registry) -> Self {
        Self {
            registry,
            before: [const { None }; 4],
        }
    }

    fn neighbours(&mut self, port: u16, transport: Transport, state: State) -> Neighbours<'a> {
        let before = &mut self.before[transport as usize];
        if let Some((from, found)) = before {
            let next = found.next.as_ref().map(|next| next.port);
            if *from < port && next.is_none_or(|next| port < next) {
                return found.clone();
            }
        }
        let found = self.registry.neighbours(port, transport);
        // The next port has an assigned one for its neighbour.
        *before = (state != State::Assigned).then(|| (port, found.clone()));
        found
    }
}

impl<'a> StandingDocument<'a> {
    fn new(
        standing: &Standing<'a>,
        answer: &PortAnswer<'a>,
        transport: Transport,
        walk: &mut NeighbourWalk<'a>,
    ) -> Self {
        let port = answer.port;
        let block = match standing.state {
            State::Unassigned => walk.registry.unassigned_block(port, transport),
            State::Assigned | State::Reserved => None,
        };
        let near = walk.neighbours(port, transport, standing.state);
        let reported = |row: &Assignment<'_>| {
            mentioned_ports(row.unauthorized_use())
                .iter()
                .any(|ports| ports.contains(port))
        };
        let told_to_the_site = |record: &Record| !record.fields.unauthorized_use.is_empty();
        let claim = answer.site_claim(transport);
        let of_site = answer.site_on(transport);
        Self {
            state: claim.map_or(standing.state, SiteClaim::state).as_str(),
            because: match claim {
                Some(claim) => claim.to_string(),
                None => standing.because.to_string(),
            },
            iana: claim.map(|_| IanaDocument {
                state: standing.state.as_str(),
                because: standing.because.to_string(),
            }),
            reported_without_assignment: standing.assignments.iter().any(reported)
                || answer.site_on(transport).any(told_to_the_site),
            unassigned_block: block.map(|block| block.to_string()),
            claimants: answer.claimants(transport),
            neighbours: NeighboursDocument {
                previous: near.previous.as_ref().map(NeighbourDocument::new),
                next: near.next.as_ref().map(NeighbourDocument::new),
            },
            assignments: of_site
                .map(|record| AssignmentDocument::of_site(record, Some(transport)))
                .chain(standing.assignments.iter().map(AssignmentDocument::new))
                .collect(),
        }
    }
}

impl<'a> PortDocument<'a> {
    pub(super) fn new(
        answer: &'a PortAnswer<'a>,
        knowledge_date: &'a str,
        walk: &mut NeighbourWalk<'a>,
    ) -> Self {
        let mut transports = TransportsDocument::default();
        for (transport, standing) in &answer.standings {
            let place = match transport {
                Transport::Tcp => &mut transports.tcp,
                Transport::Udp => &mut transports.udp,
                Transport::Sctp => &mut transports.sctp,
                Transport::Dccp => &mut transports.dccp,
            };
            *place = Some(StandingDocument::new(standing, answer, *transport, walk));
        }
        Self {
            port: answer.port,
            range: answer.range().as_str(),
            presence: answer.presence.map(portolan_ports::Presence::as_str),
            policy: answer
                .rules
                .iter()
                .map(|rule| RuleDocument::new(rule))
                .collect(),
            transports,
            facts: answer.facts.iter().map(FactDocument::new).collect(),
            on_record: OnRecordDocument::new(answer, knowledge_date),
            browser_blocked: answer.set_aside.browser_blocked,
            set_aside_by: answer
                .set_aside
                .by_default
                .iter()
                .map(|system| system.as_str())
                .collect(),
            system: SystemDocument::new(&answer.set_aside),
            local_names: answer
                .local_names
                .iter()
                .map(LocalNameDocument::new)
                .collect(),
            commands: CommandsDocument::new(answer),
            listeners: answer.listeners.iter().map(JudgedDocument::new).collect(),
            publications: super::publications(&answer.publications),
            sockets: answer.sockets.iter().map(SocketDocument::new).collect(),
            connected: connected(answer.port, &answer.sockets)
                .iter()
                .map(PeerDocument::new)
                .collect(),
            held_besides: answer.besides.iter().map(BesidesDocument::new).collect(),
        }
    }
}

/// A row of IANA's registry or of the site's. An empty column is `null`; `origin` says whether a row
/// of IANA's came from the newer source, which tells names and descriptions alone.
#[derive(Debug, Serialize)]
pub struct AssignmentDocument<'a> {
    service_name: Option<&'a str>,
    port: Option<String>,
    transport: Option<&'static str>,
    description: Option<&'a str>,
    assignee: Option<&'a str>,
    contact: Option<&'a str>,
    registration_date: Option<Cow<'a, str>>,
    modification_date: Option<Cow<'a, str>>,
    reference: Option<&'a str>,
    service_code: Option<Cow<'a, str>>,
    unauthorized_use: Option<&'a str>,
    assignment_notes: Option<&'a str>,
    alias_of: Option<&'a str>,
    source: &'static str,
    origin: &'static str,
    /// What only the site registry has; absent from a row of IANA's.
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<SiteColumns<'a>>,
}

impl<'a> AssignmentDocument<'a> {
    /// The row's twelve columns.
    #[must_use]
    pub fn new(row: &Assignment<'a>) -> Self {
        let cell = |column| Some(row.cell(column)).filter(|text| !text.is_empty());
        Self {
            service_name: cell(Column::ServiceName),
            port: Some(row.port_text()).filter(|text| !text.is_empty()),
            transport: row.transport.map(Transport::as_str),
            description: cell(Column::Description),
            assignee: cell(Column::Assignee),
            contact: cell(Column::Contact),
            registration_date: cell(Column::RegistrationDate).map(Cow::Borrowed),
            modification_date: cell(Column::ModificationDate).map(Cow::Borrowed),
            reference: cell(Column::Reference),
            service_code: cell(Column::ServiceCode).map(Cow::Borrowed),
            unauthorized_use: cell(Column::UnauthorizedUse),
            assignment_notes: cell(Column::AssignmentNotes),
            alias_of: row.alias_of(),
            source: row.source(),
            origin: match row.origin {
                Origin::File | Origin::Site => "file",
                Origin::Newer => "newer",
            },
            site: None,
        }
    }

    /// A record of the site registry as a row of one transport, with the columns of IANA's: its
    /// registration is the day on which it was assigned.
    #[must_use]
    pub fn of_site(record: &'a Record, transport: Option<Transport>) -> Self {
        let fields = &record.fields;
        Self {
            service_name: said(&fields.service_name),
            port: fields.ports.map(|ports| ports.to_string()),
            transport: transport.map(Transport::as_str),
            description: said(&fields.description),
            assignee: said(&fields.assignee),
            contact: said(&fields.contact),
            registration_date: record.assigned.map(|day| day.to_string().into()),
            modification_date: Some(record.modified.to_string().into()),
            reference: said(&fields.reference),
            service_code: fields.service_code.map(|code| code.to_string().into()),
            unauthorized_use: said(&fields.unauthorized_use),
            assignment_notes: said(&fields.notes),
            alias_of: None,
            source: "site",
            origin: "file",
            site: Some(SiteColumns::new(record)),
        }
    }
}

/// The rows of a record of the site registry: one for each of its transports.
pub(super) fn rows_of(record: &Record) -> impl Iterator<Item = AssignmentDocument<'_>> {
    let own = &record.fields.transports;
    let any = own.is_empty().then_some(None);
    let transports = own.iter().copied().map(Some).chain(any);
    transports.map(|transport| AssignmentDocument::of_site(record, transport))
}
