//! Another tool's scan result, annotated, as JSON.

use serde::Serialize;

use super::RegistryDocument;
use super::listener::{FindingDocument, RegisteredDocument};
use super::lookup::{AssignmentDocument, FactDocument};
use crate::Sources;
use crate::annotate::{Annotated, Claim, ScanResult};

/// `portolan annotate --json`.
#[derive(Debug, Serialize)]
pub struct AnnotateDocument<'a> {
    schema: &'static str,
    form: &'static str,
    registry: RegistryDocument<'a>,
    knowledge_date: &'a str,
    ports: Vec<PortDocument<'a>>,
    not_open: usize,
    cut: bool,
    faults: FaultsDocument<'a>,
}

impl<'a> AnnotateDocument<'a> {
    /// One entry for each open port, in the order of the scan result.
    #[must_use]
    pub fn new(
        result: &'a ScanResult,
        annotated: &'a [Annotated<'a>],
        sources: &Sources<'a>,
    ) -> Self {
        Self {
            schema: "portolan.annotate/1",
            form: result.form.as_str(),
            registry: RegistryDocument::new(sources.registry),
            knowledge_date: sources.knowledge.date(),
            ports: annotated.iter().map(PortDocument::new).collect(),
            not_open: result.not_open,
            cut: result.cut,
            faults: FaultsDocument {
                count: result.fault_count,
                first: result
                    .faults
                    .iter()
                    .map(|fault| FaultDocument {
                        line: fault.line,
                        why: &fault.why,
                    })
                    .collect(),
            },
        }
    }
}

#[derive(Debug, Serialize)]
struct FaultsDocument<'a> {
    count: usize,
    first: Vec<FaultDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct FaultDocument<'a> {
    line: u64,
    why: &'a str,
}

/// One open port of one host.
#[derive(Debug, Serialize)]
struct PortDocument<'a> {
    host: &'a str,
    name: Option<&'a str>,
    port: u16,
    transport: &'static str,
    claimed: ClaimDocument<'a>,
    state: &'static str,
    because_state: String,
    registered: Vec<RegisteredDocument<'a>>,
    site: Vec<AssignmentDocument<'a>>,
    facts: Vec<FactDocument<'a>>,
    verdict: &'static str,
    because: &'a str,
    findings: Vec<FindingDocument<'a>>,
    look_at: &'a [String],
}

/// What the other tool says, in its words.
#[derive(Debug, Serialize)]
struct ClaimDocument<'a> {
    service: Option<&'a str>,
    product: Option<&'a str>,
    version: Option<&'a str>,
    tls: bool,
    by_number: bool,
    line: Option<u64>,
}

impl<'a> PortDocument<'a> {
    fn new(annotated: &'a Annotated<'a>) -> Self {
        let claim: &Claim = &annotated.claim;
        let standing = &annotated.expectation.registry;
        Self {
            host: &claim.host,
            name: claim.name.as_deref(),
            port: claim.port,
            transport: claim.transport.as_str(),
            claimed: ClaimDocument {
                service: claim.service.as_deref(),
                product: claim.product.as_deref(),
                version: claim.version.as_deref(),
                tls: claim.tls,
                by_number: claim.by_number,
                line: Some(claim.line).filter(|line| *line > 0),
            },
            state: standing.state.as_str(),
            because_state: standing.because.to_string(),
            registered: RegisteredDocument::of(standing.clone()),
            site: annotated
                .site
                .iter()
                .map(|record| AssignmentDocument::of_site(record, Some(claim.transport)))
                .collect(),
            facts: annotated
                .expectation
                .facts
                .iter()
                .map(FactDocument::new)
                .collect(),
            verdict: annotated.verdict.kind.as_str(),
            because: &annotated.verdict.because,
            findings: annotated
                .verdict
                .findings
                .iter()
                .map(FindingDocument::new)
                .collect(),
            look_at: &annotated.look_at,
        }
    }
}

/// A line of `portolan annotate --lines`.
#[derive(Debug, Serialize)]
pub struct AnnotatedLine<'a> {
    schema: &'static str,
    #[serde(flatten)]
    port: PortDocument<'a>,
}

impl<'a> AnnotatedLine<'a> {
    /// One open port.
    #[must_use]
    pub fn new(annotated: &'a Annotated<'a>) -> Self {
        Self {
            schema: "portolan.annotated_port/1",
            port: PortDocument::new(annotated),
        }
    }
}
