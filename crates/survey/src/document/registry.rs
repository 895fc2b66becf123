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
}

impl<'a> StatisticsBody<'a> {
    pub(super) fn new(registry: &'a Registry, counted: &Statistics) -> Self {
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
        }
    }
}
