//! The judgement as its users see it.

mod finding;
mod judge;
mod knowledge;
mod policy;
mod policy_file;
mod properties;
mod refusal;
mod scene;
mod session;
