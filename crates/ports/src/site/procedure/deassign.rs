//! Giving up: a request that is taken back, a number that is given back (RFC 6335 §8.2).

use super::{Case, Decision, may_change, note, out_of_place};
use crate::site::{Record, Refusal, Status};

/// Takes a request back; number and name are free again.
pub(super) fn withdraw(case: &Case<'_>, subject: &Record) -> Result<Decision, Refusal> {
    may_change(case, subject, "withdraw")?;
    if !subject.status.is_pending() {
        let rule = "only a request that waits can be withdrawn";
        return Err(out_of_place(subject, "8.1", rule));
    }
    let record = Record {
        status: Status::Withdrawn,
        modified: case.today,
        because: case.why.trim().to_owned(),
        ..subject.clone()
    };
    Ok(Decision {
        records: vec![record],
        remarks: of_another(case, subject),
    })
}

/// Gives a number back: it becomes Reserved, and the record keeps its name and what was said of it.
pub(super) fn deassign(case: &Case<'_>, subject: &Record) -> Result<Decision, Refusal> {
    may_change(case, subject, "give back")?;
    if subject.status != Status::Assigned {
        let rule = "only an assignment can be given back";
        let mut refusal = out_of_place(subject, "8.2", rule);
        if subject.status.is_pending() {
            refusal.next = format!(
                "take the request back: portolan registry withdraw {}",
                subject.id
            );
        }
        return Err(refusal);
    }
    let what = match subject.fields.ports {
        Some(_) => subject.fields.place(),
        None => "the name".to_owned(),
    };
    let mut remarks = of_another(case, subject);
    if subject.fields.ports.is_none() {
        remarks.push(
            "there are names enough: one is kept for whoever had it (RFC 6335 section 8.2)"
                .to_owned(),
        );
    }
    let record = reserved(case, subject, format!("{what} given back"));
    Ok(Decision {
        records: vec![record],
        remarks,
    })
}

/// The record as Reserved, with a dated line on what happened; a revocation that ran is noted too.
pub(super) fn reserved(case: &Case<'_>, subject: &Record, what: String) -> Record {
    let mut record = subject.clone();
    if let Some(revocation) = record.revocation.take() {
        let line = format!("revocation announced for {}", revocation.effective);
        let line = note::with_reason(line, &revocation.because);
        note::add(&mut record.fields.notes, revocation.announced, &line);
    }
    let line = note::with_reason(what, case.why);
    note::add(&mut record.fields.notes, case.today, &line);
    record.status = Status::Reserved;
    record.modified = case.today;
    case.why.trim().clone_into(&mut record.because);
    record
}

fn of_another(case: &Case<'_>, subject: &Record) -> Vec<String> {
    let other = !subject.requested_by.is_empty() && case.by != subject.requested_by;
    let who = portolan_registry::one_line(&subject.requested_by);
    other
        .then(|| format!("it was {who} who asked for it"))
        .into_iter()
        .collect()
}
