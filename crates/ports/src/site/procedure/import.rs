//! Taking a record over from a file: as it stands there, but for its number, and never against what
//! is here already.

use super::collision::{Claim, whose};
use super::{Case, Decision, is_reviewer, name, number, report, required, revoke, text};
use crate::site::{Record, Refusal, Status};

/// Takes it over. What is required of a request may be missing: it may be older than these rules.
pub(super) fn import(case: &Case<'_>, record: &Record) -> Result<Decision, Refusal> {
    let mut record = record.clone().tidied();
    record.id = 0;
    record.file = None;
    record.version = 0;
    check(case, &record)?;
    let mut remarks = Vec::new();
    if record.modified > case.today {
        remarks.push(format!(
            "it says that it was last changed on {}, and today is {}: it is kept as of today",
            record.modified, case.today
        ));
        record.modified = case.today;
    }
    relink(case, &mut record, &mut remarks);
    already_there(case, &record)?;
    if record.status.holds() {
        let claim = Claim {
            fields: &record.fields,
            id: 0,
            reuses: record.reuses,
            today: case.today,
        };
        remarks.extend(claim.against(case.others)?);
        remarks.extend(report::remarks(&claim, case.others));
    }
    Ok(Decision {
        records: vec![record],
        remarks,
    })
}

fn check(case: &Case<'_>, record: &Record) -> Result<(), Refusal> {
    let fields = &record.fields;
    text::check_fields(fields)?;
    text::check_line("because", &record.because)?;
    text::check_login(&record.requested_by)?;
    if fields.service_name.is_empty() && fields.ports.is_none() {
        let because = "it has neither a service name nor a port";
        return Err(Refusal::rfc("8.1.1", because, "say at least one of them"));
    }
    name::check(fields)?;
    required::check_code(fields)?;
    let given = record.status == Status::Assigned || record.status.is_pending();
    if let Some(ports) = fields.ports.filter(|_| given) {
        number::check_each(ports)?;
    }
    if let Some(revocation) = &record.revocation {
        text::check_line("the reason of the revocation", &revocation.because)?;
        if record.status != Status::Assigned || fields.ports.is_none() {
            return Err(Refusal::rfc(
                "8.4",
                "a revocation is announced, and it is no assignment of a number",
                "leave the revocation out",
            ));
        }
        revoke::check_notice(case, revocation)?;
    }
    let decided = matches!(record.status, Status::Assigned | Status::Reserved);
    if decided && !is_reviewer(case) {
        return Err(Refusal::site(
            format!(
                "{} may not give what is imported as {}",
                shown(case.by),
                record.status.as_str()
            ),
            format!("ask a reviewer to import it: {}", super::reviewers(case)),
        ));
    }
    Ok(())
}

fn shown(by: &str) -> String {
    match by {
        "" => "whoever has no login name".to_owned(),
        by => portolan_registry::one_line(by),
    }
}

/// The number of another record is the file's, and means nothing here. A request waits beside the
/// record of the same number and assignee; of an assignment it is history, and is told.
fn relink(case: &Case<'_>, record: &mut Record, remarks: &mut Vec<String>) {
    let Some(id) = record.reuses.take() else {
        return;
    };
    let fields = &record.fields;
    let wanted = |other: &&Record| {
        matches!(other.status, Status::Assigned | Status::Reserved)
            && other.fields.ports == fields.ports
            && fields.ports.is_some()
            && (other.fields.is_same_assignee(fields) || other.fields.assignee.is_empty())
            && other.fields.scope.is_same(&fields.scope)
    };
    if record.status.is_pending() {
        record.reuses = case.others.iter().find(wanted).map(|other| other.id);
    }
    if record.reuses.is_none() {
        remarks.push(format!(
            "which record's number it reuses is not kept: it was record {id} where it comes from"
        ));
    }
}

fn already_there(case: &Case<'_>, record: &Record) -> Result<(), Refusal> {
    let fields = &record.fields;
    let same = |other: &&Record| {
        let names = fields
            .service_name
            .eq_ignore_ascii_case(&other.fields.service_name);
        let place =
            fields.ports == other.fields.ports && fields.transports == other.fields.transports;
        let status =
            record.status == other.status || (record.status.holds() && other.status.holds());
        names
            && place
            && status
            && fields.scope.is_same(&other.fields.scope)
            && (record.status.holds() || fields == &other.fields)
    };
    match case.others.iter().find(same) {
        Some(other) => Err(Refusal::site(
            format!("it is here already: {}", whose(other)),
            "leave it out",
        )),
        None => Ok(()),
    }
}
