//! Legacy names and their replacements: RFC 6335 §10.1.

use super::sheet::{Fault, Sheet, quoted};
use crate::{Assignment, check_name};

/// The name that the notes say this row is an alias to.
pub(super) fn target<'a>(row: &Assignment<'a>) -> Option<&'a str> {
    let (_, rest) = row.notes().split_once("an alias to \"")?;
    rest.split_once('"').map(|(name, _)| name)
}

/// Whether one name may be the well-formed replacement of the other: they have the same letters
/// and digits in the same order.
pub(super) fn are_twins(a: &str, b: &str) -> bool {
    let bare = |name: &str| -> String {
        name.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect()
    };
    check_name(a).is_ok() != check_name(b).is_ok() && bare(a) == bare(b)
}

/// An ill-formed name beside its well-formed twin that does not say what it is.
pub(super) fn note_missing(sheet: &Sheet<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (first, second) in sheet.pairs() {
        let (a, b) = (&sheet.rows[first], &sheet.rows[second]);
        if !a.is_named() || !b.is_named() || !are_twins(a.service_name(), b.service_name()) {
            continue;
        }
        let (bad, number, good) = if check_name(a.service_name()).is_ok() {
            (b, second, a)
        } else {
            (a, first, b)
        };
        if target(bad).is_none() {
            let (bad, good) = (quoted(bad.service_name()), quoted(good.service_name()));
            let what = format!("{bad} stands beside {good} and does not say that it is its alias");
            faults.push(Fault::new(number, what));
        }
    }
    faults
}

pub(super) fn target_missing(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each_named(|row| {
        let target = target(row)?;
        let rows = sheet.by_name.get(&target.to_ascii_lowercase());
        let there = rows.into_iter().flatten().any(|number| {
            let other = &sheet.rows[*number];
            (other.ports, other.transport) == (row.ports, row.transport)
        });
        (!there).then(|| format!("an alias to {}, which has no row here", quoted(target)))
    })
}

pub(super) fn target_ill_formed(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each_named(|row| {
        let target = target(row)?;
        let there = sheet.by_name.contains_key(&target.to_ascii_lowercase());
        let why = check_name(target).err().filter(|_| there)?;
        Some(format!("an alias to {}, which {why}", quoted(target)))
    })
}
