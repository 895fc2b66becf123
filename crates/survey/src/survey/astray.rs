//! Services of the site registry that listen on another number than theirs. Only a look at every
//! listener can tell that they do not listen on their own.

use portolan_ports::site::{Record, Status, names};
use portolan_ports::{Drift, Finding, Gap, Listener, Surroundings, Unseen};

use super::Judged;
use crate::site::SiteRegistry;

/// Reads what [`note`] will ask for, while this process may still read it.
pub(super) fn read_ahead(site: &SiteRegistry, listeners: &[Listener]) {
    for name in listeners.iter().flat_map(|l| &l.owners).flat_map(names) {
        site.named(name);
    }
}

/// Adds a note to each listener whose program or unit is called as a service that the site registry
/// assigns another number, where that service is not. Cost: a look-up by name for each owner.
pub(super) fn note(
    site: &SiteRegistry,
    listeners: &mut [Judged<'_>],
    now: Option<i64>,
    gaps: &[Gap],
) {
    if gaps.iter().any(|gap| gap.what == Unseen::Listeners) {
        return;
    }
    let mut notes: Vec<(usize, Finding)> = Vec::new();
    for (at, judged) in listeners.iter().enumerate() {
        if let Some(record) = record_elsewhere(site, judged, now)
            && !listeners
                .iter()
                .any(|other| may_be(&other.listener, record, &judged.listener))
        {
            notes.push((at, Drift::astray(record, &judged.listener).into()));
        }
    }
    for (at, note) in notes {
        listeners[at].verdict.findings.push(note);
    }
}

/// The record that assigns another number to what is called like this listener.
fn record_elsewhere<'s>(
    site: &'s SiteRegistry,
    judged: &Judged<'_>,
    now: Option<i64>,
) -> Option<&'s Record> {
    let listener = &judged.listener;
    if listener.namespace.is_some() || judged.expectation.assigned_by_site().next().is_some() {
        return None;
    }
    let surroundings = Surroundings {
        now,
        ..Surroundings::default()
    };
    let today = surroundings.today();
    let is_over = |record: &Record| today.is_some_and(|today| record.is_expired(today));
    listener.owners.iter().flat_map(names).find_map(|name| {
        site.named(name).iter().find(|record| {
            let fields = &record.fields;
            record.status == Status::Assigned
                && fields.ports.is_some()
                && fields.service_name.eq_ignore_ascii_case(name)
                && site.here().is_in(&fields.scope)
                && !is_over(record)
        })
    })
}

/// Whether this listener stands on the record's number and may be of the same program as `own`.
fn may_be(listener: &Listener, record: &Record, own: &Listener) -> bool {
    let is_own = |program: &str| own.owners.iter().any(|owner| owner.program == program);
    let mut owners = listener.owners.iter();
    listener.namespace.is_none()
        && record.covers_on(listener.port, listener.transport)
        && (listener.owners.is_empty() || owners.any(|owner| is_own(&owner.program)))
}
