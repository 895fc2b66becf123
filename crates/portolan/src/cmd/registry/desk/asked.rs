//! A step that is asked for.

use portolan_ports::site::{Record, Step};
use portolan_survey::suggest::reason::Reason;

/// A step that is about to be taken, and what was said before it.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Asked<'s> {
    pub(in super::super) step: &'s Step,
    /// The record on which it is taken, as it was read.
    pub(in super::super) subject: Option<&'s Record>,
    /// The version that whoever takes it has seen.
    pub(in super::super) version: Option<u64>,
    pub(in super::super) why: &'s str,
    pub(in super::super) dry_run: bool,
    /// What it collides with; told in the JSON document, as text by whoever asked.
    pub(in super::super) conflicts: &'s [Reason],
}

impl<'s> Asked<'s> {
    /// A step that makes a record, for this reason.
    pub(in super::super) const fn new(step: &'s Step, why: &'s str) -> Self {
        Self {
            step,
            subject: None,
            version: None,
            why,
            dry_run: false,
            conflicts: &[],
        }
    }

    /// A step on a record, as it was read, for this reason.
    pub(in super::super) fn on(record: &'s Record, step: &'s Step, why: &'s str) -> Self {
        Self {
            step,
            subject: Some(record),
            version: Some(record.version),
            why,
            dry_run: false,
            conflicts: &[],
        }
    }

    /// What is true of the record with this number once the step is kept, as a sentence without its
    /// end.
    pub(in super::super) fn kept(&self, new: u64) -> String {
        let done = match self.step {
            Step::Request(_) | Step::Draft(_) | Step::Reuse { .. } => "was filed",
            Step::Modify(_) => "was changed",
            Step::Approve { .. } => "was approved",
            Step::Decline => "was declined",
            Step::Ask => "was asked about",
            Step::Withdraw => "was withdrawn",
            Step::Deassign => "was given back",
            Step::AnnounceRevocation { .. } => "will be taken away, which was noted",
            Step::CompleteRevocation => "was taken away",
            Step::CancelRevocation => "stays, which was noted",
            Step::ReportUse(_) => "has the report",
            Step::Import(_) => "was taken over",
        };
        let id = match (self.step, self.subject) {
            (Step::Reuse { .. }, _) | (_, None) => new,
            (_, Some(subject)) => subject.id,
        };
        format!("record {id} {done}")
    }
}
