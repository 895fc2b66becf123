//! What every claim of a name or a number has to pass, before anything is made of it.

use portolan_registry::RangeKind;

use super::collision::Claim;
use super::{Case, Review, name, number, report, required, text};
use crate::site::{Fields, Refusal};

/// A claim that nothing forbids.
#[derive(Debug)]
pub(super) struct Checked {
    /// What is required and not said.
    pub(super) missing: Vec<&'static str>,
    /// What to know.
    pub(super) remarks: Vec<String>,
    /// Whether anything, somewhere, speaks against it; then somebody should look at it.
    contested: bool,
    kind: Option<RangeKind>,
}

/// Holds a claim against the rules, IANA's registry and the other records.
pub(super) fn check(
    case: &Case<'_>,
    fields: &Fields,
    id: u64,
    reuses: Option<u64>,
) -> Result<Checked, Refusal> {
    text::check_fields(fields)?;
    if fields.service_name.is_empty() && fields.ports.is_none() {
        let because = "neither a service name nor a port is asked for";
        return Err(Refusal::rfc("8.1.1", because, "say at least one of them"));
    }
    name::check(fields)?;
    if let Some(ports) = fields.ports {
        number::check(ports)?;
        if fields.transports.is_empty() {
            let because = format!("it is not said on which transports {ports} is asked for");
            return Err(Refusal::rfc("8.1.1", because, "say tcp, udp, sctp or dccp"));
        }
    }
    required::check_code(fields)?;
    let claim = Claim {
        fields,
        id,
        reuses,
        today: case.today,
    };
    let mut remarks = claim.against(case.others)?;
    remarks.extend(report::remarks(&claim, case.others));
    let iana = number::ask_iana(fields, case.registry)?;
    let contested = !remarks.is_empty() || !iana.free || reuses.is_some();
    remarks.extend(iana.remarks);
    remarks.extend(name::remarks(fields, case.registry));
    if !fields.communication.is_empty() {
        let ways: Vec<&str> = fields
            .communication
            .iter()
            .map(|way| way.as_str())
            .collect();
        remarks.push(format!(
            "the reference has to say how it uses {} (RFC 6335 section 8.1.1)",
            ways.join(" and ")
        ));
    }
    Ok(Checked {
        missing: required::missing(fields),
        remarks,
        contested,
        kind: fields.ports.map(|ports| RangeKind::of(ports.first())),
    })
}

impl Checked {
    /// Whether it is given without a review: a name alone is (§8.1), a User port where the site says
    /// so and nothing speaks against it.
    pub(super) fn is_given_at_once(&self, case: &Case<'_>) -> bool {
        let unreviewed = match self.kind {
            None => true,
            Some(RangeKind::User) => case.procedure.review == Review::FirstCome && !self.contested,
            Some(RangeKind::System | RangeKind::Dynamic) => false,
        };
        self.missing.is_empty() && unreviewed
    }

    /// Whether it is a number that experts alone may not give (§8.1.2).
    pub(super) fn is_system(&self) -> bool {
        self.kind == Some(RangeKind::System)
    }
}

/// A last day that is over before it begins.
pub(super) fn check_expiry(case: &Case<'_>, fields: &Fields) -> Result<(), Refusal> {
    match fields.expires {
        Some(last) if last < case.today => Err(Refusal::site(
            format!("its last day, {last}, is over"),
            "give a later day, or none",
        )),
        _ => Ok(()),
    }
}
