//! An organisation's own assignments, by the procedures of RFC 6335: the records, the steps that may
//! be taken on them, and the refusals that the RFC asks for. Pure: who keeps records hands them in.
//!
//! In reading order: [`Record`], [`Step`], [`decide`], [`Refusal`]; [`Here`] says which records speak
//! of a machine.

mod fields;
pub mod file;
mod here;
mod procedure;
mod record;
mod refusal;
mod step;

pub use fields::{Communication, Fields, Serves};
pub use here::{Here, Scope, ScopeError};
pub use procedure::{Case, Decision, Procedure, Review, decide};
pub use record::{Record, Revocation, Status};
pub use refusal::{Refusal, Section};
pub use step::Step;
