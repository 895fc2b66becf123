//! xpra: a hello that asks for the version alone, as `xpra version` does; xpra's protocol
//! documentation (docs/Network/Protocol.md) and, of the version, the answer of xpra 3.1.

use std::net::SocketAddr;

use super::{Match, Packet, Protocol, Safety, Stream, wire};
use crate::product::Told;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "xpra",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// Header (`P`, flags, compression, index, length), and a list in bencode.
const HELLO: &[u8] = b"P\0\0\0\0\0\0\x20l5:hellod15:version_requesti1eee";

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "xpra version request".into(),
        bytes: HELLO.into(),
    }
}

/// Wants a whole packet in bencode that is a hello or a disconnection.
pub(super) fn recognise(received: &[u8]) -> Match {
    wire::settled(read(received))
}

fn read(received: &[u8]) -> Option<Match> {
    const KINDS: [&[u8]; 2] = [b"l5:hellod", b"l10:disconnect"];
    let mut rest = wire::Wire(received);
    if !wire::opens(received, b"P\0\0\0\0\0") {
        return Some(Match::No);
    }
    rest.take(4)?;
    let length = usize::try_from(rest.u32()?).ok()?;
    let known = KINDS.iter().any(|kind| wire::opens(rest.0, kind));
    if !known || !(10..8192).contains(&length) {
        return Some(Match::No);
    }
    let packet = rest.take(length)?;
    if !packet.ends_with(b"e") {
        return Some(Match::No);
    }
    let version = packet.strip_prefix(b"l5:hellod7:version").and_then(|v| {
        let colon = v.iter().position(|&b| b == b':')?;
        let length = std::str::from_utf8(v.get(..colon)?)
            .ok()?
            .parse::<usize>()
            .ok()?;
        let version = v.get(colon + 1..)?.get(..length)?;
        std::str::from_utf8(version).ok()
    });
    let told = Told::new("xpra", version, Some("xpra:xpra"));
    let told = Some((told, "nobody else speaks its protocol"));
    Some(Match::Proven(Box::new(wire::proof(
        "packet of xpra's protocol in bencode",
        told,
    ))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_says_to_browsers_is_no_web_server() {
        // xpra 3.1, with its HTML client off: no header, and LF alone.
        let page =
            b"HTTP/1.1 400 Bad request syntax or unsupported method\n\n<head>\n<title>Server \
            Error</title>\n</head>\n";
        assert_eq!(crate::protocol::http::recognise(page), Match::No);
        assert_eq!(HELLO.len(), 8 + 0x20);
    }
}
