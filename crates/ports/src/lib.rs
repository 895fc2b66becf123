//! What a port is supposed to be, and judging what was seen there. Pure: no I/O, no clocks.
//!
//! In reading order: what was seen ([`Listener`], [`Identification`]); what should be
//! ([`embedded`], [`knowledge`], [`policy`], [`Expectation`]); which protocol means which service
//! ([`protocol`]); and the join, [`judge`].

mod browser;
pub mod embedded;
mod expectation;
mod finding;
mod identification;
pub mod knowledge;
mod listener;
pub mod policy;
mod presence;
pub mod protocol;
mod verdict;

pub use browser::is_browser_blocked;
pub use expectation::Expectation;
pub use finding::{Finding, FindingKind, Severity, Surroundings};
pub use identification::{Certainty, Evidence, Identification, Probe, ProbeState};
pub use listener::{
    Container, ExeState, Gap, Listener, Owner, Queue, Scope, Socket, SocketState, Unit, Unseen, Why,
};
pub use presence::Presence;
pub use verdict::{Observation, Verdict, VerdictKind, judge};
