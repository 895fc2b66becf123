//! XMPP between a client and its server, RFC 6120; what both kinds share stands in `xmpp.rs`.

use std::net::SocketAddr;

use super::{Match, Packet, Protocol, Safety, Stream, Upgrade, xmpp};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "xmpp-client",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        farewell: Some(b"</stream:stream>"),
        upgrade: Some(upgrade),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// RFC 6120 §4.8.2.
const NAMESPACE: &str = "jabber:client";

fn first(target: SocketAddr) -> Packet {
    xmpp::header("xmpp-client stream", NAMESPACE, target)
}

/// Wants a stream header in this kind's namespace.
pub(super) fn recognise(received: &[u8]) -> Match {
    xmpp::recognise("xmpp-client", NAMESPACE, received)
}

fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let Match::Proven(proof) = recognise(received) else {
        return None;
    };
    xmpp::ask_version(received, followed, proof.product.is_some())
}

fn upgrade(received: &[u8], sent: usize, target: SocketAddr) -> Upgrade {
    xmpp::upgrade(received, sent, first(target))
}
