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
}
