//! What an update did, as text.

use portolan_survey::update::Outcome;

use super::one_line;
use super::registry::grouped;

pub(crate) fn text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::NothingNew { date } => {
            format!(
                "Nothing new: the registry of {} stays in force",
                one_line(date)
            )
        }
        Outcome::Updated(updated) => format!(
            "Registry of {}: {} rows, {} added, {} removed, {} changed since that of {}",
            one_line(&updated.date),
            grouped(updated.rows),
            grouped(updated.changes.added),
            grouped(updated.changes.removed),
            grouped(updated.changes.changed),
            one_line(&updated.before),
        ),
    }
}
