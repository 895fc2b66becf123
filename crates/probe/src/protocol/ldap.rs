//! LDAP: the root DSE, RFC 4512 §5.1, which is read without binding; also over UDP, as Active
//! Directory does. Told from look-alikes by the whole structure of LDAPMessage, RFC 4511 §4.1.1.

use std::net::SocketAddr;

use super::ber::{self, Element};
use super::{Datagram, Match, Packet, Proof, Protocol, Safety, Stream, Upgrade, wire};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ldap",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        upgrade: Some(upgrade),
        // UnbindRequest (§4.3) of message 2: "the quit operation".
        farewell: Some(&[0x30, 5, 2, 1, 2, 0x42, 0]),
        ..Stream::asked(first, recognise)
    }),
    datagram: Some(Datagram::asked(|target| vec![first(target)], recognise)),
};

/// Message 1: SearchRequest of the base object "", `(objectClass=*)`, attributes `*` and `+`.
const SEARCH: &[u8] = b"0+\x02\x01\x01c&\x04\0\x0a\x01\0\x0a\x01\0\x02\x01\0\x02\x01\0\x01\x01\0\
    \x87\x0bobjectClass0\x06\x04\x01*\x04\x01+";

/// Message 1: ExtendedRequest of StartTLS, §4.14.1.
const START_TLS: &[u8] = b"0\x1d\x02\x01\x01w\x18\x80\x161.3.6.1.4.1.1466.20037";

const START_TLS_OID: &[u8] = b"1.3.6.1.4.1.1466.20037";
const NOTICE_OF_DISCONNECTION: &[u8] = b"1.3.6.1.4.1.1466.20036";

const ENTRY: u8 = 0x64;
const DONE: u8 = 0x65;
const EXTENDED: u8 = 0x78;

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "ldap search of the root DSE".into(),
        bytes: SEARCH.into(),
    }
}

/// Wants the whole first LDAPMessage: the entry, the result, or a notice of disconnection.
pub(super) fn recognise(received: &[u8]) -> Match {
    match ber::element(received) {
        None if received.first().is_none_or(|&tag| tag == 0x30) => Match::Partial,
        Some(Element::Partial(0x30, begun)) if is_hopeful(begun) => Match::Partial,
        Some(Element::Whole(0x30, contents, _)) => message(contents).unwrap_or(Match::No),
        _ => Match::No,
    }
}

/// Whether what has arrived of a message is one of ours: its number and its kind.
fn is_hopeful(begun: &[u8]) -> bool {
    let (head, rest) = begun.split_at(begun.len().min(3));
    let numbered = wire::opens(head, &[2, 1, 1]) || wire::opens(head, &[2, 1, 0]);
    numbered
        && rest
            .first()
            .is_none_or(|kind| [ENTRY, DONE, EXTENDED].contains(kind))
}

fn message(contents: &[u8]) -> Option<Match> {
    let (number, rest) = ber::expect(contents, 2)?;
    match (number, ber::element(rest)?) {
        ([1], Element::Whole(ENTRY, entry, _)) => root(entry),
        ([1], Element::Whole(DONE, result, _)) => {
            sound(result)?;
            Some(wire::proven("SearchResultDone of RFC 4511 §4.5.2"))
        }
        ([0], Element::Whole(EXTENDED, result, _)) => {
            let (_, rest) = sound(result)?;
            let named = ber::elements(rest)?.contains(&(0x8a, NOTICE_OF_DISCONNECTION));
            named.then(|| wire::proven("notice of disconnection of RFC 4511 §4.4.1"))
        }
        _ => None,
    }
}

/// LDAPResult, §4.1.9: its code, and what follows its three fields.
fn sound(result: &[u8]) -> Option<(u32, &[u8])> {
    let (code, rest) = ber::expect(result, 0x0a)?;
    let (_matched, rest) = ber::expect(rest, 4)?;
    let (_diagnostic, rest) = ber::expect(rest, 4)?;
    Some((ber::integer(code).filter(|&c| c <= 4096)?, rest))
}

/// Reads SearchResultEntry, §4.5.2.
fn root(entry: &[u8]) -> Option<Match> {
    let (name, rest) = ber::expect(entry, 4)?;
    let (attributes, _) = ber::expect(rest, 0x30)?;
    let mut fields = Vec::new();
    for (tag, attribute) in ber::elements(attributes)? {
        let (kind, values) = ber::expect(attribute, 4)?;
        let (values, _) = ber::expect(values, 0x31)?;
        if tag != 0x30 {
            return None;
        }
        let kind = std::str::from_utf8(kind).ok()?.to_ascii_lowercase();
        fields.push((kind, ber::elements(values)?));
    }
    if !name.is_empty() {
        return None;
    }
    let values = |name: &str| -> Vec<&[u8]> {
        let named = fields.iter().filter(|(kind, _)| kind == name);
        named
            .flat_map(|(_, v)| v.iter().map(|(_, value)| *value))
            .collect()
    };
    let vendor = [values("vendorname"), values("vendorversion")].concat();
    let vendor = vendor.join(b" ".as_slice());
    let names: Vec<_> = fields.iter().map(|(kind, _)| kind.as_str()).collect();
    let told = product::told_by(
        "ldap",
        &[
            ("@vendor", &vendor),
            ("@classes", &values("objectclass").join(b" ".as_slice())),
            ("@attributes", names.join(" ").as_bytes()),
        ],
    );
    let contexts = values("namingcontexts").into_iter();
    let contexts = contexts.map(|c| format!("naming context {}", String::from_utf8_lossy(c)));
    Some(Match::Proven(Box::new(Proof {
        starttls: values("supportedextension").contains(&START_TLS_OID),
        told: wire::lines(contexts),
        ..wire::proof("root DSE in a SearchResultEntry of RFC 4511 §4.5.2", told)
    })))
}

/// StartTLS, §4.14.
fn upgrade(received: &[u8], sent: usize, _target: SocketAddr) -> Upgrade {
    if sent == 0 {
        return Upgrade::Say(Packet {
            name: "ldap StartTLS".into(),
            bytes: START_TLS.into(),
        });
    }
    let contents = match ber::element(received) {
        None | Some(Element::Partial(0x30, _)) => return Upgrade::Wait,
        Some(Element::Whole(0x30, contents, _)) => contents,
        _ => return Upgrade::Refused,
    };
    let code = ber::expect(contents, 2)
        .filter(|(number, _)| *number == [1])
        .and_then(|(_, rest)| ber::expect(rest, EXTENDED))
        .and_then(|(result, _)| sound(result));
    match code {
        Some((0, _)) => Upgrade::Ready,
        _ => Upgrade::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starttls_is_ready_only_after_success() {
        let target = SocketAddr::from(([127, 0, 0, 1], 389));
        assert!(matches!(upgrade(b"", 0, target), Upgrade::Say(_)));
        let success = b"0\x0c\x02\x01\x01x\x07\x0a\x01\0\x04\0\x04\0";
        for end in 0..success.len() {
            assert_eq!(upgrade(&success[..end], 1, target), Upgrade::Wait, "{end}");
        }
        assert_eq!(upgrade(success, 1, target), Upgrade::Ready);
        // slapd 2.5 without a certificate.
        let refused = b"0*\x02\x01\x01x%\x0a\x01\x02\x04\0\x04\x1eunsupported extended operation";
        assert_eq!(upgrade(refused, 1, target), Upgrade::Refused);
        assert_eq!(upgrade(b"HTTP/1.1 400", 1, target), Upgrade::Refused);
    }

    #[test]
    fn the_length_of_the_search_is_sound() {
        assert!(
            matches!(ber::element(SEARCH), Some(Element::Whole(0x30, _, rest)) if rest.is_empty())
        );
        assert!(
            matches!(ber::element(START_TLS), Some(Element::Whole(0x30, _, rest)) if rest.is_empty())
        );
    }
}
