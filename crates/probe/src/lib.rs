//! What speaks at an address, proven from its own bytes.
//!
//! [`identify`] asks a list of addresses, each by its own [`Plan`], and answers in the order of
//! the list. A protocol is named only where its grammar was met in full; a product only where the
//! server told it. The port's number is never looked at: a hint merely changes the order in which
//! first packets are sent.
//!
//! In reading order:
//!
//! - `protocol`: the table; one row and one file for each protocol
//! - `product`: which product an answer names, from `data/products`
//! - `plan`: what may be sent to one address, in which order, how long to wait
//! - `dial`, `exchange`, `handshake`: one connection, plain and inside TLS
//! - `certificate`: what a certificate says of itself
//! - `client_hello`, `server_flight`: versions of TLS that the TLS library does not speak
//! - `door`: a connection that is ready for a ClientHello, also by STARTTLS
//! - `found`: what a conversation proved, put together as an identification
//! - `attempt`, `inquiry`: one address over TCP, by the connections that its plan allows
//! - `datagram`: one address over UDP
//! - `deep`: a second look at TLS
//! - `engine`: many addresses within the limits of this process
//! - `sweep`: which ports of an address take connections at all
//!
//! Invariants: only packets of the table are sent; every read, wait and rule is bounded;
//! refusal, silence and nonsense are values, never errors.

#![forbid(unsafe_code)]

mod attempt;
mod certificate;
mod client_hello;
mod datagram;
mod deep;
mod dial;
mod door;
mod engine;
mod exchange;
mod found;
mod handshake;
mod inquiry;
mod limits;
mod outcome;
mod plan;
mod product;
mod protocol;
mod server_flight;
pub mod sweep;

pub use certificate::read_certificate;
pub use engine::identify;
pub use limits::Limits;
pub use outcome::{Outcome, State};
pub use plan::{Hints, Plan, Request};
pub use protocol::{
    Datagram, Match, Packet, Proof, Protocol, Safety, Speaker, Stream, Upgrade, Upgrading,
    protocol, protocols,
};
pub use server_flight::ServerFlight;
