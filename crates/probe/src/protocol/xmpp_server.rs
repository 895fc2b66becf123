//! XMPP between servers, RFC 6120; what both kinds share stands in `xmpp.rs`.

use std::net::SocketAddr;

use super::{Match, Packet, Protocol, Safety, Stream, Upgrade, xmpp};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "xmpp-server",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        farewell: Some(b"</stream:stream>"),
        upgrade: Some(upgrade),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// RFC 6120 §4.8.2.
const NAMESPACE: &str = "jabber:server";

fn first(target: SocketAddr) -> Packet {
    xmpp::header("xmpp-server stream", NAMESPACE, target)
}

/// Wants a stream header in this kind's namespace.
pub(super) fn recognise(received: &[u8]) -> Match {
    xmpp::recognise("xmpp-server", NAMESPACE, received)
}

fn upgrade(received: &[u8], sent: usize, target: SocketAddr) -> Upgrade {
    xmpp::upgrade(received, sent, first(target))
}
