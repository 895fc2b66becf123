//! Taking a number away (RFC 6335 §8.4): announced, and done when the notice has run. It is the
//! registry's own step, not the assignee's; where reviewers are set, it is theirs.

use jiff::Span;
use jiff::civil::Date;

use super::{Case, Decision, deassign, may_review, note, out_of_place};
use crate::site::{Record, Refusal, Revocation, Status};

/// Announces it.
pub(super) fn announce(
    case: &Case<'_>,
    subject: &Record,
    effective: Date,
) -> Result<Decision, Refusal> {
    may_review(case, "revoke")?;
    if subject.status != Status::Assigned {
        let rule = "only an assignment can be revoked";
        return Err(out_of_place(subject, "8.4", rule));
    }
    if subject.fields.ports.is_none() {
        return Err(Refusal::rfc(
            "8.4",
            format!(
                "{} is a name alone, and taking names away is not recommended",
                subject.title()
            ),
            "let it be",
        ));
    }
    if let Some(revocation) = &subject.revocation {
        return Err(Refusal::rfc(
            "8.4",
            format!(
                "its revocation is announced already, for {}",
                revocation.effective
            ),
            "cancel it first to announce another day",
        ));
    }
    if case.why.trim().is_empty() {
        let because = "a number is not taken away without a reason";
        return Err(Refusal::rfc("8.4", because, "say why"));
    }
    let days = case.procedure.notice_days;
    let earliest = earliest(case, case.today);
    if effective < earliest {
        return Err(Refusal::rfc(
            "8.4",
            format!("{effective} gives less than {days} days of notice"),
            format!("choose {earliest} or later"),
        ));
    }
    let record = Record {
        modified: case.today,
        because: case.why.trim().to_owned(),
        revocation: Some(Revocation {
            announced: case.today,
            effective,
            because: case.why.trim().to_owned(),
        }),
        ..subject.clone()
    };
    Ok(only(record))
}

/// The first day on which a revocation may take effect.
fn earliest(case: &Case<'_>, announced: Date) -> Date {
    let notice = Span::new().days(case.procedure.notice_days);
    announced.checked_add(notice).unwrap_or(Date::MAX)
}

/// Holds a revocation that was announced elsewhere against this site's notice.
pub(super) fn check_notice(case: &Case<'_>, revocation: &Revocation) -> Result<(), Refusal> {
    let Revocation {
        announced,
        effective,
        ..
    } = revocation;
    let because = if *announced > case.today {
        format!(
            "its revocation is announced on {announced}, and today is {}",
            case.today
        )
    } else if *effective < earliest(case, *announced) {
        let days = case.procedure.notice_days;
        format!(
            "its revocation, announced on {announced} for {effective}, gives less than {days} days of notice"
        )
    } else {
        return Ok(());
    };
    let next = "leave the revocation out, and announce it here: portolan registry revoke";
    Err(Refusal::rfc("8.4", because, next))
}

/// Does it.
pub(super) fn complete(case: &Case<'_>, subject: &Record) -> Result<Decision, Refusal> {
    let revocation = running(case, subject)?;
    if case.today < revocation.effective {
        return Err(Refusal::rfc(
            "8.4",
            format!(
                "the notice runs until {}, and today is {}",
                revocation.effective, case.today
            ),
            "wait until then, or cancel the revocation",
        ));
    }
    let what = format!("{} revoked", subject.fields.place());
    Ok(only(deassign::reserved(case, subject, what)))
}

/// Lets it be; that it was announced stays in the notes.
pub(super) fn cancel(case: &Case<'_>, subject: &Record) -> Result<Decision, Refusal> {
    let revocation = running(case, subject)?;
    let mut record = Record {
        modified: case.today,
        because: case.why.trim().to_owned(),
        revocation: None,
        ..subject.clone()
    };
    let announced = format!("revocation announced for {}", revocation.effective);
    let announced = note::with_reason(announced, &revocation.because);
    note::add(&mut record.fields.notes, revocation.announced, &announced);
    let cancelled = note::with_reason("revocation cancelled".to_owned(), case.why);
    note::add(&mut record.fields.notes, case.today, &cancelled);
    Ok(only(record))
}

fn running<'a>(case: &Case<'_>, subject: &'a Record) -> Result<&'a Revocation, Refusal> {
    may_review(case, "revoke")?;
    subject.revocation.as_ref().ok_or_else(|| {
        Refusal::rfc(
            "8.4",
            format!("no revocation of {} is announced", subject.title()),
            match subject.status {
                Status::Assigned => {
                    format!("announce it first: portolan registry revoke {}", subject.id)
                }
                _ => String::new(),
            },
        )
    })
}

fn only(record: Record) -> Decision {
    Decision {
        records: vec![record],
        remarks: Vec::new(),
    }
}
