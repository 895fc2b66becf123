//! One record of the site registry.

use jiff::civil::Date;
use portolan_ports::site::{Communication, Record};
use portolan_registry::Transport;
use serde::Serialize;

use super::{RevocationDocument, ServesDocument, said};

/// A record with all its fields; what is not said is null. Days are `YYYY-MM-DD`.
#[derive(Debug, Serialize)]
pub struct RecordDocument<'a> {
    id: u64,
    version: u64,
    status: &'static str,
    service_name: Option<&'a str>,
    port: Option<String>,
    transports: Vec<&'static str>,
    assignee: Option<&'a str>,
    contact: Option<&'a str>,
    description: Option<&'a str>,
    reference: Option<&'a str>,
    communication: Vec<&'static str>,
    service_code: Option<u32>,
    unauthorized_use: Option<&'a str>,
    notes: Option<&'a str>,
    why_not_dynamic: Option<&'a str>,
    why_not_user: Option<&'a str>,
    scope: String,
    ticket: Option<&'a str>,
    expires: Option<String>,
    expired: bool,
    serves: ServesDocument<'a>,
    requested_by: &'a str,
    requested: String,
    assigned: Option<String>,
    modified: String,
    because: Option<&'a str>,
    revocation: Option<RevocationDocument<'a>>,
    reuses: Option<u64>,
    source: &'static str,
}

impl<'a> RecordDocument<'a> {
    /// The record as it stands today.
    #[must_use]
    pub fn new(record: &'a Record, today: Date) -> Self {
        let fields = &record.fields;
        Self {
            id: record.id,
            version: record.version,
            status: record.status.as_str(),
            service_name: said(&fields.service_name),
            port: fields.ports.map(|ports| ports.to_string()),
            transports: fields
                .transports
                .iter()
                .copied()
                .map(Transport::as_str)
                .collect(),
            assignee: said(&fields.assignee),
            contact: said(&fields.contact),
            description: said(&fields.description),
            reference: said(&fields.reference),
            communication: fields
                .communication
                .iter()
                .copied()
                .map(Communication::as_str)
                .collect(),
            service_code: fields.service_code,
            unauthorized_use: said(&fields.unauthorized_use),
            notes: said(&fields.notes),
            why_not_dynamic: said(&fields.why_not_dynamic),
            why_not_user: said(&fields.why_not_user),
            scope: fields.scope.to_string(),
            ticket: said(&fields.ticket),
            expires: fields.expires.map(|day| day.to_string()),
            expired: record.is_expired(today),
            serves: ServesDocument::new(&fields.serves),
            requested_by: &record.requested_by,
            requested: record.requested.to_string(),
            assigned: record.assigned.map(|day| day.to_string()),
            modified: record.modified.to_string(),
            because: said(&record.because),
            revocation: record.revocation.as_ref().map(RevocationDocument::new),
            reuses: record.reuses,
            source: "site",
        }
    }
}
