//! A use of a number without an assignment, reported: a dated line that stays (RFC 6335 §8.1.1,
//! Known Unauthorized Uses).

use super::collision::Claim;
use super::{Case, Decision, note, request, text};
use crate::site::{Fields, Record, Refusal, Status};

/// Adds the line to the record, or makes a remark on a number of which there is none. What was seen
/// stands in `unauthorized_use` of the fields, or is the reason.
pub(super) fn report(case: &Case<'_>, fields: &Fields) -> Result<Decision, Refusal> {
    let fields = fields.tidied();
    text::check_fields(&fields)?;
    let said = match fields.unauthorized_use.as_str() {
        "" => case.why.trim(),
        said => said,
    };
    text::check_line("the report", said)?;
    if said.is_empty() {
        let because = "it is not said what was seen";
        return Err(Refusal::rfc(
            "8.1.1",
            because,
            "say who uses the number, and where",
        ));
    }
    let line = match case.by {
        "" => said.to_owned(),
        by => format!("{said} (reported by {by})"),
    };
    let mut record = match case.subject {
        Some(subject) => subject.clone(),
        None => remark(case, &fields)?,
    };
    note::append(&mut record.fields.unauthorized_use, case.today, &line);
    if record.fields.unauthorized_use.len() > text::LOG {
        return Err(Refusal::site(
            format!(
                "the reports on {} fill its {} bytes",
                record.title(),
                text::LOG
            ),
            "no more are kept",
        ));
    }
    // The reason stays: it may be a question that waits for its answer.
    record.modified = case.today;
    Ok(Decision {
        records: vec![record],
        remarks: Vec::new(),
    })
}

fn remark(case: &Case<'_>, fields: &Fields) -> Result<Record, Refusal> {
    if fields.ports.is_none() {
        let because = "it is not said which number is used";
        return Err(Refusal::rfc("8.1.1", because, "name a port, or a record"));
    }
    let about = |other: &&Record| {
        let spoken = other.status.holds() || other.status == Status::Unassigned;
        spoken
            && other.fields.shares_number(fields)
            && other.fields.shares_transport(fields)
            && other.fields.scope.surely_meets(&fields.scope)
    };
    if let Some(other) = case.others.iter().find(about) {
        return Err(Refusal::site(
            format!(
                "{} speaks of {} already",
                other.title(),
                other.fields.place()
            ),
            format!("report it there: portolan registry report-use {}", other.id),
        ));
    }
    let number = Fields {
        ports: fields.ports,
        transports: fields.transports.clone(),
        scope: fields.scope.clone(),
        ..Fields::default()
    };
    let mut record = request::new(case, number, None);
    record.status = Status::Unassigned;
    Ok(record)
}

/// The reports on the number that a claim is about, as remarks.
pub(super) fn remarks(claim: &Claim<'_>, others: &[Record]) -> Vec<String> {
    let reported = |other: &&Record| {
        other.status == Status::Unassigned
            && claim.fields.shares_number(&other.fields)
            && claim.fields.scope.may_meet(&other.fields.scope)
            && !other.fields.unauthorized_use.is_empty()
    };
    let told = |other: &Record| {
        let place = other.fields.place();
        format!(
            "record {} reports a use of {place} without an assignment",
            other.id
        )
    };
    others.iter().filter(reported).map(told).collect()
}
