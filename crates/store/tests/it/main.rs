//! The store, as everything above it uses it.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod child;
mod claim;
mod full;
mod kill;
mod locked;
mod older;
mod permission;
mod place;
mod race;
mod raw;
mod sample;
mod story;
mod tamper;
mod worker;
