//! The registry snapshot and the knowledge that the program carries with it.

use std::sync::LazyLock;

use portolan_registry::{Assignment, Builder, Origin, PortRange, Registry};

use crate::knowledge::Knowledge;

static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/registry.flat"));
static REPLACED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/replaced.flat"));
static FACTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/knowledge.flat"));

static REGISTRY: LazyLock<Registry> =
    LazyLock::new(|| Registry::open(TABLE).unwrap_or_else(|_| unreachable!("made by build.rs")));

/// IANA's registry as of the snapshot's date, read in place. Cost: none before the first look-up.
#[must_use]
pub fn registry() -> &'static Registry {
    &REGISTRY
}

/// The older file that the snapshot was brought forward from, in all its columns: what of it the
/// snapshot still has, and what the newer source replaced. Rows stand by port.
///
/// Cost: a copy of the whole registry, some tens of milliseconds.
#[must_use]
pub fn base() -> Registry {
    let replaced = Registry::open(REPLACED).unwrap_or_else(|_| unreachable!("made by build.rs"));
    let kept = registry().rows().filter(|row| row.origin == Origin::File);
    let mut rows: Vec<Assignment<'_>> = kept.chain(replaced.rows()).collect();
    rows.sort_by_key(|row| {
        let first = row.ports.map(PortRange::first);
        (first.is_none(), first, row.transport)
    });
    let mut builder = Builder::default();
    let pushed = rows.iter().try_for_each(|row| builder.push(row));
    let table = pushed.and_then(|()| builder.finish(Some(replaced.date())));
    table
        .ok()
        .and_then(|table| Registry::open(table).ok())
        .unwrap_or_else(|| unreachable!("no larger than the snapshot"))
}

/// The curated facts, read in place.
#[must_use]
pub const fn knowledge() -> Knowledge<'static> {
    Knowledge::new(FACTS)
}
