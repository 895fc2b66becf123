//! The program as a person and a script use it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod command;
mod export;
mod lookup;
mod machine;
mod readme;
mod schema;
#[path = "../../../probe/tests/it/server.rs"]
mod server;
mod usage;
mod verdict;
