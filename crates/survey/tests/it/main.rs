//! The composed answers as a program asks for them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "../../../portolan/tests/it/mirror.rs"]
mod mirror;
mod update;
