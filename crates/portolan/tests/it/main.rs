//! The program as a person and a script use it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod annotate;
mod check;
mod command;
mod comparison;
mod export;
mod file;
mod follow;
mod free;
mod identify;
mod interrupted;
mod listen;
mod lookup;
mod machine;
mod map;
mod mirror;
mod people;
mod readme;
mod redaction;
mod schema;
mod search;
mod secure;
#[path = "../../../probe/tests/it/server.rs"]
mod server;
mod session;
mod site;
mod site_file;
mod site_lookup;
mod site_race;
mod site_source;
mod site_suggest;
mod site_tampered;
mod site_transcript;
mod site_versions;
mod sql;
mod suggest;
mod sweep;
mod top;
mod update;
mod usage;
mod verdict;
