//! What an assignment has to say (RFC 6335 §8.1.1), as the procedures ask for it.

use super::Sheet;
use crate::site::procedure::required::missing;

/// Assignments that lack what begins with `word` in the procedures' list.
fn lacking(sheet: &Sheet<'_>, word: &str) -> Vec<(usize, String)> {
    sheet.each_assigned(|record| {
        let missing = missing(&record.fields).into_iter();
        let absent: Vec<&str> = missing.filter(|field| field.starts_with(word)).collect();
        (!absent.is_empty()).then(|| format!("no {}", absent.join(" and no ")))
    })
}

pub(in super::super) fn name(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    lacking(sheet, "service-name")
}

pub(in super::super) fn transport(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    lacking(sheet, "transport")
}

pub(in super::super) fn assignee(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    lacking(sheet, "assignee")
}

pub(in super::super) fn contact(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    lacking(sheet, "contact")
}

pub(in super::super) fn description(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    lacking(sheet, "description")
}

pub(in super::super) fn reference(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    lacking(sheet, "reference")
}

pub(in super::super) fn why(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    lacking(sheet, "why-not")
}

pub(in super::super) fn code(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    lacking(sheet, "service-code")
}

pub(in super::super) fn of_request(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    sheet.each(|record| {
        let missing = missing(&record.fields);
        let lacks = record.status.is_pending() && !missing.is_empty();
        lacks.then(|| format!("a request without {}", missing.join(", ")))
    })
}
