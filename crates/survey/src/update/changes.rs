//! What is different between two registries, in counts, and whether one shrank.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use portolan_registry::{Assignment, Column, PortRange, Registry, Transport};

use super::Refusal;

/// How many rows are different, by port, transport and name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows whose port, transport and name are new.
    pub added: usize,
    /// Rows whose port, transport and name are gone.
    pub removed: usize,
    /// Rows that stayed, with other words.
    pub changed: usize,
}

/// A new registry must have this share of the rows of the one before, in percent.
const LEAST_ROWS: usize = 95;

/// And may have lost this share of its names, in percent.
const MOST_NAMES_LOST: usize = 2;

/// A registry this small has lost nothing worth a refusal.
const FEW: usize = 50;

type Key<'a> = (Option<PortRange>, Option<Transport>, &'a str);

impl Changes {
    /// Counts them, by what identifies a row. Semantic differences (renamed, reassigned) would be
    /// told here. A key may stand on several rows, which are then told apart by their words.
    #[must_use]
    pub fn between(before: &Registry, after: &Registry) -> Self {
        let (old, new) = (by_key(before), by_key(after));
        let mut changes = Self::default();
        for (key, was) in &old {
            match new.get(key) {
                None => changes.removed += was.len(),
                Some(is) => {
                    let same = was.iter().filter(|row| is.contains(row)).count();
                    let (was, is) = (was.len(), is.len());
                    changes.changed += was.min(is).saturating_sub(same);
                    changes.added += is.saturating_sub(was);
                    changes.removed += was.saturating_sub(is);
                }
            }
        }
        let fresh = new.iter().filter(|(key, _)| !old.contains_key(*key));
        changes.added += fresh.map(|(_, rows)| rows.len()).sum::<usize>();
        changes
    }
}

fn by_key(registry: &Registry) -> HashMap<Key<'_>, Vec<u64>> {
    let mut rows: HashMap<Key<'_>, Vec<u64>> = HashMap::with_capacity(registry.len());
    for row in registry.rows() {
        let key = (row.ports, row.transport, row.service_name());
        rows.entry(key).or_default().push(words(&row));
    }
    rows
}

fn words(row: &Assignment<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for column in Column::ALL {
        row.cell(column).hash(&mut hasher);
    }
    hasher.finish()
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
