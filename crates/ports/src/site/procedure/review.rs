//! Reviewing a request: giving, refusing, asking back (RFC 6335 §8.1.2).

use super::checked::{check, check_expiry};
use super::{Case, Decision, may_review, note, out_of_place, required, text};
use crate::site::{Record, Refusal, Status};

/// Gives what was asked for. A request to which a question stands open may be given too: the reviewer
/// may have had the answer elsewhere; it is remarked.
pub(super) fn approve(
    case: &Case<'_>,
    subject: &Record,
    approval: &str,
) -> Result<Decision, Refusal> {
    let approval = approval.trim();
    text::check_line("approval", approval)?;
    pending(case, subject, "approved")?;
    let fields = &subject.fields;
    let next = format!("say it with portolan registry modify {}", subject.id);
    required::complete(&required::missing(fields), &next)?;
    check_expiry(case, fields)?;
    let reused = match subject.reuses {
        Some(id) => Some(super::reuse::released(case, subject, id)?),
        None => None,
    };
    let checked = check(case, fields, subject.id, subject.reuses)?;
    if checked.is_system() && approval.is_empty() {
        let because = format!(
            "{} is a System port, which takes more than an expert: the approval of the body that decides for all",
            fields.place()
        );
        return Err(Refusal::rfc("8.1.2", because, "say which body approved it"));
    }
    let mut record = stepped(case, subject, Status::Assigned);
    record.assigned = Some(case.today);
    if !approval.is_empty() {
        let line = format!("approved by {approval}");
        note::add(&mut record.fields.notes, case.today, &line);
    }
    let mut remarks = own_request(case, subject);
    if subject.status == Status::Questioned {
        remarks.push(question_open(subject));
    }
    remarks.extend(checked.remarks);
    Ok(Decision {
        records: [record].into_iter().chain(reused).collect(),
        remarks,
    })
}

/// Refuses it.
pub(super) fn decline(case: &Case<'_>, subject: &Record) -> Result<Decision, Refusal> {
    pending(case, subject, "declined")?;
    reason(case, "declined")?;
    Ok(Decision {
        records: vec![stepped(case, subject, Status::Declined)],
        remarks: own_request(case, subject),
    })
}

/// Asks the requester for more.
pub(super) fn ask(case: &Case<'_>, subject: &Record) -> Result<Decision, Refusal> {
    pending(case, subject, "asked about")?;
    reason(case, "asked about")?;
    Ok(Decision {
        records: vec![stepped(case, subject, Status::Questioned)],
        remarks: own_request(case, subject),
    })
}

fn pending(case: &Case<'_>, subject: &Record, done: &str) -> Result<(), Refusal> {
    may_review(case, "review requests")?;
    if subject.status.is_pending() {
        return Ok(());
    }
    let rule = format!("only a request that waits can be {done}");
    Err(out_of_place(subject, "8.1", &rule))
}

fn reason(case: &Case<'_>, done: &str) -> Result<(), Refusal> {
    if !case.why.trim().is_empty() {
        return Ok(());
    }
    Err(Refusal::site(
        format!("a request is not {done} without a word to whoever filed it"),
        "say why",
    ))
}

fn stepped(case: &Case<'_>, subject: &Record, status: Status) -> Record {
    Record {
        status,
        modified: case.today,
        because: case.why.trim().to_owned(),
        ..subject.clone()
    }
}

fn own_request(case: &Case<'_>, subject: &Record) -> Vec<String> {
    let own = !case.by.is_empty() && case.by == subject.requested_by;
    own.then(|| "the request is the reviewer's own".to_owned())
        .into_iter()
        .collect()
}

fn question_open(subject: &Record) -> String {
    let asked = portolan_registry::one_line(&subject.because);
    format!("what was asked back has no answer on record: {asked}")
}
