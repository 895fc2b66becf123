//! What an update did, as JSON.

use serde::Serialize;

use crate::update::Outcome;

/// `portolan registry update --json`.
#[derive(Debug, Serialize)]
pub struct UpdateDocument<'a> {
    schema: &'static str,
    updated: bool,
    date: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    added: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lint_errors: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lint_errors_before: Option<usize>,
}

impl<'a> UpdateDocument<'a> {
    /// The date in force, and what is different where that is a new one.
    #[must_use]
    pub fn new(outcome: &'a Outcome) -> Self {
        let new = match outcome {
            Outcome::NothingNew { .. } => None,
            Outcome::Updated(updated) => Some(updated),
        };
        let date = match outcome {
            Outcome::NothingNew { date } => date,
            Outcome::Updated(updated) => &updated.date,
        };
        Self {
            schema: "portolan.registry_update/1",
            updated: new.is_some(),
            date,
            since: new.map(|u| u.before.as_str()),
            rows: new.map(|u| u.rows),
            added: new.map(|u| u.changes.added),
            removed: new.map(|u| u.changes.removed),
            changed: new.map(|u| u.changes.changed),
            lint_errors: new.map(|u| u.errors),
            lint_errors_before: new.map(|u| u.errors_before),
        }
    }
}
