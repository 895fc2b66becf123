//! What answered, as JSON.

use std::borrow::Cow;

use portolan_ports::{Evidence, Identification, Probe};
use serde::Serialize;

use super::session::SessionDocument;
use super::{FindingDocument, OwnerDocument};
use crate::identify::Identified;

/// How far a listener was asked.
#[derive(Debug, Serialize)]
pub struct ProbeDocument<'a> {
    state: &'static str,
    why: Option<&'a str>,
    sent: &'a [Cow<'static, str>],
}

impl<'a> ProbeDocument<'a> {
    pub(super) fn new(probe: &'a Probe) -> Self {
        Self {
            state: probe.state.as_str(),
            why: probe.why.as_deref(),
            sent: &probe.sent,
        }
    }
}

/// What answered.
#[derive(Debug, Serialize)]
pub struct IdentificationDocument<'a> {
    protocol: &'a str,
    tls: bool,
    starttls: bool,
    product: Option<&'a str>,
    version: Option<&'a str>,
    cpe: Option<&'a str>,
    unauthenticated: Option<bool>,
    tls_session: Option<SessionDocument<'a>>,
    told: &'a [String],
    certainty: &'static str,
    evidence: Vec<EvidenceDocument<'a>>,
}

impl<'a> IdentificationDocument<'a> {
    pub(super) fn new(seen: &'a Identification) -> Self {
        Self {
            protocol: &seen.protocol,
            tls: seen.tls,
            starttls: seen.starttls,
            product: seen.product.as_deref(),
            version: seen.version.as_deref(),
            cpe: seen.cpe.as_deref(),
            unauthenticated: seen.unauthenticated,
            tls_session: seen.session.as_deref().map(SessionDocument::new),
            told: &seen.told,
            certainty: seen.certainty.as_str(),
            evidence: seen.evidence.iter().map(EvidenceDocument::new).collect(),
        }
    }
}

/// One exchange; bytes that are not printable ASCII are shown as `\xNN`.
#[derive(Debug, Serialize)]
struct EvidenceDocument<'a> {
    sent: Option<&'a str>,
    received: String,
    rule: &'a str,
}

impl<'a> EvidenceDocument<'a> {
    fn new(evidence: &'a Evidence) -> Self {
        Self {
            sent: evidence.sent.as_deref(),
            received: evidence.received.escape_ascii().to_string(),
            rule: &evidence.rule,
        }
    }
}

/// One target of `portolan identify`.
#[derive(Debug, Serialize)]
pub struct IdentifiedDocument<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'static str>,
    address: String,
    port: u16,
    transport: &'static str,
    state: &'static str,
    elapsed_ms: u64,
    probe: ProbeDocument<'a>,
    identified: Option<IdentificationDocument<'a>>,
    /// Who holds the socket, where the target is this machine's; what answers may be another.
    owners: Option<Vec<OwnerDocument<'a>>>,
    findings: Vec<FindingDocument<'a>>,
}

impl<'a> IdentifiedDocument<'a> {
    /// A target as a document of its own, for JSON Lines.
    #[must_use]
    pub fn line(identified: &'a Identified) -> Self {
        Self {
            schema: Some("portolan.identified/1"),
            ..Self::new(identified)
        }
    }

    pub(super) fn new(identified: &'a Identified) -> Self {
        let outcome = &identified.outcome;
        Self {
            schema: None,
            address: identified.address.ip().to_string(),
            port: identified.address.port(),
            transport: identified.target.transport.as_str(),
            state: outcome.state.as_str(),
            elapsed_ms: u64::try_from(outcome.elapsed.as_millis()).unwrap_or(u64::MAX),
            probe: ProbeDocument::new(&outcome.probe),
            identified: outcome
                .identification
                .as_ref()
                .map(IdentificationDocument::new),
            owners: identified
                .listener
                .as_ref()
                .map(|l| l.owners.iter().map(OwnerDocument::new).collect()),
            findings: identified
                .findings
                .iter()
                .map(FindingDocument::new)
                .collect(),
        }
    }
}
