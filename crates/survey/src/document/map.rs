//! The map of the port space in numbers, as JSON.

use portolan_registry::map::{PortMap, Use, UseCount};
use portolan_registry::{PortRange, Registry, Transport};
use serde::Serialize;
use serde_json::{Map, Value};

/// `portolan registry map --json`.
#[derive(Debug, Serialize)]
pub struct MapDocument<'a> {
    schema: &'static str,
    last_updated: &'a str,
    transport: Option<&'static str>,
    ports: Map<String, Value>,
    slices: Vec<SliceDocument>,
}

#[derive(Debug, Serialize)]
struct SliceDocument {
    first: u16,
    last: u16,
    #[serde(flatten)]
    ports: Map<String, Value>,
}

impl<'a> MapDocument<'a> {
    /// Ports by their use: all of them, and each slice of 1,024.
    #[must_use]
    pub fn new(registry: &'a Registry, map: &PortMap) -> Self {
        Self {
            schema: "portolan.registry_map/1",
            last_updated: registry.date(),
            transport: map.transport.map(Transport::as_str),
            ports: by_use(map.count(PortRange::ALL)),
            slices: map
                .slices()
                .map(|(ports, count)| SliceDocument {
                    first: ports.first(),
                    last: ports.last(),
                    ports: by_use(count),
                })
                .collect(),
        }
    }
}

fn by_use(count: UseCount) -> Map<String, Value> {
    Use::ALL
        .into_iter()
        .map(|used| (used.as_str().to_owned(), count[used as usize].into()))
        .collect()
}
