//! The store, as everything above it uses it.

mod sample;
mod story;
