//! The store, as everything above it uses it.

mod child;
mod full;
mod kill;
mod locked;
mod older;
mod permission;
mod race;
mod raw;
mod sample;
mod story;
mod tamper;
mod worker;
