//! Days: their order, what is over, and the notice of a revocation.

use jiff::civil::Date;

use super::Sheet;
use crate::site::{Procedure, Status};

pub(in super::super) fn misplaced(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    sheet.each(|record| {
        let number = record.status == Status::Assigned && record.fields.ports.is_some();
        (record.revocation.is_some() && !number)
            .then(|| "a revocation is announced, and it is no assignment of a number".to_owned())
    })
}

pub(in super::super) fn short(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    let usual = i64::from(Procedure::default().notice_days);
    sheet.each(|record| {
        let revocation = record.revocation.as_ref()?;
        let days = days(revocation.announced, revocation.effective)?;
        (days < usual).then(|| format!("{days} days of notice, where {usual} are usual"))
    })
}

fn days(from: Date, to: Date) -> Option<i64> {
    let span = from.until(to).ok()?;
    Some(i64::from(span.get_days()))
}

pub(in super::super) fn backwards(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    sheet.each(|record| {
        let registered = record.assigned.unwrap_or(record.requested);
        let end = record.fields.expires.unwrap_or(Date::MAX);
        if record.modified < registered {
            Some(format!("modified {}, before {registered}", record.modified))
        } else if registered < record.requested {
            let requested = record.requested;
            Some(format!(
                "registered {registered}, before it was requested {requested}"
            ))
        } else if end < registered {
            Some(format!(
                "expires {end}, before it was registered {registered}"
            ))
        } else {
            None
        }
    })
}

pub(in super::super) fn expired(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    sheet.each_assigned(|record| {
        let last = record.fields.expires?;
        record
            .is_expired(sheet.today)
            .then(|| format!("expired on {last}"))
    })
}
