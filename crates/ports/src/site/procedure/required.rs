//! What RFC 6335 §8.1.1 wants to be said, and what must not be.

use portolan_registry::{RangeKind, Transport};

use super::Procedure;
use crate::policy::read::value::known_protocol;
use crate::site::{Fields, Refusal};

/// Values of a service code that nobody can be given (RFC 5595 §3.1, RFC 6335 §8.1.1).
const RESERVED_CODES: [u32; 2] = [0, u32::MAX];
/// Values for private use: those whose first letter is a question mark.
const PRIVATE_CODES: std::ops::RangeInclusive<u32> = 0x3F00_0000..=0x3FFF_FFFF;

/// What is required and not said, in the words of the fields; empty where a request is complete.
pub(in crate::site) fn missing(fields: &Fields) -> Vec<&'static str> {
    let kind = fields.ports.map(|ports| RangeKind::of(ports.first()));
    let port = kind.is_some();
    let system = kind == Some(RangeKind::System);
    let dccp = fields.transports.contains(&Transport::Dccp);
    let reference = match system {
        true => "reference (a stable specification, for a System port)",
        false => "reference",
    };
    [
        (true, fields.service_name.is_empty(), "service-name"),
        (port, fields.transports.is_empty(), "transport"),
        (true, fields.assignee.is_empty(), "assignee"),
        (true, fields.contact.is_empty(), "contact"),
        (true, fields.description.is_empty(), "description"),
        (true, fields.reference.is_empty(), reference),
        (
            dccp,
            fields.service_code.is_none(),
            "service-code (for DCCP)",
        ),
        (
            port,
            fields.why_not_dynamic.is_empty(),
            "why-not-dynamic (why no Dynamic port will do)",
        ),
        (
            system,
            fields.why_not_user.is_empty(),
            "why-not-user (why no User port will do)",
        ),
    ]
    .into_iter()
    .filter_map(|(wanted, absent, name)| (wanted && absent).then_some(name))
    .collect()
}

/// Fields as they are asked of a person: the name has no option of its own.
pub(in crate::site) fn told(missing: &[&str]) -> String {
    let words = missing.iter().map(|field| match *field {
        "service-name" => "NAME (the service name)",
        field => field,
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The refusal of what is incomplete; all that is missing stands in it. Without a `next`, it is to be
/// said.
pub(in crate::site) fn complete(missing: &[&str], next: &str) -> Result<(), Refusal> {
    if missing.is_empty() {
        return Ok(());
    }
    let because = format!("what is required is not said: {}", told(missing));
    let next = match (next, missing.len()) {
        ("", 1) => "say it",
        ("", _) => "say each of them",
        (next, _) => next,
    };
    Err(Refusal::rfc("8.1.1", because, next))
}

/// The protocol by which the service is known: one that can be proven, or a service of IANA's. Of
/// another no check ever comes to an end.
pub(in crate::site) fn check_protocol(
    fields: &Fields,
    procedure: &Procedure,
) -> Result<(), Refusal> {
    let Some(word) = fields.serves.protocol.as_deref() else {
        return Ok(());
    };
    if procedure.protocols.is_empty() {
        return Ok(());
    }
    match known_protocol(&procedure.protocols, word) {
        Ok(_) => Ok(()),
        Err((because, next)) => Err(Refusal::site(format!("the protocol {because}"), next)),
    }
}

/// The service code against the transports.
pub(in crate::site) fn check_code(fields: &Fields) -> Result<(), Refusal> {
    let Some(code) = fields.service_code else {
        return Ok(());
    };
    let refuse = |because: String, next| Err(Refusal::rfc("8.1.1", because, next));
    if !fields.transports.contains(&Transport::Dccp) {
        return refuse(
            "a service code is for DCCP alone, and dccp is not among the transports".to_owned(),
            "leave the service code out",
        );
    }
    if RESERVED_CODES.contains(&code) {
        return refuse(
            format!("service code {code} is reserved"),
            "choose another service code",
        );
    }
    if PRIVATE_CODES.contains(&code) {
        return refuse(
            format!("service code {code} is for private use, which nobody is assigned"),
            "choose one outside 1056964608-1073741823",
        );
    }
    Ok(())
}
