//! Multicast DNS, RFC 6762: the unicast answer to a one-shot query (§5.1, §6.7) for the types of
//! service that are offered (RFC 6763 §9).
//!
//! A name server that is asked the same refuses or knows no such name; only a responder answers
//! with authority (§18.4) and without an error (§18.11).

use std::net::SocketAddr;

use super::domain::message::{self, IN, Message, PTR};
use super::{Datagram, Match, Packet, Proof, Protocol, Safety};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "mdns",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram::asked(first, recognise)),
};

const ID: u16 = 0x506d;
const SERVICES: &str = "_services._dns-sd._udp.local";

fn first(_target: SocketAddr) -> Vec<Packet> {
    vec![Packet {
        name: "mdns service types".into(),
        bytes: message::query(ID, 0, SERVICES, PTR, IN).into(),
    }]
}

/// Wants our id and question (§6.7) and at least one PTR record below `.local`.
fn recognise(received: &[u8]) -> Match {
    const AUTHORITATIVE: u16 = 0x0400;
    let Some(message) = Message::read(received, ID) else {
        return Match::No;
    };
    let asked = message
        .question
        .as_ref()
        .is_some_and(|q| q.name == SERVICES && q.kind == PTR);
    let types: Vec<String> = message
        .answers
        .iter()
        .filter(|record| record.kind == PTR && record.name == SERVICES)
        .filter_map(|record| message::name(received, &mut { record.at }))
        .filter(|name| name.starts_with('_') && name.ends_with(".local"))
        .collect();
    if !asked || message.code() != 0 || message.flags & AUTHORITATIVE == 0 || types.is_empty() {
        return Match::No;
    }
    let printable = |c: &char| c.is_ascii_graphic();
    let told = types
        .iter()
        .map(|name| name.chars().filter(printable).take(100).collect())
        .take(16)
        .collect();
    Match::Proven(Box::new(Proof {
        rule: "response of RFC 6762 §6.7 that lists service types of RFC 6763 §9".into(),
        told,
        ..Proof::default()
    }))
}
