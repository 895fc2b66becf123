//! The columns that only the site registry has, as JSON.

use portolan_ports::site::{Communication, Record};
use portolan_registry::Transport;
use serde::Serialize;

use crate::document::site::{RevocationDocument, ServesDocument, said};

/// What a record says beyond IANA's columns. What is not said is `null`.
#[derive(Debug, Serialize)]
pub(super) struct SiteColumns<'a> {
    /// Of the database.
    record: Option<u64>,
    /// Of a registry that is a file.
    file: Option<&'a str>,
    line: Option<u64>,
    version: u64,
    status: &'static str,
    transports: Vec<&'static str>,
    scope: String,
    requested_by: Option<&'a str>,
    requested: String,
    because: Option<&'a str>,
    ticket: Option<&'a str>,
    expires: Option<String>,
    revocation: Option<RevocationDocument<'a>>,
    reuses: Option<u64>,
    communication: Vec<&'static str>,
    why_not_dynamic: Option<&'a str>,
    why_not_user: Option<&'a str>,
    serves: ServesDocument<'a>,
}

impl<'a> SiteColumns<'a> {
    pub(super) fn new(record: &'a Record) -> Self {
        let fields = &record.fields;
        Self {
            record: record.citation().record(),
            file: record.file.as_deref(),
            line: record.file.as_ref().map(|_| record.id),
            version: record.version,
            status: record.status.as_str(),
            transports: fields
                .transports
                .iter()
                .map(|t| Transport::as_str(*t))
                .collect(),
            scope: fields.scope.to_string(),
            requested_by: said(&record.requested_by),
            requested: record.requested.to_string(),
            because: said(&record.because),
            ticket: said(&fields.ticket),
            expires: fields.expires.map(|day| day.to_string()),
            revocation: record.revocation.as_ref().map(RevocationDocument::new),
            reuses: record.reuses,
            communication: fields
                .communication
                .iter()
                .map(|c| Communication::as_str(*c))
                .collect(),
            why_not_dynamic: said(&fields.why_not_dynamic),
            why_not_user: said(&fields.why_not_user),
            serves: ServesDocument::new(&fields.serves),
        }
    }
}
