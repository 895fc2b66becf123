//! All about a port, as JSON.

use portolan_ports::knowledge::Fact;
use portolan_registry::{Assignment, Column, Origin, Standing, Transport, mentioned_ports};
use serde::Serialize;

use super::listener::{JudgedDocument, SocketDocument};
use crate::lookup::PortAnswer;

/// All about one port.
#[derive(Debug, Serialize)]
pub struct PortDocument<'a> {
    port: u16,
    range: &'static str,
    presence: Option<&'static str>,
    transports: TransportsDocument<'a>,
    facts: Vec<FactDocument<'a>>,
    listeners: Vec<JudgedDocument<'a>>,
    sockets: Vec<SocketDocument<'a>>,
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
    reported_without_assignment: bool,
    assignments: Vec<AssignmentDocument<'a>>,
}

impl<'a> StandingDocument<'a> {
    fn new(standing: &Standing<'a>, port: u16) -> Self {
        let reported = |row: &Assignment<'_>| {
            mentioned_ports(row.unauthorized_use())
                .iter()
                .any(|ports| ports.contains(port))
        };
        Self {
            state: standing.state.as_str(),
            because: standing.because.to_string(),
            reported_without_assignment: standing.assignments.iter().any(reported),
            assignments: standing
                .assignments
                .iter()
                .map(AssignmentDocument::new)
                .collect(),
        }
    }
}

impl<'a> PortDocument<'a> {
    pub(super) fn new(answer: &'a PortAnswer<'a>) -> Self {
        let mut transports = TransportsDocument::default();
        for (transport, standing) in &answer.standings {
            let place = match transport {
                Transport::Tcp => &mut transports.tcp,
                Transport::Udp => &mut transports.udp,
                Transport::Sctp => &mut transports.sctp,
                Transport::Dccp => &mut transports.dccp,
            };
            *place = Some(StandingDocument::new(standing, answer.port));
        }
        Self {
            port: answer.port,
            range: answer.range().as_str(),
            presence: answer.presence.map(portolan_ports::Presence::as_str),
            transports,
            facts: answer.facts.iter().map(FactDocument::new).collect(),
            listeners: answer.listeners.iter().map(JudgedDocument::new).collect(),
            sockets: answer.sockets.iter().map(SocketDocument::new).collect(),
        }
    }
}

/// A row of the registry. An empty column is `null`; `origin` says whether the row came from the
/// newer source, which tells names and descriptions alone.
#[derive(Debug, Serialize)]
pub struct AssignmentDocument<'a> {
    service_name: Option<&'a str>,
    port: Option<String>,
    transport: Option<&'static str>,
    description: Option<&'a str>,
    assignee: Option<&'a str>,
    contact: Option<&'a str>,
    registration_date: Option<&'a str>,
    modification_date: Option<&'a str>,
    reference: Option<&'a str>,
    service_code: Option<&'a str>,
    unauthorized_use: Option<&'a str>,
    assignment_notes: Option<&'a str>,
    source: &'static str,
    origin: &'static str,
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
            registration_date: cell(Column::RegistrationDate),
            modification_date: cell(Column::ModificationDate),
            reference: cell(Column::Reference),
            service_code: cell(Column::ServiceCode),
            unauthorized_use: cell(Column::UnauthorizedUse),
            assignment_notes: cell(Column::AssignmentNotes),
            source: row.source(),
            origin: match row.origin {
                Origin::File => "file",
                Origin::Newer => "newer",
            },
        }
    }
}

/// A curated, cited statement.
#[derive(Debug, Serialize)]
pub struct FactDocument<'a> {
    ports: String,
    transports: Vec<&'static str>,
    kind: &'static str,
    text: &'a str,
    protocol: Option<&'a str>,
    product: Option<&'a str>,
    source: &'a str,
    source_title: &'a str,
    checked: Option<&'a str>,
    verified: bool,
    disputes: Option<&'a str>,
}

impl<'a> FactDocument<'a> {
    /// The fact and its source.
    #[must_use]
    pub fn new(fact: &Fact<'a>) -> Self {
        Self {
            ports: fact.ports.to_string(),
            transports: fact.transports().map(Transport::as_str).collect(),
            kind: fact.kind.as_str(),
            text: fact.text,
            protocol: fact.protocol,
            product: fact.product,
            source: fact.source,
            source_title: fact.source_title,
            checked: fact.checked,
            verified: fact.verified,
            disputes: fact.disputes,
        }
    }
}
