//! The registry crate as its users see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod csv;
mod diff;
mod export;
mod lint;
mod map;
mod neighbour;
mod newer;
mod state;
mod statistics;
mod unauthorized;
mod xml;

use portolan_registry::Registry;

/// The header as IANA writes it now.
const HEADER: &str = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes";

/// A registry with these rows.
fn registry(rows: &str) -> Registry {
    Registry::from_csv(format!("{HEADER}\n{rows}").as_bytes()).unwrap()
}

/// The snapshot's base file, as IANA published it.
fn base() -> Vec<u8> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../data/iana/service-names-port-numbers.csv"
    );
    std::fs::read(path).unwrap()
}
