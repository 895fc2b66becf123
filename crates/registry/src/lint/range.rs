//! The three ranges and their states: RFC 6335 §6, §6.1 and §8.1.2.

use super::sheet::{Fault, Sheet, quoted};
use crate::{Port, RangeKind, State};

/// The first and the last port of the ranges that hold assignments.
const EDGES: [Port; 4] = [0, 1023, 1024, 49151];

/// §6.1 and §10.2.
const EXPERIMENTS: [(Port, &str); 2] = [(1021, "exp1"), (1022, "exp2")];

pub(super) fn dynamic(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each_named(|row| {
        let ports = row.ports?;
        (RangeKind::of(ports.last()) == RangeKind::Dynamic).then(|| {
            format!(
                "{} is assigned {ports}, in the Dynamic range 49152-65535",
                quoted(row.service_name())
            )
        })
    })
}

/// A named row across the Dynamic range's edge is [`dynamic`]'s alone.
pub(super) fn across(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each(|row| {
        let ports = row.ports?;
        let (first, last) = (RangeKind::of(ports.first()), RangeKind::of(ports.last()));
        let told = row.is_named() && last == RangeKind::Dynamic;
        (first != last && !told).then(|| {
            format!(
                "{ports} lies in the {} and in the {} range",
                first.as_str(),
                last.as_str()
            )
        })
    })
}

/// A row across two ranges is [`across`]'s alone.
pub(super) fn edge(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each(|row| {
        let ports = row.ports?;
        let edge = EDGES.into_iter().find(|port| ports.contains(*port))?;
        let within = RangeKind::of(ports.first()) == RangeKind::of(ports.last());
        let state = State::of(row);
        (within && state != State::Reserved)
            .then(|| format!("{edge} is the edge of a range and {}", state.as_str()))
    })
}

pub(super) fn experiment(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each(|row| {
        let ports = row.ports?;
        for (port, name) in EXPERIMENTS {
            let own = ports.contains(port);
            let named = row.service_name().eq_ignore_ascii_case(name);
            if own && !(named && ports.is_single()) {
                return Some(format!("{port} is for experiments, as {name}"));
            }
            if named && !own {
                return Some(format!(
                    "{name} is the name for experiments, on {port} alone"
                ));
            }
        }
        None
    })
}

pub(super) fn state_unclear(sheet: &Sheet<'_>) -> Vec<Fault> {
    sheet.each(|row| {
        let description = row
            .description()
            .trim_start_matches('(')
            .to_ascii_lowercase();
        let clear = ["unassigned", "reserved"]
            .iter()
            .any(|state| description.starts_with(state));
        (!row.is_named() && !clear).then(|| {
            if description.is_empty() {
                "neither a service name nor a description".to_owned()
            } else {
                format!(
                    "no service name, and {} is no state",
                    quoted(row.description())
                )
            }
        })
    })
}

pub(super) fn gap(sheet: &Sheet<'_>) -> Vec<Fault> {
    let said = |(ports, row)| Fault {
        row,
        ports: Some(ports),
        what: "no row speaks of it".to_owned(),
    };
    sheet.gaps().into_iter().map(said).collect()
}
