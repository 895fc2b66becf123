//! The registry snapshot and the knowledge that the program carries with it.

use std::sync::LazyLock;

use portolan_registry::Registry;

use crate::knowledge::Knowledge;

static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/registry.flat"));
static FACTS: &str = include_str!(concat!(env!("OUT_DIR"), "/knowledge.txt"));

static REGISTRY: LazyLock<Registry> =
    LazyLock::new(|| Registry::open(TABLE).unwrap_or_else(|_| unreachable!("made by build.rs")));

/// IANA's registry as of the snapshot's date, read in place. Cost: none before the first look-up.
#[must_use]
pub fn registry() -> &'static Registry {
    &REGISTRY
}

/// The curated facts, read in place.
#[must_use]
pub const fn knowledge() -> Knowledge<'static> {
    Knowledge::new(FACTS)
}
