//! A Zabbix agent: the answer to the check `agent.version`; Zabbix manual, "Passive and active
//! agent checks".

use std::net::SocketAddr;

use super::zabbix::{self, Read};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "zabbix-agent",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "zabbix-agent agent.version".into(),
        bytes: zabbix::frame(b"agent.version").into(),
    }
}

/// Wants a frame that holds a version, or why there is none; a server answers in JSON.
fn recognise(received: &[u8]) -> Match {
    let data = match zabbix::read(received) {
        Read::No => return Match::No,
        Read::Partial => return Match::Partial,
        Read::Whole(data) => data,
    };
    const REFUSED: &[u8] = b"ZBX_NOTSUPPORTED";
    let version = std::str::from_utf8(data)
        .ok()
        .map(str::trim_end)
        .filter(|text| {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'.';
            text.len() < 20
                && text.bytes().all(allowed)
                && text.starts_with(|c: char| c.is_ascii_digit())
        });
    if version.is_none() && !data.starts_with(REFUSED) {
        return Match::No;
    }
    let told = Told::new("zabbix-agent", version, Some("zabbix:zabbix_agent"));
    Match::Proven(Box::new(Proof {
        rule: "answer to the check agent.version in Zabbix's frame".into(),
        unauthenticated: Some(true),
        ..product::proof(Some(told), "the agent's own version")
    }))
}
