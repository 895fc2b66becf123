//! From what was typed to the fields of a record.

use portolan_ports::site::Fields;
use portolan_registry::{PortRange, RangeKind, Transport};

use crate::arguments::{ClearArguments, FieldArguments};

/// Sets the fields that were given; the others stay.
pub(super) fn set(fields: &mut Fields, given: &FieldArguments) {
    let text = |own: &mut String, given: &Option<String>| {
        if let Some(text) = given {
            text.trim().clone_into(own);
        }
    };
    text(&mut fields.assignee, &given.assignee);
    text(&mut fields.contact, &given.contact);
    text(&mut fields.description, &given.description);
    text(&mut fields.reference, &given.reference);
    text(&mut fields.why_not_dynamic, &given.why_not_dynamic);
    text(&mut fields.why_not_user, &given.why_not_user);
    text(&mut fields.notes, &given.notes);
    text(&mut fields.ticket, &given.ticket);
    if let Some(port) = given.port {
        fields.ports = Some(PortRange::single(port));
    }
    if !given.transport.is_empty() {
        fields.transports = sorted(&given.transport);
    }
    if !given.communication.is_empty() {
        fields.communication = sorted(&given.communication);
    }
    fields.service_code = given.service_code.or(fields.service_code);
    fields.expires = given.expires.or(fields.expires);
    if let Some(scope) = &given.scope {
        fields.scope = scope.clone();
    }
    let serves = &mut fields.serves;
    for (own, given) in [
        (&mut serves.program, &given.program),
        (&mut serves.user, &given.user),
        (&mut serves.unit, &given.unit),
        (&mut serves.container, &given.container),
        (&mut serves.protocol, &given.protocol),
        (&mut serves.product, &given.product),
    ] {
        if let Some(text) = given {
            *own = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        }
    }
}

/// Empties the fields that are to be empty.
pub(super) fn clear(fields: &mut Fields, cleared: ClearArguments) {
    if cleared.no_communication {
        fields.communication.clear();
    }
    if cleared.no_service_code {
        fields.service_code = None;
    }
    if cleared.no_notes {
        fields.notes.clear();
    }
    if cleared.no_ticket {
        fields.ticket.clear();
    }
    if cleared.no_expires {
        fields.expires = None;
    }
    let serves = &mut fields.serves;
    for (own, cleared) in [
        (&mut serves.program, cleared.no_program),
        (&mut serves.user, cleared.no_user),
        (&mut serves.unit, cleared.no_unit),
        (&mut serves.container, cleared.no_container),
        (&mut serves.protocol, cleared.no_protocol),
        (&mut serves.product, cleared.no_product),
    ] {
        if cleared {
            *own = None;
        }
    }
}

/// In their order, each once.
pub(super) fn sorted<T: Ord + Copy>(words: &[T]) -> Vec<T> {
    let mut words = words.to_vec();
    words.sort_unstable();
    words.dedup();
    words
}

/// Whether a request still has to say something, as far as can be told before it is filed.
pub(super) fn is_complete(fields: &Fields) -> bool {
    let port = fields.ports.map(PortRange::first);
    let is_system = port.is_some_and(|port| RangeKind::of(port) == RangeKind::System);
    let is_dccp = fields.transports.contains(&Transport::Dccp);
    let said = [
        &fields.service_name,
        &fields.description,
        &fields.reference,
        &fields.assignee,
        &fields.contact,
    ];
    said.iter().all(|text| !text.is_empty())
        && (port.is_none() || !fields.transports.is_empty() && !fields.why_not_dynamic.is_empty())
        && (!is_system || !fields.why_not_user.is_empty())
        && (!is_dccp || fields.service_code.is_some())
}

/// Transports as somebody types them, with commas or blanks.
pub(super) fn transports(answer: &str) -> Result<Vec<Transport>, String> {
    let words = answer.split([',', ' ']).filter(|word| !word.is_empty());
    let transports: Result<Vec<Transport>, _> = words.map(str::parse).collect();
    match transports {
        Ok(transports) if !transports.is_empty() => Ok(sorted(&transports)),
        _ => Err("write some of tcp, udp, sctp and dccp, with commas".to_owned()),
    }
}
