//! Rows against each other: repeated, overlapping, out of order.

use std::collections::{HashMap, HashSet};

use super::sheet::{Fault, Sheet, quoted};
use crate::Assignment;

pub(super) fn twice(sheet: &Sheet<'_>) -> Vec<Fault> {
    let mut seen: HashMap<&Assignment<'_>, usize> = HashMap::new();
    let mut faults = Vec::new();
    for (number, row) in sheet.rows.iter().enumerate() {
        if seen.insert(row, number).is_some() {
            faults.push(Fault::new(number, "the same row as one before"));
        }
    }
    faults
}

/// Two rows on a port and transport of which one is no assignment, or that differ in their
/// bounds. Equal rows are [`twice`]'s, several names for one port are [`super::sharing`]'s.
pub(super) fn overlap(sheet: &Sheet<'_>) -> Vec<Fault> {
    let mut blamed = HashSet::new();
    let mut faults = Vec::new();
    for (first, second) in sheet.pairs() {
        let (a, b) = (&sheet.rows[first], &sheet.rows[second]);
        let sharing = a.is_named() && b.is_named() && a.ports == b.ports;
        if !sharing && a != b && blamed.insert(second) {
            let said = if a.is_named() {
                format!("{}'s", quoted(a.service_name()))
            } else {
                quoted(a.description())
            };
            let what = format!("the row of {} speaks of it too, as {said}", a.place());
            faults.push(Fault::new(second, what));
        }
    }
    faults
}

/// One fault for each step down. The row that is out of place is the one after the step, unless
/// leaving out the one before it mends the order and leaving out this one does not.
pub(super) fn order(sheet: &Sheet<'_>) -> Vec<Fault> {
    let firsts: Vec<u32> = sheet
        .rows
        .iter()
        .map(|row| row.ports.map_or(PORTLESS, |p| u32::from(p.first())))
        .collect();
    let mut faults = Vec::new();
    for at in 1..firsts.len() {
        let (before, own) = (firsts[at - 1], firsts[at]);
        if own >= before {
            continue;
        }
        let mends = at >= 2 && firsts[at - 2] <= own;
        let next_fits = firsts.get(at + 1).is_none_or(|next| *next >= before);
        let (row, what) = if mends && !next_fits {
            (at - 1, format!("stands before {}", said(own)))
        } else {
            (at, format!("stands after {}", said(before)))
        };
        faults.push(Fault::new(row, what));
    }
    faults
}

/// Names without a port come last.
const PORTLESS: u32 = u32::MAX;

fn said(first: u32) -> String {
    if first == PORTLESS {
        "a name without a port".to_owned()
    } else {
        format!("port {first}")
    }
}
