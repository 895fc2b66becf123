//! The site registry in JSON: a record, a list of records, a step and what came of it, the audit
//! trail.

mod part;
mod record;
mod step;
mod trail;

use serde::Serialize;

use portolan_ports::site::Record;

pub(super) use part::{RevocationDocument, ServesDocument};
pub use record::RecordDocument;
pub use step::StepDocument;
pub use trail::TrailDocument;

/// `portolan registry list --json`.
#[derive(Debug, Serialize)]
pub struct SiteDocument<'a> {
    schema: &'static str,
    filters: &'a [String],
    total: usize,
    records: Vec<RecordDocument<'a>>,
}

impl<'a> SiteDocument<'a> {
    /// The records that fit the filters, of so many in all; `today` as `YYYY-MM-DD` in UTC decides
    /// which of them are expired.
    #[must_use]
    pub fn new(
        filters: &'a [String],
        records: impl IntoIterator<Item = &'a Record>,
        total: usize,
        today: jiff::civil::Date,
    ) -> Self {
        Self {
            schema: "portolan.site/1",
            filters,
            total,
            records: records
                .into_iter()
                .map(|record| RecordDocument::new(record, today))
                .collect(),
        }
    }
}

/// `None` for a text that says nothing.
pub(super) fn said(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
