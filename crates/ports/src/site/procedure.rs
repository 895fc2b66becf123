//! The procedures as one pure function: a step, and what it makes of the records.
//!
//! In reading order: [`decide`]; one file for each step; what they share: [`checked`] for a claim's
//! whole examination, made of [`text`], [`name`], [`number`], [`required`] and [`collision`].

mod checked;
pub(super) mod collision;
mod deassign;
mod import;
mod modify;
pub(super) mod name;
mod note;
pub(super) mod number;
mod report;
mod request;
pub(super) mod required;
mod reuse;
mod review;
mod revoke;
mod text;

use jiff::civil::Date;
use portolan_registry::{Registry, one_line};

use super::{Record, Refusal, Status, Step};

/// Everything that a decision rests on.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The step.
    pub step: &'a Step,
    /// Who takes it: the login name.
    pub by: &'a str,
    /// Why, in words; empty where nothing was said.
    pub why: &'a str,
    /// The day.
    pub today: Date,
    /// The record on which it is taken; `None` for a request.
    pub subject: Option<&'a Record>,
    /// The version that whoever takes the step has read; `None` where any will do.
    pub version: Option<u64>,
    /// Every other record that speaks of the same numbers, has the same name, or reuses the subject.
    pub others: &'a [Record],
    /// How this site does it.
    pub procedure: &'a Procedure,
    /// IANA's registry.
    pub registry: &'a Registry,
}

/// How a site does it, where the RFC leaves it open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// How requests for ports are reviewed.
    pub review: Review,
    /// Who may review, by login name; empty means everybody who may write the registry.
    pub reviewers: Vec<String>,
    /// For how many days a revocation is announced.
    pub notice_days: u16,
}

impl Default for Procedure {
    /// As IANA does it: experts, and four weeks of notice (RFC 6335 §8.1, §8.4).
    fn default() -> Self {
        Self {
            review: Review::Expert,
            reviewers: Vec::new(),
            notice_days: 28,
        }
    }
}

/// How requests for ports are reviewed; names alone are always first come, first served (§8.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Review {
    /// A reviewer decides (RFC 8126 §4.5).
    #[default]
    Expert,
    /// A User port that nobody has is assigned at once (RFC 8126 §4.4).
    FirstCome,
}

/// What a step makes of the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The records as they stand after it, the one that the step was taken on first. One with `id` 0
    /// is new. Each has the version that it had, which whoever keeps it counts up.
    pub records: Vec<Record>,
    /// What whoever took the step should know, though it is no refusal; a sentence each.
    pub remarks: Vec<String>,
}

/// Decides a step. Total: every step on every record is decided or refused.
///
/// # Errors
/// The refusal, with its section. Nothing changes then.
pub fn decide(case: &Case<'_>) -> Result<Decision, Refusal> {
    text::check_login(case.by)?;
    text::check_line("the reason", case.why)?;
    current(case)?;
    clock(case)?;
    match case.step {
        Step::Request(fields) => request::request(new(case)?, fields),
        Step::Draft(fields) => request::draft(new(case)?, fields),
        Step::Import(record) => import::import(new(case)?, record),
        Step::ReportUse(fields) => report::report(case, fields),
        Step::Approve { approval } => review::approve(case, subject(case)?, approval),
        Step::Decline => review::decline(case, subject(case)?),
        Step::Ask => review::ask(case, subject(case)?),
        Step::Modify(fields) => modify::modify(case, subject(case)?, fields),
        Step::Withdraw => deassign::withdraw(case, subject(case)?),
        Step::Deassign => deassign::deassign(case, subject(case)?),
        Step::Reuse(fields) => reuse::reuse(case, subject(case)?, fields),
        Step::AnnounceRevocation { effective } => {
            revoke::announce(case, subject(case)?, *effective)
        }
        Step::CompleteRevocation => revoke::complete(case, subject(case)?),
        Step::CancelRevocation => revoke::cancel(case, subject(case)?),
    }
}

/// What was read has to be what is there.
fn current(case: &Case<'_>) -> Result<(), Refusal> {
    let (Some(subject), Some(read)) = (case.subject, case.version) else {
        return Ok(());
    };
    if subject.version == read {
        return Ok(());
    }
    let because = match one_line(&subject.because).as_str() {
        "" => String::new(),
        because => format!(" ({because})"),
    };
    Err(Refusal::site(
        format!(
            "{} has changed since it was read: it is {} now, by a step of {}{because}",
            subject.title(),
            subject.status.as_str(),
            subject.modified
        ),
        "read it again, then decide",
    ))
}

/// Notices run by days: on a clock that went back, or was ahead at the last step, none can be told.
fn clock(case: &Case<'_>) -> Result<(), Refusal> {
    match case.subject {
        Some(subject) if case.today < subject.modified => Err(Refusal::site(
            format!(
                "this machine's clock says {}, and {} was last changed on {}",
                case.today,
                subject.title(),
                subject.modified
            ),
            "set the clock, or wait until that day",
        )),
        _ => Ok(()),
    }
}

fn subject<'a>(case: &Case<'a>) -> Result<&'a Record, Refusal> {
    case.subject.ok_or_else(|| {
        Refusal::site(
            "there is no such record",
            "see which there are: portolan registry list",
        )
    })
}

fn new<'c, 'a>(case: &'c Case<'a>) -> Result<&'c Case<'a>, Refusal> {
    match case.subject {
        None => Ok(case),
        Some(subject) => Err(Refusal::site(
            format!(
                "{} is there already, and this step makes a new one",
                subject.title()
            ),
            "take it without a record",
        )),
    }
}

fn is_reviewer(case: &Case<'_>) -> bool {
    let reviewers = &case.procedure.reviewers;
    reviewers.is_empty() || reviewers.iter().any(|reviewer| reviewer == case.by)
}

fn may_review(case: &Case<'_>, what: &str) -> Result<(), Refusal> {
    if is_reviewer(case) {
        return Ok(());
    }
    let reviewers = reviewers(case);
    let by = match case.by {
        "" => "whoever has no login name",
        by => by,
    };
    Err(Refusal::site(
        format!("{by} may not {what}"),
        format!("ask a reviewer: {reviewers}"),
    ))
}

/// Whom to ask.
fn reviewers(case: &Case<'_>) -> String {
    one_line(&case.procedure.reviewers.join(", "))
}

/// A step on a record that stands where the step has no place; what to do instead is the record's.
fn out_of_place(record: &Record, section: &'static str, rule: &str) -> Refusal {
    let id = record.id;
    let next = match record.status {
        Status::Requested | Status::Questioned => {
            format!("it waits for a review: portolan registry review {id}")
        }
        Status::Assigned if record.fields.ports.is_some() => format!(
            "change it with portolan registry modify {id}, or give it back with portolan registry deassign {id}"
        ),
        Status::Assigned => format!("change it with portolan registry modify {id}"),
        Status::Reserved if record.fields.ports.is_some() => {
            format!("to use the number again: portolan registry reuse {id}")
        }
        Status::Reserved | Status::Declined | Status::Withdrawn => {
            "file a new request: portolan registry request".to_owned()
        }
        Status::Unassigned => {
            "to have the number, file a request: portolan registry request".to_owned()
        }
    };
    let status = record.status.as_str();
    Refusal::rfc(
        section,
        format!("{} is {status}, and {rule}", record.title()),
        next,
    )
}
