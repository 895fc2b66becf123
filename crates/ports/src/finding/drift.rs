//! Where what listens departs from the site registry.

use portolan_registry::PortRange;

use super::{Finding, FindingKind, Severity};
use crate::expectation::Expectation;
use crate::listener::Listener;
use crate::policy::{owners, proven};
use crate::protocol::{Relation, relate};
use crate::site::{Citation, Record, Revocation, Ruling, Status, assigns, ruling};
use crate::verdict::Observation;

/// For how many days before it may take effect a revocation is told: as long as IANA's notice runs
/// (RFC 6335 §8.4).
const NEAR_DAYS: i32 = 28;

/// One way in which what listens departs from the site registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The record.
    pub record: Citation,
    /// How much it matters: a note where it is doubtful, or still to come.
    pub severity: Severity,
    /// The evidence, as one sentence without a full stop.
    pub because: String,
}

impl From<Drift> for Finding {
    fn from(drift: Drift) -> Self {
        Self {
            kind: FindingKind::SiteDrift,
            severity: drift.severity,
            because: drift.because,
            source: Some(drift.record.source()),
        }
    }
}

impl Drift {
    fn of(record: &Record, severity: Severity, because: String) -> Self {
        Self {
            record: record.citation(),
            severity,
            because,
        }
    }

    /// A listener that is called as this record's service, and stands on another number than the
    /// record's, where it is not. Whether that is so is for the caller to see.
    #[must_use]
    pub fn astray(record: &Record, listener: &Listener) -> Self {
        let because = format!(
            "{} is assigned to {} by the site registry, where it does not listen",
            record.place(),
            record.fields.service_name
        );
        let because = format!("{because}; {}", listens(listener));
        Self::of(record, Severity::Note, because)
    }
}

/// Everything in which a listener departs from the site's records. Those whose day counts say
/// nothing where the day is not known.
#[must_use]
pub fn site_drift(expectation: &Expectation<'_>, seen: &Observation<'_>) -> Vec<Drift> {
    let listener = seen.listener;
    if expectation.site.is_empty() || listener.namespace.is_some() {
        return Vec::new();
    }
    match ruling(expectation, seen) {
        Ruling::Silent => unassigned(expectation, seen),
        Ruling::Broken(record, why) => {
            let because = format!("{}, but {}", assigns(record, listener), why.because);
            let differs = Drift::of(record, Severity::Warning, because);
            let revoked = revoked(record, seen);
            std::iter::once(differs).chain(revoked).collect()
        }
        Ruling::Kept(record, _) | Ruling::Unseen(record, _) | Ruling::Undecided(record, _) => {
            Vec::from_iter(revoked(record, seen))
        }
    }
}

/// What the records say of a port that they do not assign on this transport, or no more.
fn unassigned(expectation: &Expectation<'_>, seen: &Observation<'_>) -> Vec<Drift> {
    let listener = seen.listener;
    let with = |is: fn(Status) -> bool| {
        let mut records = expectation.site.iter().copied();
        records
            .find(|record| record.covers_on(listener.port, listener.transport) && is(record.status))
    };
    // Were its time not over, it would not be silent.
    let expired = expectation.assigned_by_site().next();
    let kept_back = || with(|status| status == Status::Reserved);
    let gone = expired
        .and_then(|record| expired_at(record, listener))
        .or_else(|| kept_back().map(|record| held_back(record, listener)))
        .or_else(|| elsewhere(expectation, seen));
    let asked = with(Status::is_pending).map(|record| early(record, listener));
    gone.into_iter().chain(asked).collect()
}

fn expired_at(record: &Record, listener: &Listener) -> Option<Drift> {
    let last = record.fields.expires?;
    let because = format!(
        "the site registry assigned {} until {last}, that day is over, and {}",
        whose(record, listener),
        listens(listener)
    );
    Some(Drift::of(record, Severity::Warning, because))
}

fn held_back(record: &Record, listener: &Listener) -> Drift {
    let place = place(listener);
    let was = match (record.assigned, record.fields.service_name.as_str()) {
        (None, _) => String::new(),
        (Some(_), "") => ": it was assigned, and is no more".to_owned(),
        (Some(_), name) => format!(": it was assigned to {name}, and is no more"),
    };
    let because = format!(
        "the site registry holds {place} back{was}; {}",
        listens(listener)
    );
    Drift::of(record, Severity::Warning, because)
}

/// Assigned, but on another transport. Doubtful where IANA's registry has what answers there, and
/// where the system may have given the number by chance.
fn elsewhere(expectation: &Expectation<'_>, seen: &Observation<'_>) -> Option<Drift> {
    let listener = seen.listener;
    let today = seen.surroundings.today();
    let records = expectation.site.iter().copied();
    let record = records
        .filter(|record| record.status == Status::Assigned && record.covers(listener.port))
        .find(|record| today.is_none_or(|today| !record.is_expired(today)))?;
    let is_iana = proven(seen).is_some_and(|answer| {
        let satisfied = |name| relate(answer, name) == Relation::Satisfied;
        expectation.named().any(|row| satisfied(row.service_name()))
    });
    let port = PortRange::single(listener.port);
    let by_chance = seen.surroundings.ephemeral.is_some();
    let severity = match is_iana || by_chance {
        true => Severity::Note,
        false => Severity::Warning,
    };
    let on: Vec<&str> = record
        .fields
        .transports
        .iter()
        .map(|t| t.as_str())
        .collect();
    let name = match record.fields.service_name.as_str() {
        "" => String::new(),
        name => format!(" to {name}"),
    };
    let because = format!(
        "the site registry assigns {port}{name} on {} alone, and {}; a transport that was not asked for is reserved (RFC 6335 section 7.2)",
        on.join(" and "),
        listens(listener)
    );
    Some(Drift::of(record, severity, because))
}

fn early(record: &Record, listener: &Listener) -> Drift {
    let because = format!(
        "{} asks for {}, which is not assigned before that is approved (RFC 6335 section 8.1.1); {} already",
        record.title(),
        place(listener),
        listens(listener)
    );
    Drift::of(record, Severity::Note, because)
}

/// A revocation that may take effect already, or soon.
fn revoked(record: &Record, seen: &Observation<'_>) -> Option<Drift> {
    let Revocation {
        announced,
        effective,
        because,
    } = record.revocation.as_ref()?;
    let today = seen.surroundings.today();
    let days = today.and_then(|today| Some(today.until(*effective).ok()?.get_days()));
    let (severity, when) = match days {
        None => (Severity::Note, format!("may take effect on {effective}")),
        Some(days) if days > NEAR_DAYS => return None,
        Some(1) => (
            Severity::Note,
            format!("may take effect on {effective}, in 1 day"),
        ),
        Some(days) if days > 0 => (
            Severity::Note,
            format!("may take effect on {effective}, in {days} days"),
        ),
        Some(_) => (
            Severity::Warning,
            format!("may take effect since {effective}"),
        ),
    };
    let why = match because.as_str() {
        "" => String::new(),
        because => format!(" ({because})"),
    };
    let because = format!(
        "{}; its revocation was announced on {announced}{why} and {when}, and {}",
        assigns(record, seen.listener),
        listens(seen.listener)
    );
    Some(Drift::of(record, severity, because))
}

/// `8443/tcp to billing-api`.
fn whose(record: &Record, listener: &Listener) -> String {
    match record.fields.service_name.as_str() {
        "" => place(listener),
        name => format!("{} to {name}", place(listener)),
    }
}

fn place(listener: &Listener) -> String {
    format!("{}/{}", listener.port, listener.transport)
}

/// `nginx listens on 8443/tcp`, as the end of a sentence.
fn listens(listener: &Listener) -> String {
    let who = owners(listener).next();
    let who = who.map_or("something", |owner| owner.program.as_str());
    format!("{who} listens on {}", place(listener))
}
