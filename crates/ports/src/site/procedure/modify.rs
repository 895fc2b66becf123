//! Setting the fields of a record anew (RFC 6335 §8.6): of a request any, of an assignment what does
//! not make it another assignment.

use portolan_registry::RangeKind;

use super::checked::{check, check_expiry};
use super::collision::whose_is;
use super::request::{settle, with_missing};
use super::{Case, Decision, Review, is_reviewer, note, out_of_place, required, reuse, text};
use crate::site::{Fields, Record, Refusal, Status};

/// Sets them. A question is answered with it, and the request waits again.
pub(super) fn modify(
    case: &Case<'_>,
    subject: &Record,
    fields: &Fields,
) -> Result<Decision, Refusal> {
    let fields = fields.tidied();
    let (merged, kept) = with_history(&subject.fields, fields.clone());
    let written = || note::check_written(&subject.fields, &fields);
    let mut decision = match subject.status {
        Status::Requested | Status::Questioned => {
            written()?;
            request(case, subject, merged)?
        }
        Status::Assigned => {
            written()?;
            assignment(case, subject, merged)?
        }
        Status::Reserved => {
            let rule = "what is Reserved is kept as it is";
            return Err(out_of_place(subject, "8.2", rule));
        }
        Status::Declined | Status::Withdrawn | Status::Unassigned => {
            let rule = "only a request that waits or an assignment can be changed";
            return Err(out_of_place(subject, "8.6", rule));
        }
    };
    if kept {
        decision
            .remarks
            .push("reports and dated notes stay, though they were left out".to_owned());
    }
    Ok(decision)
}

/// Reports of a use and dated notes are added to, never taken away. The second is whether any had
/// been left out.
fn with_history(old: &Fields, mut new: Fields) -> (Fields, bool) {
    let (reports, one) = note::merged(&old.unauthorized_use, &new.unauthorized_use, |_| true);
    let (notes, other) = note::merged(&old.notes, &new.notes, note::is_kept);
    new.unauthorized_use = reports;
    new.notes = notes;
    note::bound(&mut new.notes);
    (new, one || other)
}

fn request(case: &Case<'_>, subject: &Record, fields: Fields) -> Result<Decision, Refusal> {
    as_complete_as(subject, &fields)?;
    check_expiry(case, &fields)?;
    if let Some(id) = subject.reuses
        && let Some(old) = case.others.iter().find(|other| other.id == id)
    {
        reuse::same_number(old, &fields)?;
    }
    let checked = check(case, &fields, subject.id, subject.reuses)?;
    let mut record = Record {
        status: Status::Requested,
        fields,
        modified: case.today,
        because: case.why.trim().to_owned(),
        ..subject.clone()
    };
    settle(case, &mut record, &checked);
    Ok(Decision {
        records: vec![record],
        remarks: with_missing(checked, subject.id),
    })
}

fn assignment(case: &Case<'_>, subject: &Record, fields: Fields) -> Result<Decision, Refusal> {
    let old = &subject.fields;
    identity(subject, &fields)?;
    same_hosts(subject, &fields)?;
    adopted(case, subject, &fields)?;
    as_complete_as(subject, &fields)?;
    if fields.expires != old.expires {
        check_expiry(case, &fields)?;
    }
    // What came from a file may be a run of ports, or beyond what can be asked for here: where no more
    // is claimed, it is not judged anew.
    let mut remarks = Vec::new();
    if claims_more(old, &fields) {
        let checked = check(case, &fields, subject.id, subject.reuses)?;
        permit_more(case, subject, &fields)?;
        remarks = with_missing(checked, subject.id);
    } else {
        text::check_fields(&fields)?;
        required::check_code(&fields)?;
    }
    let gone = old
        .transports
        .iter()
        .filter(|t| !fields.transports.contains(t));
    for transport in gone.filter(|_| fields.ports.is_some()) {
        remarks.push(format!(
            "{transport} stays held back with the number's other transports (RFC 6335 section 7.2)"
        ));
    }
    let record = Record {
        fields,
        modified: case.today,
        because: case.why.trim().to_owned(),
        ..subject.clone()
    };
    Ok(Decision {
        records: vec![record],
        remarks,
    })
}

/// Assignee, name and number make an assignment the one that it is.
fn identity(subject: &Record, fields: &Fields) -> Result<(), Refusal> {
    let old = &subject.fields;
    let title = subject.title();
    if !old.assignee.is_empty() && !old.is_same_assignee(fields) {
        return Err(Refusal::rfc(
            "8.5",
            format!("{}, and assignments are not transferred", whose_is(subject)),
            format!(
                "whoever has it gives it back (portolan registry deassign {}), the other asks for a port of its own (portolan registry request)",
                subject.id
            ),
        ));
    }
    if !old.service_name.is_empty() && !old.is_same_name(fields) {
        return Err(Refusal::rfc(
            "8.3",
            format!("{title} keeps its name, and another name is another assignment"),
            match old.ports {
                Some(_) => format!(
                    "use its number for the other service: portolan registry reuse {}",
                    subject.id
                ),
                None => "file a request for the other name: portolan registry request".to_owned(),
            },
        ));
    }
    if old.ports == fields.ports {
        return Ok(());
    }
    let (because, next) = match old.ports {
        Some(_) => (
            format!("{title} keeps its number, and another number is another assignment"),
            format!(
                "give the number back (portolan registry deassign {}) and ask for another (portolan registry request)",
                subject.id
            ),
        ),
        None => (
            format!("{title} is a name alone, and a number for it is another assignment"),
            "ask for the port under the same name: portolan registry request".to_owned(),
        ),
    };
    Err(Refusal::rfc("8.1", because, next))
}

/// On hosts that are left out, number and name would be anybody's at once, and not Reserved (§8.2).
fn same_hosts(subject: &Record, fields: &Fields) -> Result<(), Refusal> {
    let old = &subject.fields.scope;
    if old.is_within(&fields.scope) {
        return Ok(());
    }
    let next = match subject.fields.ports {
        Some(_) => format!(
            "give the number back (portolan registry deassign {}) and ask for another (portolan registry request)",
            subject.id
        ),
        None => "leave the scope as it is".to_owned(),
    };
    Err(Refusal::rfc(
        "8.2",
        format!(
            "{} keeps its scope, {old}: what is given up is held back, and becomes nobody's on some hosts alone",
            subject.title()
        ),
        next,
    ))
}

/// Whose an assignment is that nobody had is decided, not taken.
fn adopted(case: &Case<'_>, subject: &Record, fields: &Fields) -> Result<(), Refusal> {
    let adopted = subject.fields.assignee.is_empty() && !fields.assignee.is_empty();
    if !adopted || is_reviewer(case) {
        return Ok(());
    }
    Err(Refusal::rfc(
        "8.5",
        format!(
            "{} is nobody's, and whose it becomes takes a review",
            subject.title()
        ),
        format!(
            "ask a reviewer to take this step: {}",
            super::reviewers(case)
        ),
    ))
}

/// What was whole stays whole; of what was not, some may still be missing.
fn as_complete_as(subject: &Record, fields: &Fields) -> Result<(), Refusal> {
    match required::missing(&subject.fields).is_empty() {
        true => required::complete(&required::missing(fields), "say it again"),
        false => Ok(()),
    }
}

/// A name where there was none, more transports, or hosts on which it was not valid before.
fn claims_more(old: &Fields, new: &Fields) -> bool {
    let name = old.service_name.is_empty() && !new.service_name.is_empty();
    let covered = |transport| old.transports.is_empty() || old.transports.contains(transport);
    // Without transports all are meant.
    let all = new.transports.is_empty() && !old.transports.is_empty() && new.ports.is_some();
    let scope = !new.scope.is_within(&old.scope);
    name || all || scope || !new.transports.iter().all(covered)
}

/// The assignee may ask for the number's other transports (§8.1). That is a review without a second
/// record: a reviewer takes the step, or anybody where the site reviews no User port.
fn permit_more(case: &Case<'_>, subject: &Record, fields: &Fields) -> Result<(), Refusal> {
    let system = fields
        .ports
        .is_some_and(|ports| RangeKind::of(ports.first()) == RangeKind::System);
    if system && case.why.trim().is_empty() {
        return Err(Refusal::rfc(
            "8.1.2",
            format!("{} would claim more of a System port", subject.title()),
            "say which body approved it, as the reason",
        ));
    }
    let unreviewed = !system && case.procedure.review == Review::FirstCome;
    if unreviewed || is_reviewer(case) {
        return Ok(());
    }
    Err(Refusal::rfc(
        "8.1",
        format!(
            "more transports or hosts for {} take a review",
            subject.title()
        ),
        format!(
            "ask a reviewer to take this step: {}",
            super::reviewers(case)
        ),
    ))
}
