//! IANA's Service Name and Transport Protocol Port Number Registry as data.
//!
//! In reading order: the vocabulary of RFC 6335 ([`Port`], [`Transport`], [`PortRange`],
//! [`Assignment`], [`State`]), the published forms ([`csv`], [`xml`]) and [`read`], which tells them
//! apart, the flat table ([`Builder`]) and the [`Registry`] that reads it in place, [`newer`] for
//! bringing a file forward, [`search`], [`Statistics`], [`map`], the forms it is written in
//! ([`export`]), [`lint`](mod@lint) for the rules of RFC 6335, [`diff`] and [`history`] for what
//! changed between files. Nothing is embedded here, nothing is read but what a caller hands in.

mod assignment;
pub mod csv;
pub mod diff;
pub mod export;
mod flat;
pub mod history;
pub mod lint;
pub mod map;
mod mention;
mod name;
mod neighbour;
mod neutral;
pub mod newer;
mod person;
mod port;
pub mod read;
mod registry;
pub mod search;
mod state;
mod statistics;
mod transport;
pub mod xml;

pub use assignment::{Assignment, Column, Origin, Place};
pub use flat::{Builder, TooLarge};
pub use mention::mentioned_ports;
pub use name::{NameError, check_name, folded};
pub use neighbour::{Neighbour, Neighbours};
pub use neutral::{neutral, one_line, steers};
pub use person::{Person, person_ids};
pub use port::{Port, PortError, PortRange, RangeKind};
pub use registry::{NotATable, Registry};
pub use state::{Because, Standing, State, standing};
pub use statistics::{Breaking, PortCount, Sharing, Statistics};
pub use transport::{Transport, UnknownTransport};
