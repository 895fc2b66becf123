//! The composed answers as a program asks for them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]
#![expect(clippy::print_stderr, reason = "a test may show what it measured")]

mod knowledge;
#[path = "../../../portolan/tests/it/mirror.rs"]
mod mirror;
mod namespace;
mod search;
mod site;
mod site_answers;
mod site_follow;
mod site_forms;
mod update;
