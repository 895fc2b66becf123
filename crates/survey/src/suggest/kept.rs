//! The number that a name has already.

use std::cmp::Reverse;

use jiff::civil::Date;
use portolan_ports::site::{Record, Status};

use crate::site::SiteRegistry;

/// The record by which a name has a number on this host, or asks for one: what is assigned before
/// what waits, then the narrowest scope, then the oldest. Names are compared without case. Where the
/// day is not known, no assignment's time is over.
#[must_use]
pub fn kept<'a>(site: &'a SiteRegistry, name: &str, today: Option<Date>) -> Option<&'a Record> {
    let named = site.named(name).iter().filter(|record| {
        let has = record.status.is_pending() || record.status == Status::Assigned;
        has && record.fields.ports.is_some()
            && record.fields.service_name.eq_ignore_ascii_case(name)
            && site.here().is_in(&record.fields.scope)
            && today.is_none_or(|today| !record.is_expired(today))
    });
    named.min_by_key(|record| {
        let waits = record.status != Status::Assigned;
        (waits, Reverse(&record.fields.scope), record.id)
    })
}
