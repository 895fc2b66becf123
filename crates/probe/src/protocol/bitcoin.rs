//! Bitcoin's peers: `version`, answered by the peer's own, Bitcoin developer reference, "P2P
//! Network". No address and no block is asked for.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream, wire};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "bitcoin",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// The main network's mark.
const MARK: &[u8] = b"\xf9\xbe\xb4\xd9";

/// Version 70015, no services, no time, no addresses, nonce "portolan", no name, height 0, and
/// no wish for transactions; the checksum is the first four bytes of its double SHA-256.
const VERSION: &[u8] = b"\xf9\xbe\xb4\xd9version\0\0\0\0\0\x56\0\0\0\x59\x17\x14\x54\
    \x7f\x11\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
    \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
    portolan\0\0\0\0\0\0";

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "bitcoin version".into(),
        bytes: VERSION.into(),
    }
}

/// Wants a `version` message of the main network, whole up to the peer's name.
pub(super) fn recognise(received: &[u8]) -> Match {
    let head = [MARK, b"version\0\0\0\0\0"].concat();
    if !wire::opens(received, &head) {
        return Match::No;
    }
    wire::settled(read(received))
}

fn read(received: &[u8]) -> Option<Match> {
    let mut rest = wire::Wire(received);
    rest.take(16)?;
    let length = usize::try_from(rest.u32_le()?).ok()?;
    rest.take(4)?;
    if !(85..=400).contains(&length) {
        return Some(Match::No);
    }
    let mut body = wire::Wire(rest.take(length)?);
    let version = body.u32_le()?;
    body.take(76)?;
    let size = usize::from(body.u8()?);
    let agent = body.take(size).filter(|agent| wire::is_printable(agent));
    let Some(agent) = agent.filter(|_| (60_000..200_000).contains(&version)) else {
        return Some(Match::No);
    };
    let told = product::told_by("bitcoin", &[("@agent", agent)]);
    let agent = String::from_utf8_lossy(agent).into_owned();
    Some(Match::Proven(Box::new(Proof {
        told: wire::lines([format!("protocol {version}"), format!("agent {agent}")]),
        ..wire::proof("version message of Bitcoin's main network", told)
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peers_name_tells_the_product() {
        let agent = b"/Satoshi:25.0.0/";
        let mut body = [&VERSION[24..104], &[16], agent, &[0; 5]].concat();
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        let head = [&VERSION[..16], &length, &[0; 4]].concat();
        body.splice(..0, head);
        for end in 0..body.len() {
            assert_eq!(recognise(&body[..end]), Match::Partial, "{end}");
        }
        let Match::Proven(proof) = recognise(&body) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("bitcoin-core"));
        assert_eq!(proof.version.as_deref(), Some("25.0.0"));
        assert_eq!(VERSION.len(), 24 + 0x56);
    }
}
