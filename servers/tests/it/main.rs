//! The table as it is, and servers started from it.
#![expect(clippy::unwrap_used, reason = "a test ends where a step of it fails")]

mod server;
mod table;
