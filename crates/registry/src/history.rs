//! When a port's rows changed, over a line of registries.

use crate::diff::{Change, compare};
use crate::{Assignment, Port, PortRange, Registry};

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
/// Cost: one pass over each registry.
#[must_use]
pub fn history(registries: &[(String, Registry)], port: Port) -> Vec<Moment<'_>> {
    registries
        .windows(2)
        .filter_map(|pair| {
            let [(since, older), (until, newer)] = pair else {
                return None;
            };
            let around = around(&[older, newer], port);
            let rows = |registry| rows_within(registry, around);
            let mut changes = compare(&rows(older), &rows(newer));
            changes.retain(|change| change.ports.is_some_and(|ports| ports.contains(port)));
            (!changes.is_empty()).then_some(Moment {
                since,
                until,
                changes,
            })
        })
        .collect()
}

/// The widest row around the port: what a block was cut into lies within the block.
fn around(registries: &[&Registry], port: Port) -> PortRange {
    let rows = registries
        .iter()
        .flat_map(|registry| registry.covering(port));
    let ports = rows.filter_map(|row| row.ports);
    ports.fold(PortRange::single(port), |around, ports| {
        let first = around.first().min(ports.first());
        PortRange::new(first, around.last().max(ports.last())).unwrap_or(around)
    })
}

fn rows_within(registry: &Registry, around: PortRange) -> Vec<Assignment<'_>> {
    let meets = |ports: PortRange| ports.first() <= around.last() && around.first() <= ports.last();
    registry
        .rows()
        .filter(|row| row.ports.is_some_and(meets))
        .collect()
}
