//! Which numbers may be assigned, and what others make of them.

use portolan_registry::PortRange;

use super::Sheet;
use crate::site::procedure::number;
use crate::site::{Fields, Section};

/// Numbers that the procedures refuse by `section`.
fn refused(sheet: &Sheet<'_>, section: &'static str) -> Vec<(usize, String)> {
    sheet.each_wanted(|record| {
        let refusal = number::check_each(record.fields.ports?).err()?;
        (refusal.section == Section::Rfc6335(section)).then_some(refusal.because)
    })
}

pub(in super::super) fn dynamic(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    refused(sheet, "8.1.2")
}

pub(in super::super) fn edge(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    refused(sheet, "6")
}

pub(in super::super) fn experiment(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    refused(sheet, "6.1")
}

pub(in super::super) fn range(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    sheet.each_wanted(|record| {
        let ports = record.fields.ports.filter(|ports| !ports.is_single())?;
        Some(format!("{ports} are {} ports", ports.count()))
    })
}

pub(in super::super) fn iana_reserved(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    sheet.each_wanted(|record| {
        let refusal = number::ask_iana(usual(&record.fields)?, sheet.registry).err()?;
        Some(refusal.because)
    })
}

pub(in super::super) fn iana_assigned(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    sheet.each_wanted(|record| {
        let asked = number::ask_iana(usual(&record.fields)?, sheet.registry).ok()?;
        (!asked.remarks.is_empty()).then(|| asked.remarks.join("; "))
    })
}

/// Those that no other rule is about: what the procedures refuse is told once.
fn usual(fields: &Fields) -> Option<&Fields> {
    let ports = fields.ports?;
    number::check_each(ports).is_ok().then_some(fields)
}

pub(in super::super) fn known(sheet: &Sheet<'_>) -> Vec<(usize, String)> {
    sheet.each_wanted(|record| {
        let ports = record
            .fields
            .ports
            .filter(|ports| PortRange::is_single(*ports))?;
        let own = &record.fields;
        let mut facts = sheet.knowledge.about(ports.first()).filter(|fact| {
            let on = |transport| fact.covers(transport);
            let own_service = fact.claimant().is_some_and(|claimant| {
                claimant.eq_ignore_ascii_case(&own.service_name)
                    || own.serves.product.as_deref() == Some(claimant)
                    || own.serves.protocol.as_deref() == Some(claimant)
            });
            let shared = own.transports.is_empty() || own.transports.iter().copied().any(on);
            fact.is_use() && shared && !own_service
        });
        let first = facts.next()?;
        let more = match facts.count() {
            0 => String::new(),
            1 => "; and 1 more".to_owned(),
            more => format!("; and {more} more"),
        };
        Some(format!("{} [{}]{more}", first.text, first.source))
    })
}
