//! The procedures as one pure function: a step, and what it makes of the records.

use jiff::civil::Date;
use portolan_registry::Registry;

use super::{Record, Refusal, Step};

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
    let _ = case;
    todo!("the procedures")
}
