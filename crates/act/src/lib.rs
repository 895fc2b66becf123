//! Changes this machine: ends a process, stops a unit or a container, closes a socket. Decides
//! nothing: what is to be done is handed in, and it is done to exactly that or not at all.
//!
//! The modules in reading order: [`plan`] says what would be done to whom, and what is refused;
//! [`vitals`] and [`kin`] know whom never to hit; [`process`] acts on one process through a pidfd,
//! [`unit`] by systemd, [`engine`] by a container engine, [`socket`] on a socket alone by its
//! cookie. [`tool`] runs another program for a bounded time, and [`deadline`] is that bound.
//!
//! All of it is Linux; elsewhere every act answers that it is not supported.

#[cfg(target_os = "linux")]
pub mod deadline;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
pub mod engine;
pub mod kin;
pub mod plan;
#[cfg(target_os = "linux")]
pub mod process;
pub mod socket;
#[cfg(target_os = "linux")]
pub mod tool;
pub mod unit;
pub mod vitals;

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{deadline, process, tool};

pub use kin::Kin;
pub use plan::{Plan, Reason, Refusal, Signal, Step, Way};
pub use process::Process;
pub use vitals::Vitals;
