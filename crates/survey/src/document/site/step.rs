//! A step on the site registry, and what came of it.

use jiff::civil::Date;
use portolan_ports::site::{Record, Refusal};
use serde::Serialize;

use super::{RecordDocument, said};
use crate::suggest::reason::{Reason, Side};

/// What `portolan registry request`, `review`, `modify` and the other steps print with `--json`.
#[derive(Debug, Serialize)]
pub struct StepDocument<'a> {
    schema: &'static str,
    step: &'a str,
    dry_run: bool,
    outcome: &'static str,
    record: Option<RecordDocument<'a>>,
    others: Vec<RecordDocument<'a>>,
    conflicts: Vec<ConflictDocument<'a>>,
    remarks: &'a [String],
    refusal: Option<RefusalDocument<'a>>,
}

/// What a request collides with (`against`), or what else is worth knowing (`besides`).
#[derive(Debug, Serialize)]
struct ConflictDocument<'a> {
    kind: &'static str,
    side: &'static str,
    because: &'a str,
    source: &'a str,
}

#[derive(Debug, Serialize)]
struct RefusalDocument<'a> {
    section: String,
    because: &'a str,
    next: Option<&'a str>,
}

impl<'a> StepDocument<'a> {
    /// A step that has not been taken yet, and what was found before it.
    #[must_use]
    pub fn new(step: &'a str, dry_run: bool, conflicts: &'a [Reason]) -> Self {
        Self {
            schema: "portolan.site_step/1",
            step,
            dry_run,
            outcome: "undecided",
            record: None,
            others: Vec::new(),
            conflicts: conflicts.iter().filter_map(ConflictDocument::new).collect(),
            remarks: &[],
            refusal: None,
        }
    }

    /// The record on which it is to be taken, as it stands.
    #[must_use]
    pub fn on(mut self, record: &'a Record, today: Date) -> Self {
        self.record = Some(RecordDocument::new(record, today));
        self
    }

    /// It was taken, or with a dry run would have been: the record as it stands now, and others that
    /// the step changed.
    #[must_use]
    pub fn taken(
        mut self,
        record: &'a Record,
        others: impl IntoIterator<Item = &'a Record>,
        remarks: &'a [String],
        today: Date,
    ) -> Self {
        let others = others.into_iter();
        self.outcome = "taken";
        self.record = Some(RecordDocument::new(record, today));
        self.others = others
            .map(|record| RecordDocument::new(record, today))
            .collect();
        self.remarks = remarks;
        self
    }

    /// No record, or more than one, is the one that was named; the remarks say so.
    #[must_use]
    pub fn unknown(mut self, remarks: &'a [String]) -> Self {
        self.outcome = "unknown";
        self.remarks = remarks;
        self
    }

    /// It was refused, and nothing has changed; `meanwhile` is what others did to the record since it
    /// was read.
    #[must_use]
    pub fn refused(mut self, refusal: &'a Refusal, meanwhile: &'a [String]) -> Self {
        self.remarks = meanwhile;
        self.outcome = "refused";
        self.refusal = Some(RefusalDocument {
            section: refusal.section.to_string(),
            because: &refusal.because,
            next: said(&refusal.next),
        });
        self
    }
}

impl<'a> ConflictDocument<'a> {
    /// `None` for what speaks for a port.
    fn new(reason: &'a Reason) -> Option<Self> {
        let side = match reason.side {
            Side::Against => "against",
            Side::Aside => "besides",
            Side::For => return None,
        };
        Some(Self {
            kind: reason.kind.as_str(),
            side,
            because: &reason.text,
            source: &reason.source,
        })
    }
}
