//! What lint found, as JSON.

use portolan_ports::site;
use portolan_registry::lint::{Finding, RULES, Report, Rule, Severity};
use portolan_registry::{Registry, Transport};
use serde::Serialize;

use super::RegistryDocument;

/// `portolan registry lint --json`.
#[derive(Debug, Serialize)]
pub struct LintDocument<'a> {
    schema: &'static str,
    file: Option<&'a str>,
    registry: RegistryDocument<'a>,
    errors: usize,
    warnings: usize,
    notes: usize,
    /// Distinct service names that break RFC 6335 §5.1; one name stands on several rows.
    names_breaking_5_1: Vec<&'a str>,
    rules: Vec<RuleDocument>,
    findings: Vec<FindingBody<'a>>,
}

#[derive(Debug, Serialize)]
struct RuleDocument {
    id: &'static str,
    section: Option<&'static str>,
    severity: &'static str,
    says: &'static str,
    advice: &'static str,
    findings: usize,
}

#[derive(Debug, Serialize)]
struct FindingBody<'a> {
    rule: &'static str,
    section: Option<&'static str>,
    severity: &'static str,
    line: Option<u64>,
    place: String,
    port: Option<String>,
    transport: Option<&'static str>,
    service_name: Option<&'a str>,
    what: &'a str,
    advice: &'static str,
}

impl<'a> LintDocument<'a> {
    /// Every finding, and a count for every rule. `file` is empty for a registry without one.
    #[must_use]
    pub fn new(file: &'a str, registry: &'a Registry, report: &'a Report) -> Self {
        Self::with(file, RegistryDocument::new(registry), RULES.iter(), report)
    }

    /// The same of the records of a site registry's file; its date is that of its newest step.
    #[must_use]
    pub fn of_site(file: &'a str, date: &'a str, rows: usize, report: &'a Report) -> Self {
        let rules = site::file::RULES.iter().map(|rule| &rule.rule);
        Self::with(file, RegistryDocument { date, rows }, rules, report)
    }

    fn with(
        file: &'a str,
        registry: RegistryDocument<'a>,
        rules: impl Iterator<Item = &'static Rule>,
        report: &'a Report,
    ) -> Self {
        let rule = |rule: &'static Rule| RuleDocument {
            id: rule.id,
            section: rule.section,
            severity: rule.severity.as_str(),
            says: rule.says,
            advice: rule.advice,
            findings: report.of(rule).count(),
        };
        Self {
            schema: "portolan.lint/1",
            file: Some(file).filter(|file| !file.is_empty()),
            registry,
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
            notes: report.count(Severity::Note),
            names_breaking_5_1: report.names("5.1").into_iter().collect(),
            rules: rules.map(rule).collect(),
            findings: report.findings.iter().map(finding).collect(),
        }
    }
}

fn finding(finding: &Finding) -> FindingBody<'_> {
    FindingBody {
        rule: finding.rule.id,
        section: finding.rule.section,
        severity: finding.rule.severity.as_str(),
        line: finding.line,
        place: finding.place().to_string(),
        port: finding.ports.map(|ports| ports.to_string()),
        transport: finding.transport.map(Transport::as_str),
        service_name: Some(finding.service_name.as_str()).filter(|name| !name.is_empty()),
        what: &finding.what,
        advice: finding.rule.advice,
    }
}
