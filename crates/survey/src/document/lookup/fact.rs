//! A fact of the knowledge, as JSON.

use portolan_ports::knowledge::Fact;
use portolan_registry::Transport;
use serde::Serialize;

/// A curated, cited statement.
#[derive(Debug, Serialize)]
pub struct FactDocument<'a> {
    ports: String,
    transports: Vec<&'static str>,
    kind: &'static str,
    text: &'a str,
    protocol: Option<&'a str>,
    product: Option<&'a str>,
    source: &'a str,
    source_title: &'a str,
    checked: Option<&'a str>,
    verified: bool,
    disputes: Option<&'a str>,
}

impl<'a> FactDocument<'a> {
    /// The fact and its source.
    #[must_use]
    pub fn new(fact: &Fact<'a>) -> Self {
        Self {
            ports: fact.ports.to_string(),
            transports: fact.transports().map(Transport::as_str).collect(),
            kind: fact.kind.as_str(),
            text: fact.text,
            protocol: fact.protocol,
            product: fact.product,
            source: fact.source,
            source_title: fact.source_title,
            checked: fact.checked,
            verified: fact.verified,
            disputes: fact.disputes,
        }
    }
}
