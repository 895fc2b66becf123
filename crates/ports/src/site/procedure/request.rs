//! Asking for a name, or a name and a port (RFC 6335 §8.1).

use super::checked::{Checked, check, check_expiry};
use super::{Case, Decision, note, number, required};
use crate::site::{Fields, Record, Refusal, Status};

/// The record's reason where nobody had to decide.
const FIRST_COME: &str = "first come, first served (RFC 6335 section 8.1)";

/// A request that is whole.
pub(super) fn request(case: &Case<'_>, fields: &Fields) -> Result<Decision, Refusal> {
    let fields = fields.tidied();
    // What can never be given comes first: nobody has to explain it at length.
    if let Some(ports) = fields.ports {
        number::check(ports)?;
    }
    required::complete(&required::missing(&fields), "")?;
    file(case, fields)
}

/// A request of which something may be missing.
pub(super) fn draft(case: &Case<'_>, fields: &Fields) -> Result<Decision, Refusal> {
    file(case, fields.tidied())
}

fn file(case: &Case<'_>, fields: Fields) -> Result<Decision, Refusal> {
    note::check_written(&Fields::default(), &fields)?;
    check_expiry(case, &fields)?;
    let checked = check(case, &fields, 0, None)?;
    let mut record = new(case, fields, None);
    settle(case, &mut record, &checked);
    let remarks = with_missing(checked, record.id);
    Ok(Decision {
        records: vec![record],
        remarks,
    })
}

/// A new record that waits.
pub(super) fn new(case: &Case<'_>, fields: Fields, reuses: Option<u64>) -> Record {
    Record {
        id: 0,
        file: None,
        version: 0,
        status: Status::Requested,
        fields,
        requested_by: case.by.to_owned(),
        requested: case.today,
        assigned: None,
        modified: case.today,
        because: case.why.trim().to_owned(),
        revocation: None,
        reuses,
    }
}

/// Gives at once what needs no review.
pub(super) fn settle(case: &Case<'_>, record: &mut Record, checked: &Checked) {
    if checked.is_given_at_once(case) {
        record.status = Status::Assigned;
        record.assigned = Some(case.today);
        FIRST_COME.clone_into(&mut record.because);
    }
}

/// The remarks, what is missing first.
pub(super) fn with_missing(checked: Checked, id: u64) -> Vec<String> {
    let mut remarks = Vec::new();
    if !checked.missing.is_empty() {
        let number = if id == 0 {
            String::new()
        } else {
            format!(" {id}")
        };
        remarks.push(format!(
            "still missing: {}; say it with portolan registry modify{number}",
            checked.missing.join(", ")
        ));
    }
    remarks.extend(checked.remarks);
    remarks
}
