//! An organisation's own assignments, by the procedures of RFC 6335: the records, the steps that may
//! be taken on them, and the refusals that the RFC asks for. Pure: who keeps records hands them in.
//!
//! In reading order: [`Record`] and its [`Citation`], [`Step`], [`decide`], [`Refusal`]; [`Here`] says which records speak
//! of a machine.

mod citation;
mod conflicts;
mod fields;
pub mod file;
mod here;
mod judge;
mod procedure;
mod record;
mod refusal;
mod step;

pub use citation::Citation;
pub use conflicts::conflicts;
pub use fields::{Communication, Fields, Serves};
pub use here::{Here, Scope, ScopeError};
pub(crate) use judge::assigns;
pub use judge::{Breach, Ruling, assigned, names, ruling};
pub use procedure::{Case, Decision, Procedure, Review, decide};
pub use record::{Record, Revocation, Status};
pub use refusal::{Refusal, Section};
pub use step::Step;
