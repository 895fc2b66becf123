//! What a port is supposed to be, and judging what was seen there. Pure: no I/O, no clocks.

mod identification;
mod listener;

pub use identification::{Certainty, Evidence, Identification, Probe, ProbeState};
pub use listener::{
    Container, ExeState, Gap, Listener, Owner, Queue, Scope, Socket, SocketState, Unit, Unseen, Why,
};
