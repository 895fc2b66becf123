//! What an assignment has to tell: RFC 6335 §8.1.1 and §8.2.

use super::sheet::{Fault, Sheet};
use crate::{Column, RangeKind, State, mentioned_ports};

fn empty(sheet: &Sheet<'_>, column: Column, word: &str) -> Vec<Fault> {
    let what = format!("no {word}");
    sheet.each_told(|row| row.cell(column).is_empty().then(|| what.clone()))
}

pub(super) fn description(sheet: &Sheet<'_>) -> Vec<Fault> {
    empty(sheet, Column::Description, "description")
}

pub(super) fn assignee(sheet: &Sheet<'_>) -> Vec<Fault> {
    empty(sheet, Column::Assignee, "assignee")
}

pub(super) fn contact(sheet: &Sheet<'_>) -> Vec<Fault> {
    empty(sheet, Column::Contact, "contact")
}

/// A System port needs a document (§8.1.1); a User port's description may have been in the
/// request, which the file does not show.
pub(super) fn reference(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each_told(|row| {
        let system = RangeKind::of(row.ports?.first()) == RangeKind::System;
        let missing = system && row.cell(Column::Reference).is_empty();
        missing.then(|| "a System port without a reference".to_owned())
    })
}

pub(super) fn transport(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each_named(|row| {
        let missing = row.ports.is_some() && row.transport.is_none();
        missing.then(|| "a port without a transport".to_owned())
    })
}

pub(super) fn portless_transport(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each_named(|row| {
        let missing = row.ports.is_none() && row.transport.is_none();
        missing.then(|| "a name without a transport".to_owned())
    })
}

pub(super) fn iesg_contact(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each_named(|row| {
        let (assignee, contact) = (row.cell(Column::Assignee), row.cell(Column::Contact));
        let other = assignee == "[IESG]" && !contact.is_empty() && contact != "[IETF_Chair]";
        other.then(|| format!("the IESG's, and the contact is {contact}"))
    })
}

pub(super) fn unassigned_assignee(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each(|row| {
        let held = [Column::Assignee, Column::Contact]
            .map(|column| row.cell(column))
            .into_iter()
            .find(|text| !text.is_empty())?;
        (State::of(row) == State::Unassigned).then(|| format!("Unassigned, and {held} has it"))
    })
}

pub(super) fn unauthorized_elsewhere(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each(|row| {
        let own = row.ports?;
        let outside: Vec<String> = mentioned_ports(row.unauthorized_use())
            .into_iter()
            .filter(|p| p.first() < own.first() || own.last() < p.last())
            .map(|p| p.to_string())
            .collect();
        (!outside.is_empty()).then(|| format!("the unauthorized use is on {}", outside.join(", ")))
    })
}
