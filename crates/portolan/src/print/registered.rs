//! The site registry's word on a port in one cell, before IANA's.

use portolan_ports::site::{Record, Status};
use portolan_ports::{Expectation, Listener};
use portolan_registry::{Port, Transport};
use portolan_survey::Sources;
use portolan_survey::lookup::SiteClaim;
use portolan_survey::survey::Judged;

use super::judged::registered as by_iana;
use super::{Cell, Tone, one_line};

/// Who is supposed to have the port by either registry: `billing-api (site), http-alt`.
pub(crate) fn expected(expectation: &Expectation<'_>) -> Cell {
    let records = expectation.site.iter().copied();
    let site = said(records, expectation.port, expectation.transport);
    joined(site, by_iana(&expectation.registry))
}

/// The same, asked of the registries for a port of this host.
pub(crate) fn at(sources: &Sources<'_>, port: Port, transport: Transport) -> Cell {
    let site = said(sources.site_records(port).iter(), port, transport);
    joined(site, by_iana(&sources.registry.standing(port, transport)))
}

/// The same for a listener. The site's records speak of this host's own addresses: of a listener in
/// another network namespace they say nothing.
pub(crate) fn of(sources: &Sources<'_>, listener: &Listener) -> Cell {
    match listener.namespace {
        None => at(sources, listener.port, listener.transport),
        Some(_) => by_iana(&sources.registry.standing(listener.port, listener.transport)),
    }
}

/// The same for a listener that was judged.
pub(crate) fn judged(judged: &Judged<'_>) -> Cell {
    match judged.listener.namespace {
        None => expected(&judged.expectation),
        Some(_) => by_iana(&judged.expectation.registry),
    }
}

/// What the site registry says in a cell: the names to which it assigns the port on a transport, or
/// which record holds the number back.
fn said<'a>(
    records: impl Iterator<Item = &'a Record> + Clone,
    port: Port,
    transport: Transport,
) -> Vec<String> {
    match SiteClaim::of(records.clone(), port, transport) {
        Some(SiteClaim::Reserved(record) | SiteClaim::OtherTransport(record)) => {
            vec![format!("held back by {}", record.citation())]
        }
        Some(SiteClaim::Assigned(_)) | None => {
            let names = names(records, port, transport).into_iter();
            names.map(str::to_owned).collect()
        }
    }
}

/// The names to which the site registry assigns the port on a transport; "reserved" where it holds
/// the number back, also for what it assigns on another transport (RFC 6335 §7.2).
pub(crate) fn names<'a>(
    records: impl Iterator<Item = &'a Record> + Clone,
    port: Port,
    transport: Transport,
) -> Vec<&'a str> {
    let claim = SiteClaim::of(records.clone(), port, transport);
    if let Some(SiteClaim::OtherTransport(_)) = claim {
        return vec!["reserved"];
    }
    let mut names: Vec<&str> = records
        .filter(|record| record.covers_on(port, transport))
        .filter_map(|record| match record.status {
            Status::Assigned => Some(record.fields.service_name.as_str()),
            Status::Reserved => Some("reserved"),
            _ => None,
        })
        .collect();
    names.dedup();
    names
}

/// Where the site has given the number, that IANA has not goes without saying.
fn joined(site: Vec<String>, (by_iana, tone): Cell) -> Cell {
    if site.is_empty() {
        return (by_iana, tone);
    }
    let mut said: Vec<String> = site
        .iter()
        .map(|name| format!("{} (site)", one_line(name)))
        .collect();
    if tone != Tone::Faint {
        said.push(by_iana);
    }
    (said.join(", "), Tone::Plain)
}
