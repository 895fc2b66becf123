//! X11: the connection setup without authorisation, "X Window System Protocol" §8. Accepted or
//! refused, the answer has a structure; nothing is drawn.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream, wire};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "x11",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// Little end first, version 11.0, no authorisation.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "x11 connection setup".into(),
        bytes: b"l\0\x0b\0\0\0\0\0\0\0\0\0".as_slice().into(),
    }
}

/// Wants the fixed part and the vendor of an acceptance, or the whole of a refusal.
pub(super) fn recognise(received: &[u8]) -> Match {
    wire::settled(read(received))
}

fn read(received: &[u8]) -> Option<Match> {
    let mut rest = wire::Wire(received);
    let (kind, length) = (rest.u8()?, usize::from(rest.u8()?));
    if kind > 1 || !wire::opens(rest.0, &[11, 0, 0, 0]) {
        return Some(Match::No);
    }
    rest.take(4)?;
    let units = usize::from(rest.u16_le()?);
    match kind {
        0 => refused(rest, length, units),
        _ => accepted(rest, units),
    }
}

fn refused(mut rest: wire::Wire<'_>, length: usize, units: usize) -> Option<Match> {
    if length == 0 || units != length.div_ceil(4) {
        return Some(Match::No);
    }
    let reason = rest.take(length)?;
    let sound = reason
        .iter()
        .all(|&b| b == b'\n' || (0x20..0x7f).contains(&b));
    Some(match sound {
        false => Match::No,
        true => Match::Proven(Box::new(Proof {
            unauthenticated: Some(false),
            told: wire::lines([String::from_utf8_lossy(reason).trim().to_owned()]),
            ..wire::proof("refused connection setup of X11 §8", None)
        })),
    })
}

/// Reads up to the vendor; formats and screens follow, and tell nothing more.
fn accepted(mut rest: wire::Wire<'_>, units: usize) -> Option<Match> {
    let release = rest.u32_le()?;
    let (_base, mask) = (rest.u32_le()?, rest.u32_le()?);
    rest.u32_le()?;
    let vendor_length = usize::from(rest.u16_le()?);
    rest.u16_le()?;
    let (screens, formats) = (rest.u8()?, rest.u8()?);
    let layout = rest.take(4)?;
    rest.take(2)?;
    let unused = rest.take(4)?;
    // Orders are 0 or 1; a scanline's unit and pad are 8, 16 or 32.
    let sound = matches!(layout, [0 | 1, 0 | 1, 8 | 16 | 32, 8 | 16 | 32])
        && unused == [0; 4]
        && mask != 0
        && screens > 0
        && formats > 0
        && (1..=256).contains(&vendor_length)
        && units > 8 + 2 * usize::from(formats) + vendor_length.div_ceil(4);
    if !sound {
        return Some(Match::No);
    }
    let vendor = rest.take(vendor_length)?;
    if !wire::is_printable(vendor) {
        return Some(Match::No);
    }
    let vendor = String::from_utf8_lossy(vendor).into_owned();
    let named = format!("{vendor}|{}", version(release));
    let told = product::told_by("x11", &[("@vendor", named.as_bytes())]);
    Some(Match::Proven(Box::new(Proof {
        unauthenticated: Some(true),
        told: wire::lines([format!("vendor {vendor}, release {release}")]),
        ..wire::proof("accepted connection setup of X11 §8", told)
    })))
}

/// X.Org counts a release as XXYYZZUUU (xorg-server's configure.ac); since 1.21 the leading 1 is
/// not spoken, so that 12101007 is 21.1.7.
fn version(release: u32) -> String {
    let (major, minor) = (release / 10_000_000, release / 100_000 % 100);
    let (patch, snap) = (release / 1000 % 100, release % 1000);
    match (major, minor) {
        (1, 21..) => format!("{minor}.{patch}.{snap}"),
        (1, _) => format!("{major}.{minor}.{patch}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_to_its_end() {
        let refusal = b"\0\x16\x0b\0\0\0\x06\0No protocol specified\n\0\0";
        for end in 0..30 {
            assert_eq!(recognise(&refusal[..end]), Match::Partial, "{end}");
        }
        assert!(matches!(recognise(refusal), Match::Proven(p) if p.unauthenticated == Some(false)));
        assert_eq!(
            recognise(b"\0\x16\x0b\0\0\0\x05\0No protocol specified\n"),
            Match::No
        );
    }

    #[test]
    fn releases_are_counted_as_xorg_does() {
        assert_eq!(version(12_101_007), "21.1.7");
        assert_eq!(version(12_011_000), "1.20.11");
        assert_eq!(version(70_000_000), "");
    }
}
