//! The judgement as its users see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod finding;
mod judge;
mod knowledge;
mod policy;
mod policy_file;
mod properties;
mod refusal;
mod scene;
mod session;
mod site;
mod site_file;
