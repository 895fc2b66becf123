//! Holding what was seen against the site registry.

use portolan_ports::protocol::wire_form;
use portolan_ports::site::{Here, Record, Ruling, Scope, Status, ruling};
use portolan_ports::{Expectation, Gap, Listener, Severity, Surroundings, Unseen, site_drift};
use portolan_registry::{PortRange, Transport};

use super::super::{Basis, SITE_REGISTRY, UnseenRule, Violation, ViolationKind};
use super::{Held, Round, blind, not_listed};
use crate::site::SiteRegistry;

/// Whether a record that assigns the port wants to know what speaks there: it says so, or says
/// nothing at all and has a name whose form on the wire is known.
pub(super) fn speaks_of_the_wire(expectation: &Expectation<'_>) -> bool {
    expectation.assigned_by_site().any(|record| {
        let fields = &record.fields;
        let serves = &fields.serves;
        let named = || wire_form(&fields.service_name.to_ascii_lowercase()).is_some();
        let said = serves.protocol.is_some() || serves.product.is_some();
        said || (serves.is_empty() && named())
    })
}

impl Round {
    /// In which ways a listener departs from the records, as far as that asks for a person; and what
    /// of it they speak of and was not seen.
    pub(super) fn drift(&mut self, held: &Held<'_>) {
        let (expectation, listener) = (held.expectation, held.listener);
        let seen = held.observation();
        for drift in site_drift(expectation, &seen) {
            let is_grave = drift.severity.needs_attention();
            if is_grave && self.is_new(SITE_REGISTRY, listener, &drift.because) {
                self.violations.push(Violation {
                    kind: ViolationKind::SiteDrift,
                    rule: SITE_REGISTRY.to_owned(),
                    origin: Basis::Site(Some(drift.record)),
                    severity: drift.severity,
                    ports: PortRange::single(listener.port),
                    transport: Some(listener.transport),
                    listener: Some(listener.clone()),
                    because: drift.because,
                });
            }
        }
        let (record, why) = match ruling(expectation, &seen) {
            Ruling::Unseen(record, why) => (record, why),
            Ruling::Undecided(record, _) => {
                self.undecided.insert(record.citation());
                return;
            }
            Ruling::Silent | Ruling::Kept(..) | Ruling::Broken(..) => return,
        };
        let because = format!("it is assigned to {}, and {why}", whom(record));
        if self.is_new(SITE_REGISTRY, listener, &because) {
            self.unseen.push(UnseenRule {
                rule: SITE_REGISTRY.to_owned(),
                origin: Basis::Site(Some(record.citation())),
                ports: PortRange::single(listener.port),
                transport: Some(listener.transport),
                listener: Some(listener.clone()),
                because,
            });
        }
    }

    /// What was not read or not listed may drift.
    pub(super) fn could_drift(&mut self, site: &SiteRegistry, gaps: &[Gap]) {
        let unread = site.gaps().into_iter().next();
        let unread = unread.map(|gap| match gap.detail.as_str() {
            "" => "some of it could not be read".to_owned(),
            detail => format!("some of it could not be read: {detail}"),
        });
        for because in unread.into_iter().chain(blind(gaps).map(not_listed)) {
            self.unseen.push(UnseenRule {
                rule: SITE_REGISTRY.to_owned(),
                origin: Basis::Site(None),
                ports: PortRange::ALL,
                transport: None,
                listener: None,
                because,
            });
        }
    }

    /// A number that was assigned to this very host and that nobody uses may be given back.
    pub(super) fn idle(&mut self, record: &Record, held: &[Held<'_>], gaps: &[Gap]) {
        // A container's port may be published without a socket, unseen.
        let may_hide = |gap: &Gap| matches!(gap.what, Unseen::Listeners | Unseen::Containers);
        if !matches!(record.fields.scope, Scope::Host(_)) || gaps.iter().any(may_hide) {
            return;
        }
        let Some(ports) = record.fields.ports else {
            return;
        };
        let listens = |on: Option<Transport>| {
            let at = |listener: &Listener| {
                ports.contains(listener.port) && on.is_none_or(|on| on == listener.transport)
            };
            held.iter().any(|one| at(one.listener))
        };
        let own = &record.fields.transports;
        let transports: Vec<Option<Transport>> = match own.is_empty() {
            true => vec![None],
            false => own.iter().copied().map(Some).collect(),
        };
        for transport in transports {
            if listens(transport) {
                continue;
            }
            self.violations.push(Violation {
                kind: ViolationKind::SiteDrift,
                rule: SITE_REGISTRY.to_owned(),
                origin: Basis::Site(Some(record.citation())),
                severity: Severity::Note,
                ports,
                transport,
                listener: None,
                because: format!(
                    "it is assigned to this host for {}, and nothing listens",
                    whom(record)
                ),
            });
        }
    }
}

/// The assignments of ports that are valid on this host today.
pub(super) fn valid<'r>(records: &'r [Record], here: &Here, now: Option<i64>) -> Vec<&'r Record> {
    let surroundings = Surroundings {
        now,
        ..Surroundings::default()
    };
    let today = surroundings.today();
    let records = records.iter().filter(|record| {
        record.status == Status::Assigned
            && record.fields.ports.is_some()
            && here.is_in(&record.fields.scope)
            && today.is_none_or(|today| !record.is_expired(today))
    });
    records.collect()
}

fn whom(record: &Record) -> &str {
    match record.fields.service_name.as_str() {
        "" => "a service without a name",
        name => name,
    }
}

#[cfg(test)]
mod tests;
