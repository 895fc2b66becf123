//! Service names: RFC 6335 §5 and §5.1.

use std::collections::{HashMap, HashSet};

use super::alias;
use super::sheet::{Fault, Sheet, quoted};

/// The words of §5 that say nothing in a registry of service names and port numbers.
const REDUNDANT: [&str; 6] = [
    "port",
    "ports",
    "service",
    "services",
    "protocol",
    "protocols",
];

pub(super) fn length(sheet: &Sheet<'_>) -> Vec<Fault> {
    ill_formed(sheet, |name| {
        let count = name.chars().count();
        (count > 15).then(|| format!("has {count} characters"))
    })
}

pub(super) fn characters(sheet: &Sheet<'_>) -> Vec<Fault> {
    ill_formed(sheet, |name| {
        let mut illegal: Vec<char> = name
            .chars()
            .filter(|c| !c.is_ascii_alphanumeric() && *c != '-')
            .collect();
        illegal.sort_unstable();
        illegal.dedup();
        let shown: Vec<String> = illegal.iter().map(|c| format!("{c:?}")).collect();
        (!shown.is_empty()).then(|| format!("holds {}", shown.join(", ")))
    })
}

pub(super) fn no_letter(sheet: &Sheet<'_>) -> Vec<Fault> {
    ill_formed(sheet, |name| {
        let letter = name.chars().any(|c| c.is_ascii_alphabetic());
        (!letter).then(|| "holds no letter".to_owned())
    })
}

pub(super) fn edge_hyphen(sheet: &Sheet<'_>) -> Vec<Fault> {
    ill_formed(sheet, |name| {
        let how = match (name.starts_with('-'), name.ends_with('-')) {
            (true, true) => "begins and ends",
            (true, false) => "begins",
            (false, true) => "ends",
            (false, false) => return None,
        };
        Some(format!("{how} with a hyphen"))
    })
}

pub(super) fn double_hyphen(sheet: &Sheet<'_>) -> Vec<Fault> {
    ill_formed(sheet, |name| {
        name.contains("--")
            .then(|| "holds two hyphens in a row".to_owned())
    })
}

/// What is wrong with each name, and whether it is a legacy name with a replacement: then §10.1
/// keeps it, else nothing excuses it.
fn ill_formed(sheet: &Sheet<'_>, wrong: impl Fn(&str) -> Option<String>) -> Vec<Fault> {
    sheet.each_named(|row| {
        let wrong = wrong(row.service_name())?;
        let name = quoted(row.service_name());
        let excuse = alias::target(row).map_or_else(
            || "no alias (section 10.1)".to_owned(),
            |target| format!("an alias to {}", quoted(target)),
        );
        Some(format!("{name} {wrong}; {excuse}"))
    })
}

/// One fault for each further spelling, at its first row.
pub(super) fn case(sheet: &Sheet<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for numbers in sheet.by_name.values() {
        let first = sheet.rows[numbers[0]].service_name();
        let mut spellings = HashSet::from([first]);
        for number in numbers {
            let name = sheet.rows[*number].service_name();
            if spellings.insert(name) {
                let what = format!("{} is {} but for case", quoted(name), quoted(first));
                faults.push(Fault::new(*number, what));
            }
        }
    }
    faults
}

/// The same name at the same place, for something else.
pub(super) fn twice(sheet: &Sheet<'_>) -> Vec<Fault> {
    let mut seen = HashMap::new();
    let mut faults = Vec::new();
    for (number, row) in sheet
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.is_named())
    {
        let key = (row.service_name(), row.ports, row.transport);
        let first = *seen.entry(key).or_insert(row);
        if first != row {
            let what = format!(
                "{} is at this place already, for {}",
                quoted(row.service_name()),
                quoted(first.description())
            );
            faults.push(Fault::new(number, what));
        }
    }
    faults
}

pub(super) fn redundant_word(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each_named(|row| {
        let name = row.service_name();
        let redundant = |word: &&str| REDUNDANT.iter().any(|r| r.eq_ignore_ascii_case(word));
        let word = name.split(['-', '_']).find(redundant)?;
        // A name that is nothing but the word has nothing redundant in it.
        (word.len() < name.len()).then(|| format!("{} holds the word {word:?}", quoted(name)))
    })
}
