//! The table of protocols: one row here and one file under `protocol/` for each.
//!
//! Every file has the same verbs: the first packet, `recognise`, and where one exchange does not
//! prove enough, `follow` with the next packet on the same connection.

mod http;
mod postgresql;
mod redis;
mod smtp;
mod ssh;
mod tls;

use std::borrow::Cow;
use std::net::SocketAddr;

/// A protocol: what to send first, and how its answer is told from all others.
#[derive(Debug)]
pub struct Protocol {
    /// The IANA service name, or the usual lower-case name where the registry has none.
    pub name: &'static str,
    /// Who speaks first.
    pub speaker: Speaker,
    /// Whether it is also spoken inside TLS from the first byte.
    pub in_tls: bool,
    /// The client's first packet; `None` where the server speaks first.
    pub first: Option<fn(SocketAddr) -> Packet>,
    /// Judges all bytes that the server sent on one connection. Pure, bounded, never panics.
    pub recognise: fn(&[u8]) -> Match,
    /// The next packet on the same connection, given all bytes received so far and how many
    /// follow-up packets were sent; `None` where nothing is to be added.
    pub follow: fn(received: &[u8], followed: usize, target: SocketAddr) -> Option<Packet>,
    /// What is said before hanging up, where hanging up without a word would be logged as a fault.
    pub farewell: Option<&'static [u8]>,
}

/// Who speaks first on a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The server greets.
    Server,
    /// The server waits for the client.
    Client,
}

/// Bytes to send, and the name under which they are reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The name in `Probe::sent`, such as "http GET /".
    pub name: Cow<'static, str>,
    /// The bytes.
    pub bytes: Cow<'static, [u8]>,
}

/// What a protocol's grammar makes of the bytes so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// The grammar is met in full. More bytes never take this back.
    Proven(Box<Proof>),
    /// Nothing contradicts it yet; more bytes could prove it.
    Partial,
    /// No further byte can make this the protocol.
    No,
}

/// What the bytes of a proven protocol tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// The rule that was met, in words that name its specification.
    pub rule: Cow<'static, str>,
    /// The product's key, where the server told it.
    pub product: Option<Cow<'static, str>>,
    /// The product's version as told, at most 64 printable bytes.
    pub version: Option<String>,
    /// The CPE 2.3 name, where vendor, product and version are known.
    pub cpe: Option<String>,
    /// What told the product, in words.
    pub product_rule: Option<Cow<'static, str>>,
    /// Whether it offered to change to TLS on this connection.
    pub starttls: bool,
    /// Whether it let us in without asking who we are; `None` where that was not observed.
    pub unauthenticated: Option<bool>,
    /// Whether the answer itself says that TLS is spoken here.
    pub wants_tls: bool,
    /// Whether the answer is still incomplete and its rest may tell more.
    pub more: bool,
}

/// All protocols. The order decides between proofs that contradict each other.
static TABLE: [Protocol; 6] = [
    ssh::PROTOCOL,
    smtp::PROTOCOL,
    http::PROTOCOL,
    tls::PROTOCOL,
    redis::PROTOCOL,
    postgresql::PROTOCOL,
];

/// The protocol of that name; `None` where the table has no such row.
#[must_use]
pub fn protocol(name: &str) -> Option<&'static Protocol> {
    TABLE.iter().find(|p| p.name == name)
}

/// Every protocol, in the table's order.
pub fn protocols() -> impl Iterator<Item = &'static Protocol> {
    TABLE.iter()
}

/// For protocols where one exchange proves enough.
fn no_follow(_received: &[u8], _followed: usize, _target: SocketAddr) -> Option<Packet> {
    None
}
