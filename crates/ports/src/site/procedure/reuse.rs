//! Using a number for another service (RFC 6335 §8.3): given back and given again, under a new name,
//! to the same assignee. The number passes when the request is approved.

use super::checked::{check, check_expiry};
use super::request::{new, with_missing};
use super::{Case, Decision, deassign, note, out_of_place, required};
use crate::site::{Fields, Record, Refusal, Status};

/// Asks for it. Port and transports are the old record's where nothing is said.
pub(super) fn reuse(
    case: &Case<'_>,
    subject: &Record,
    fields: &Fields,
) -> Result<Decision, Refusal> {
    let mut fields = fields.tidied();
    if fields.ports.is_none() {
        fields.ports = subject.fields.ports;
        if fields.transports.is_empty() {
            fields.transports.clone_from(&subject.fields.transports);
        }
    }
    usable(subject)?;
    same_number(subject, &fields)?;
    let waiting = |other: &&Record| other.status.is_pending() && other.reuses == Some(subject.id);
    if let Some(other) = case.others.iter().find(waiting) {
        return Err(Refusal::rfc(
            "8.3",
            format!("{} asks for the number already", other.title()),
            format!(
                "have that one reviewed: portolan registry review {}",
                other.id
            ),
        ));
    }
    required::complete(&required::missing(&fields), "")?;
    check_expiry(case, &fields)?;
    note::check_written(&Fields::default(), &fields)?;
    let checked = check(case, &fields, 0, Some(subject.id))?;
    let record = new(case, fields, Some(subject.id));
    let asked = Record {
        modified: case.today,
        because: format!("its number is asked for by {}", record.fields.service_name),
        ..subject.clone()
    };
    Ok(Decision {
        records: vec![asked, record],
        remarks: with_missing(checked, 0),
    })
}

/// The old record without its number, once a reuse is approved.
pub(super) fn released(case: &Case<'_>, reuse: &Record, id: u64) -> Result<Record, Refusal> {
    let Some(old) = case.others.iter().find(|other| other.id == id) else {
        return Err(Refusal::site(
            format!("record {id}, whose number is to be used again, is not there"),
            "withdraw the request, and file a new one",
        ));
    };
    usable(old)?;
    same_number(old, &reuse.fields)?;
    let what = format!(
        "{} given back, and given to {} (RFC 6335 section 8.3)",
        old.fields.place(),
        reuse.fields.service_name
    );
    let mut released = deassign::reserved(case, old, what);
    released.fields.ports = None;
    Ok(released)
}

fn usable(old: &Record) -> Result<(), Refusal> {
    if !matches!(old.status, Status::Assigned | Status::Reserved) {
        let rule = "only a number that is assigned or Reserved can be used again";
        return Err(out_of_place(old, "8.3", rule));
    }
    if old.fields.ports.is_none() {
        return Err(Refusal::rfc(
            "8.3",
            format!("{} has no number that could be used again", old.title()),
            "file a request: portolan registry request",
        ));
    }
    if let Some(revocation) = &old.revocation {
        return Err(Refusal::rfc(
            "8.4",
            format!(
                "the number of {} will be taken away from {} on",
                old.title(),
                revocation.effective
            ),
            "have the revocation cancelled first",
        ));
    }
    Ok(())
}

/// The number is the old record's, and so are assignee and hosts; the name is not: who had it keeps it.
pub(super) fn same_number(old: &Record, fields: &Fields) -> Result<(), Refusal> {
    let title = old.title();
    if fields.ports != old.fields.ports {
        return Err(Refusal::rfc(
            "8.3",
            format!(
                "it is the number of {title} that is used again, {}",
                old.fields.place()
            ),
            "ask for another number with portolan registry request",
        ));
    }
    let nobodys = old.fields.assignee.is_empty() && old.status == Status::Reserved;
    if !nobodys && !fields.assignee.is_empty() && !fields.is_same_assignee(&old.fields) {
        return Err(Refusal::rfc(
            "8.5",
            format!(
                "{}, and a number is not transferred to another assignee",
                super::collision::whose_is(old)
            ),
            "ask for another port: portolan registry request",
        ));
    }
    if fields.is_same_name(&old.fields) {
        return Err(Refusal::rfc(
            "8.3",
            format!("{title} keeps its name when its number is used again"),
            "choose another name for the new service",
        ));
    }
    // On fewer hosts the number would be anybody's on the others at once, and not Reserved.
    if !fields.scope.is_same(&old.fields.scope) {
        let scope = &old.fields.scope;
        return Err(Refusal::rfc(
            "8.3",
            format!(
                "{title} has the number in scope {scope}, and not in {}",
                fields.scope
            ),
            format!("use it where it is given: --scope {scope}"),
        ));
    }
    Ok(())
}
