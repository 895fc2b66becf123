//! git's own transport: a request for a repository that cannot be, answered by an ERR line,
//! gitprotocol-pack(5), "Git Transport" and "Initiating Upload-Pack".

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream, wire};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "git",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// A pkt-line (gitprotocol-common(5)): its length in four hexadecimal digits, and the request.
const REQUEST: &[u8] = b"0036git-upload-pack /.portolan/nowhere\0host=localhost\0";

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "git upload-pack".into(),
        bytes: REQUEST.into(),
    }
}

/// Wants one pkt-line that says `ERR ` and why.
pub(super) fn recognise(received: &[u8]) -> Match {
    let (digits, rest) = received.split_at(received.len().min(4));
    if !digits.iter().all(u8::is_ascii_hexdigit) || !wire::opens(rest, b"ERR ") {
        return Match::No;
    }
    let length = std::str::from_utf8(digits).ok();
    let length = length.and_then(|d| usize::from_str_radix(d, 16).ok());
    if digits.len() < 4 {
        return Match::Partial;
    }
    let Some(length) = length.filter(|length| (10..1000).contains(length)) else {
        return Match::No;
    };
    let Some(line) = received.get(8..length) else {
        return match wire::is_printable(rest) || rest.ends_with(b"\n") {
            true => Match::Partial,
            false => Match::No,
        };
    };
    if !wire::is_printable(line.strip_suffix(b"\n").unwrap_or(line)) {
        return Match::No;
    }
    let told = product::told_by("git", &[("@error", line)]);
    Match::Proven(Box::new(Proof {
        told: wire::lines([String::from_utf8_lossy(line).trim_end().to_owned()]),
        ..wire::proof("ERR pkt-line of gitprotocol-pack(5)", told)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_in_front_of_the_request_is_sound() {
        assert_eq!(REQUEST.len(), 0x36);
    }
}
