//! What is different between two registries, in counts, and whether one shrank.

use std::collections::BTreeSet;

use portolan_registry::Registry;
use portolan_registry::diff::{Kind, diff};

use super::Refusal;

/// How much is different, by meaning: white space is no difference, and a block that was cut
/// because a port in it was assigned is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Service names that came to a port or to the registry.
    pub added: usize,
    /// Service names that went.
    pub removed: usize,
    /// All other changes: renamed, reassigned, another state, other words, another block.
    pub changed: usize,
}

/// A new registry must have this share of the rows of the one before, in percent.
const LEAST_ROWS: usize = 95;

/// And may have lost this share of its names, in percent.
const MOST_NAMES_LOST: usize = 2;

/// A registry this small has lost nothing worth a refusal.
const FEW: usize = 50;

impl Changes {
    /// Counts them as `portolan registry diff` tells them.
    #[must_use]
    pub fn between(before: &Registry, after: &Registry) -> Self {
        let diff = diff(before, after);
        let (added, removed) = (diff.count(Kind::Added), diff.count(Kind::Removed));
        Self {
            added,
            removed,
            changed: diff.changes.len() - added - removed,
        }
    }
}

/// Refuses what lost more rows or names than IANA takes away between two looks.
pub(super) fn not_shrunk(before: &Registry, after: &Registry) -> Result<(), Refusal> {
    let (was, rows) = (before.len(), after.len());
    if was > FEW && rows * 100 < was * LEAST_ROWS {
        return Err(Refusal::FewerRows { rows, before: was });
    }
    let names: BTreeSet<&str> = after.service_names().collect();
    let (mut lost, mut all) = (0, 0);
    for name in before.service_names() {
        all += 1;
        lost += usize::from(!names.contains(name));
    }
    if all > FEW && lost * 100 > all * MOST_NAMES_LOST {
        return Err(Refusal::NamesLost { lost, before: all });
    }
    Ok(())
}
