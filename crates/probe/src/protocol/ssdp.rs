//! SSDP: the unicast answer to M-SEARCH, UPnP Device Architecture 2.0 §1.3.3.
//!
//! The answer borrows HTTP's status line; the fields ST and USN are what only SSDP has.

use std::net::SocketAddr;

use super::status::{self, Read};
use super::{Datagram, Match, Packet, Proof, Protocol, Safety};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ssdp",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram {
        // §1.3.3 lets the answer come from another port than the one that was asked.
        strays: true,
        ..Datagram::asked(first, recognise)
    }),
};

/// A unicast search (§1.3.2) for the root devices alone: one answer each.
fn first(target: SocketAddr) -> Vec<Packet> {
    let text = format!(
        "M-SEARCH * HTTP/1.1\r\nHOST: {target}\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: upnp:rootdevice\r\n\r\n"
    );
    vec![Packet {
        name: "ssdp M-SEARCH".into(),
        bytes: text.into_bytes().into(),
    }]
}

/// Wants a 200 with the ST that was asked for, a USN and a LOCATION.
fn recognise(received: &[u8]) -> Match {
    let Read::Whole(head) = status::read(received, "HTTP/1.1 ") else {
        return Match::No;
    };
    let usn = head
        .field("USN")
        .is_some_and(|usn| usn.starts_with("uuid:"));
    let asked = head.field("ST") == Some("upnp:rootdevice");
    if head.code != 200 || !usn || !asked || head.field("LOCATION").is_none() {
        return Match::No;
    }
    let (told, because) = product::told("ssdp", &|field| head.values(field)).unzip();
    Match::Proven(Box::new(Proof {
        rule: "answer to M-SEARCH of UPnP Device Architecture 2.0 §1.3.3".into(),
        ..product::proof(told, because.unwrap_or_default())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_the_device_architecture_proves_it() {
        let answer = "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\n\
            LOCATION: http://192.0.2.1:49152/root.xml\r\nSERVER: Linux/6.1 UPnP/1.1 MiniUPnPd/2.3.1\r\n\
            ST: upnp:rootdevice\r\nUSN: uuid:2fac1234::upnp:rootdevice\r\n\r\n";
        let Match::Proven(proof) = recognise(answer.as_bytes()) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("miniupnpd"));
        assert_eq!(proof.version.as_deref(), Some("2.3.1"));
        for gone in ["USN: uuid:", "ST: upnp", "LOCATION: "] {
            let other = answer.replacen(gone, "X: ", 1);
            assert_eq!(recognise(other.as_bytes()), Match::No, "{gone}");
        }
    }
}
