//! IANA's Service Name and Transport Protocol Port Number Registry as data.
//!
//! The vocabulary of RFC 6335 and the registry's published forms. Nothing is embedded here,
//! nothing is read but what a caller hands in.

mod port;
mod transport;

pub use port::{Port, PortError, PortRange, RangeKind};
pub use transport::{Transport, UnknownTransport};
