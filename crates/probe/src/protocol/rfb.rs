//! RFB, which VNC speaks: the ProtocolVersion greeting, RFC 6143 §7.1.1. Nothing is answered:
//! some servers count a connection that does not log in against its address.

use super::{Match, Proof, Protocol, Safety, Stream, wire};
use crate::product::Told;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "rfb",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

/// The versions of the RFC (§7.1.1), and those by which Apple and RealVNC number their own.
const VERSIONS: [&[u8]; 10] = [
    b"003.003", b"003.004", b"003.005", b"003.006", b"003.007", b"003.008", b"003.889", b"004.000",
    b"004.001", b"005.000",
];

/// Wants the twelve bytes `RFB xxx.yyy\n` with a version that is in use.
pub(super) fn recognise(received: &[u8]) -> Match {
    const LENGTH: usize = 12;
    let hopeful = VERSIONS.iter().any(|version| {
        let greeting = [b"RFB ", *version, b"\n"].concat();
        wire::opens(received, &greeting)
    });
    match (hopeful, received.get(4..LENGTH)) {
        (false, _) => Match::No,
        (true, None) => Match::Partial,
        (true, Some(version)) => {
            let version = String::from_utf8_lossy(version).trim_end().to_owned();
            let told = match version.as_str() {
                "003.889" => Some("apple-remote-desktop"),
                "004.001" | "005.000" => Some("realvnc"),
                _ => None,
            };
            let told = told.map(|key| {
                let how = "a version of the protocol that only this product has";
                (Told::new(key, None, None), how)
            });
            Match::Proven(Box::new(Proof {
                told: wire::lines([format!("RFB {version}")]),
                ..wire::proof("ProtocolVersion of RFC 6143 §7.1.1", told)
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_is_whole_and_its_version_in_use() {
        for end in 0..12 {
            assert_eq!(recognise(&b"RFB 003.008\n"[..end]), Match::Partial);
        }
        assert!(matches!(recognise(b"RFB 003.008\n"), Match::Proven(p) if p.product.is_none()));
        let apple = recognise(b"RFB 003.889\n");
        assert!(
            matches!(apple, Match::Proven(p) if p.product.as_deref() == Some("apple-remote-desktop"))
        );
        for alike in [&b"RFB 003.008\r\n"[..], b"RFB 009.009\n", b"RFC 6143\n"] {
            assert_eq!(recognise(alike), Match::No);
        }
    }
}
