//! When a port's rows changed, over a line of registries.

use crate::diff::{Change, compare};
use crate::{Port, Registry};

/// What changed between one registry and the one before it.
#[derive(Clone, Debug)]
pub struct Moment<'a> {
    /// The older registry's date.
    pub since: &'a str,
    /// The newer registry's date: at the latest then it had changed.
    pub until: &'a str,
    /// What changed; not empty.
    pub changes: Vec<Change<'a>>,
}

/// When and how the rows that cover `port` changed, over registries with their dates, oldest
/// first. Registries between which nothing changed give no moment.
///
/// Cost: one look-up for each registry, and a comparison of a few rows.
#[must_use]
pub fn history(registries: &[(String, Registry)], port: Port) -> Vec<Moment<'_>> {
    registries
        .windows(2)
        .filter_map(|pair| {
            let [(since, older), (until, newer)] = pair else {
                return None;
            };
            let changes = compare(&older.covering(port), &newer.covering(port));
            (!changes.is_empty()).then_some(Moment {
                since,
                until,
                changes,
            })
        })
        .collect()
}
