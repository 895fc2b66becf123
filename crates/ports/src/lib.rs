//! What a port is supposed to be, and judging what was seen there. Pure: no I/O, no clocks.
//!
//! In reading order: what was seen ([`Listener`], [`Identification`]); what should be
//! ([`embedded`], [`knowledge`], [`policy`], [`site`], [`Expectation`]); which protocol means which service
//! ([`protocol`]), which program is which product ([`program`]); and the join, [`judge`].

mod browser;
pub mod embedded;
mod expectation;
mod fact;
mod finding;
mod gap;
mod identification;
pub mod knowledge;
mod listener;
mod local_name;
mod owner;
pub mod policy;
mod presence;
pub mod program;
pub mod protocol;
mod redaction;
mod session;
pub mod site;
pub mod system;
mod verdict;
mod wire_form;

pub use browser::is_browser_blocked;
pub use expectation::Expectation;
pub use finding::{
    Drift, Finding, FindingKind, Severity, Surroundings, program_finding, site_drift, tls_findings,
};
pub use gap::{Gap, Unseen, Why};
pub use identification::{Certainty, Evidence, Identification, Probe, ProbeState};
pub use listener::{
    Creator, Group, Listener, Namespace, Publication, Published, Queue, Scope, Socket, SocketState,
};
pub use local_name::{LocalName, NameOrigin};
pub use owner::{Ancestor, Container, ExeState, Owner, Package, Pod, Unit};
pub use presence::Presence;
pub use redaction::{HIDDEN, redact};
pub use session::{Certificate, TlsSession, TlsVersion};
pub use verdict::{Observation, Verdict, VerdictKind, judge};
