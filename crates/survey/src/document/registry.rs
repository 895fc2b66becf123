//! Counts over a registry, as JSON.

use portolan_registry::{Origin, Registry, Statistics, Transport};
use serde::Serialize;
use serde_json::{Map, Value};

use super::AssignmentDocument;

#[derive(Debug, Serialize)]
pub(super) struct StatisticsBody<'a> {
    schema: &'static str,
    last_updated: &'a str,
    rows: usize,
    names: usize,
    single: usize,
    ranges: usize,
    portless: usize,
    by_transport: Map<String, Value>,
    assigned_ports: Map<String, Value>,
    unassigned_ports: Map<String, Value>,
    reserved_ports: Map<String, Value>,
    newer: Vec<AssignmentDocument<'a>>,
    named_rows: usize,
    portless_names: usize,
    names_on_several_ports: usize,
    names_breaking_syntax: BreakingDocument,
    multi_name_pairs: PairsDocument,
    tcp_udp_differ: usize,
    dates: Option<SpanDocument<'a>>,
    multi_line_rows: usize,
    unauthorized_use: UnauthorizedDocument,
    registered_by_year: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct BreakingDocument {
    names: usize,
    rows: usize,
}

#[derive(Debug, Serialize)]
struct PairsDocument {
    total: usize,
    aliases: usize,
    shared: usize,
}

#[derive(Debug, Serialize)]
struct SpanDocument<'a> {
    first: &'a str,
    last: &'a str,
}

#[derive(Debug, Serialize)]
struct UnauthorizedDocument {
    rows: usize,
    ports: usize,
}

impl<'a> StatisticsBody<'a> {
    pub(super) fn new(registry: &'a Registry, counted: &'a Statistics) -> Self {
        let by = |count: &dyn Fn(Transport) -> u64| -> Map<String, Value> {
            Transport::ALL
                .into_iter()
                .map(|t| (t.to_string(), count(t).into()))
                .collect()
        };
        let mut by_transport = by(&|t| counted.by_transport[t as usize] as u64);
        by_transport.insert("none".into(), counted.no_transport.into());
        let newer = registry.rows().filter(|row| row.origin == Origin::Newer);
        Self {
            schema: "portolan.registry_stats/1",
            last_updated: registry.date(),
            rows: counted.rows,
            names: counted.names,
            single: counted.single,
            ranges: counted.ranges,
            portless: counted.portless,
            by_transport,
            assigned_ports: by(&|t| counted.ports[t as usize].assigned.into()),
            unassigned_ports: by(&|t| counted.ports[t as usize].unassigned.into()),
            reserved_ports: by(&|t| counted.ports[t as usize].reserved.into()),
            newer: newer.map(|row| AssignmentDocument::new(&row)).collect(),
            named_rows: counted.named_rows,
            portless_names: counted.portless_names,
            names_on_several_ports: counted.names_on_several_ports,
            names_breaking_syntax: BreakingDocument {
                names: counted.breaking.names,
                rows: counted.breaking.rows,
            },
            multi_name_pairs: PairsDocument {
                total: counted.sharing.multi_name_pairs,
                aliases: counted.sharing.aliases,
                shared: counted.sharing.shared,
            },
            tcp_udp_differ: counted.sharing.tcp_udp_differ,
            dates: counted
                .dates
                .as_ref()
                .map(|(first, last)| SpanDocument { first, last }),
            multi_line_rows: counted.multi_line_rows,
            unauthorized_use: UnauthorizedDocument {
                rows: counted.unauthorized_rows,
                ports: counted.unauthorized_ports,
            },
            registered_by_year: counted
                .by_year
                .iter()
                .map(|(year, rows)| (year.to_string(), (*rows).into()))
                .collect(),
        }
    }
}
