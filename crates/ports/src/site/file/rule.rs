//! The rules for a site registry's file: one declarative table.
//!
//! What a rule of the RFC says exactly stands where the procedures ask the same of a step, in
//! [`crate::site::procedure`]; a check here takes their refusal for its finding.

use portolan_registry::lint::{Rule, Severity};

use super::lint::Sheet;
use super::lint::{against, code, day, field, name, number};

/// A rule, and the check that holds records to it.
#[derive(Clone, Copy, Debug)]
pub struct SiteRule {
    /// What it is called, says and advises.
    pub rule: Rule,
    pub(super) check: Check,
}

/// What is wrong with each record, by its place in the file.
type Check = fn(&Sheet<'_>) -> Vec<(usize, String)>;

impl SiteRule {
    /// The rule of this name.
    #[must_use]
    pub fn named(id: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.rule.id == id)
    }
}

const fn rule(
    id: &'static str,
    section: &'static str,
    severity: Severity,
    says: &'static str,
    advice: &'static str,
    check: Check,
) -> SiteRule {
    let section = if section.is_empty() {
        None
    } else {
        Some(section)
    };
    let rule = Rule::stated(id, section, severity, says, advice);
    SiteRule { rule, check }
}

use Severity::{Error, Note, Warning};

/// Every rule, by section. The first is about the form, and its findings are the reader's mistakes.
#[rustfmt::skip]
pub static RULES: [SiteRule; 26] = [
    rule("form", "", Error,
        "The file has the form of docs/site-file.md; service names keep to RFC 6335 section 5.1.",
        "correct the place; a record with a mistake is held to no other rule",
        |_| Vec::new()),
    rule("name-advice", "5", Note,
        "A name has no redundant word, no version and no half of a secure and insecure pair (RFC 7605 section 7).",
        "choose another name for a new service; an old one stays",
        name::advice),
    rule("name-twice", "5.1", Error,
        "A service name stands for one service where two scopes surely meet; case does not matter.",
        "give the second service a name of its own, or join the two records",
        against::name),
    rule("number-held", "6", Error,
        "A number belongs to one record where two scopes surely meet, on all its transports (section 7.2).",
        "give one of the two another port; of one assignee's, join the two records",
        against::number),
    rule("scopes-may-meet", "6", Note,
        "A number or name belongs to one record also where two scopes only may have a host in common.",
        "see that no host is in both scopes",
        against::perhaps),
    rule("dynamic-assigned", "8.1.2", Error,
        "A port of the Dynamic range, 49152-65535, is assigned to nobody and identifies no service.",
        "assign a User port, or let the service take any free port at run time",
        number::dynamic),
    rule("edge-reserved", "6", Error,
        "The edges of the ranges (0, 1023, 1024, 49151) are reserved.",
        "assign another User port",
        number::edge),
    rule("experiment", "6.1", Error,
        "1021 and 1022 are for experiments and no service's.",
        "assign another User port",
        number::experiment),
    rule("named-range", "7.2", Warning,
        "A service has one port number and not a run of them.",
        "multiplex over one port, or negotiate Dynamic ports",
        number::range),
    rule("iana-reserved", "8.1", Error,
        "A number that IANA holds back is not assigned: it takes a Standards Action or IESG Approval.",
        "assign another port",
        number::iana_reserved),
    rule("iana-assigned", "6", Note,
        "A number that IANA assigns to another service is taken for that one by programs and people.",
        "assign a port that is nobody's, or know why not",
        number::iana_assigned),
    rule("known-use", "", Note,
        "A number that a program is known to use without an assignment is found in use some day.",
        "see portolan PORT for the sources",
        number::known),
    rule("name-missing", "8.1.1", Error,
        "An assignment has a service name.",
        "write service-name",
        field::name),
    rule("transport-missing", "8.1.1", Error,
        "An assigned port names its transports.",
        "write transport",
        field::transport),
    rule("assignee-missing", "8.1.1", Error,
        "An assignment has an assignee.",
        "write assignee: who has it; without one nobody can give it back or change it",
        field::assignee),
    rule("contact-missing", "8.1.1", Error,
        "An assignment has a contact.",
        "write contact: whom to ask",
        field::contact),
    rule("description-missing", "8.1.1", Error,
        "An assignment has a description.",
        "write description: a few words on what the service does",
        field::description),
    rule("reference-missing", "8.1.1", Error,
        "An assignment has a reference; for a System port, a stable specification.",
        "write reference: the document that describes the protocol or application",
        field::reference),
    rule("why-missing", "8.1.1", Warning,
        "A request for a port says why no Dynamic port will do, for a System port also why no User port.",
        "write why-not-dynamic, and for a System port why-not-user",
        field::why),
    rule("code-missing", "8.1.1", Error,
        "An assignment for DCCP has a Service Code.",
        "write service-code (RFC 5595)",
        field::code),
    rule("code-wrong", "8.1.1", Error,
        "A Service Code is for DCCP alone, neither reserved (0, 4294967295) nor private (0x3F000000-0x3FFFFFFF).",
        "take another code, or leave it out",
        code::wrong),
    rule("request-incomplete", "8.1.1", Note,
        "What a request lacks has to come before it is approved.",
        "write what is missing",
        field::of_request),
    rule("revocation-misplaced", "8.4", Error,
        "What is revoked is the assignment of a number; names alone are not.",
        "take the revocation keys out",
        day::misplaced),
    rule("revocation-short", "8.4", Warning,
        "A revocation is announced four weeks before it takes effect.",
        "set revocation-effective later, where the site's own rules do not say otherwise",
        day::short),
    rule("date-backwards", "", Warning,
        "A record is requested, then registered, then modified, and expires after that.",
        "correct one of the dates",
        day::backwards),
    rule("expired", "", Note,
        "What was assigned for a time is given back when it is over.",
        "set a later day, or give it back: status = \"reserved\"",
        day::expired),
];
