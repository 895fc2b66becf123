//! The audit trail of the site registry, and whether it is whole.

use portolan_store::audit::{Audited, Verified};
use serde::Serialize;
use serde_json::Value;

use super::said;

/// `portolan registry audit --json`.
#[derive(Debug, Serialize)]
pub struct TrailDocument<'a> {
    schema: &'static str,
    entries: Vec<EntryDocument<'a>>,
    verified: Option<VerifiedDocument<'a>>,
}

/// One entry. `content` is the record as it stood after the step, as the hash covers it.
#[derive(Debug, Serialize)]
struct EntryDocument<'a> {
    number: u64,
    at: &'a str,
    by: &'a str,
    step: &'a str,
    because: Option<&'a str>,
    record: u64,
    content: Value,
    previous: &'a str,
    hash: &'a str,
}

#[derive(Debug, Serialize)]
struct VerifiedDocument<'a> {
    whole: bool,
    entries: u64,
    head: Option<&'a str>,
    faults: Vec<FaultDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct FaultDocument<'a> {
    number: Option<u64>,
    because: &'a str,
}

impl<'a> TrailDocument<'a> {
    /// These entries, oldest first.
    #[must_use]
    pub fn new(entries: &'a [Audited]) -> Self {
        Self {
            schema: "portolan.site_audit/1",
            entries: entries.iter().map(EntryDocument::new).collect(),
            verified: None,
        }
    }

    /// What came of computing the chain anew. `missing` is said where a hash that was noted down is
    /// none of the chain's.
    #[must_use]
    pub fn verified(mut self, verified: &'a Verified, missing: Option<&'a str>) -> Self {
        let found = verified.faults.iter().map(|fault| FaultDocument {
            number: Some(fault.number).filter(|number| *number > 0),
            because: &fault.because,
        });
        let missing = missing.map(|because| FaultDocument {
            number: None,
            because,
        });
        let faults: Vec<FaultDocument<'_>> = found.chain(missing).collect();
        self.verified = Some(VerifiedDocument {
            whole: faults.is_empty(),
            entries: verified.entries,
            head: said(&verified.head),
            faults,
        });
        self
    }
}

impl<'a> EntryDocument<'a> {
    fn new(entry: &'a Audited) -> Self {
        let content = serde_json::from_str(&entry.content);
        Self {
            number: entry.number,
            at: &entry.entry.at,
            by: &entry.entry.by,
            step: &entry.entry.step,
            because: said(&entry.entry.why),
            record: entry.record,
            // What is no JSON was changed by somebody: it is shown as it is.
            content: content.unwrap_or_else(|_| Value::String(entry.content.clone())),
            previous: &entry.previous,
            hash: &entry.hash,
        }
    }
}
