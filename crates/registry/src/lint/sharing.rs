//! One port for one service: RFC 6335 §5 and §7.2.

use std::collections::HashSet;

use super::alias;
use super::sheet::{Fault, MOST_NEIGHBOURS, Sheet, quoted};
use crate::{Assignment, Column, State};

/// One fault for each further port of a name, at its first row there. Legacy aliases go where
/// their names go and are not blamed twice.
pub(super) fn second_port(sheet: &Sheet<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for numbers in sheet.by_name.values() {
        let mut seen = HashSet::new();
        let mut first = None;
        for number in numbers {
            let row = &sheet.rows[*number];
            let Some(ports) = row.ports.filter(|_| alias::target(row).is_none()) else {
                continue;
            };
            // Another spelling of a name is name-case's.
            let same = sheet.rows[numbers[0]].service_name() == row.service_name();
            if !same || !seen.insert(ports) {
                continue;
            }
            if let Some(first) = first {
                let name = quoted(row.service_name());
                faults.push(Fault::new(
                    *number,
                    format!("{name} has port {first} already"),
                ));
            }
            first = first.or(Some(ports));
        }
    }
    faults
}

pub(super) fn named_range(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each_named(|row| {
        let ports = row.ports.filter(|ports| !ports.is_single())?;
        Some(format!(
            "{} holds {} ports",
            quoted(row.service_name()),
            ports.count()
        ))
    })
}

/// Rows say Unassigned of a port that another row gives to a service on another transport.
pub(super) fn other_transport(sheet: &Sheet<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, (ports, number)) in sheet.by_port.iter().enumerate() {
        let row = &sheet.rows[*number];
        let unassigned = State::of(row) == State::Unassigned;
        let Some(transport) = row.transport.filter(|_| unassigned) else {
            continue;
        };
        let before = sheet.by_port[..at].iter().rev();
        let near = before.take_while(|(p, _)| p.first() == ports.first());
        let after = sheet.by_port[at + 1..].iter();
        let after = after.take_while(|(p, _)| p.first() <= ports.last());
        let other = near
            .take(MOST_NEIGHBOURS)
            .chain(after.take(MOST_NEIGHBOURS))
            .map(|(_, number)| &sheet.rows[*number])
            .find(|other| other.is_named() && other.transport.is_some_and(|t| t != transport));
        if let Some(other) = other {
            let (name, place) = (quoted(other.service_name()), other.place());
            let what = format!("Unassigned, while {place} is {name}'s");
            faults.push(Fault::new(*number, what));
        }
    }
    faults
}

/// Two services of two assignees on one port and transport. §5 has cases in which that is right
/// (an extension, an old accident), and a file does not tell which, so this is no more than a
/// note. Names of one assignee are taken for one case of those.
pub(super) fn shared(sheet: &Sheet<'_>) -> Vec<Fault> {
    let mut blamed = HashSet::new();
    let mut faults = Vec::new();
    for (first, second) in sheet.pairs() {
        let (a, b) = (&sheet.rows[first], &sheet.rows[second]);
        let both = a.is_named() && b.is_named() && a.ports == b.ports;
        let one_name = a.service_name().eq_ignore_ascii_case(b.service_name());
        let is_alias = alias::target(a).is_some() || alias::target(b).is_some();
        if both && !one_name && !is_alias && assignees_differ(a, b) && blamed.insert(second) {
            let what = format!(
                "{} and {} share it",
                quoted(a.service_name()),
                quoted(b.service_name())
            );
            faults.push(Fault::new(second, what));
        }
    }
    faults
}

fn assignees_differ(a: &Assignment<'_>, b: &Assignment<'_>) -> bool {
    a.cell(Column::Assignee) != b.cell(Column::Assignee)
        // Legacy names that differ as alias and name do are one service, note or no note.
        && !alias::are_twins(a.service_name(), b.service_name())
}
