//! Ganglia: the XML that gmond and gmetad send to whoever connects, Ganglia's ganglia_xml DTD.

use super::{Match, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "gmond",
    safety: Safety::Polite,
    stream: Some(Stream::greeted(recognise)),
    datagram: None,
};

/// Wants an XML declaration and within the first kilobytes the element GANGLIA_XML with its
/// version and source; a DTD stands between.
fn recognise(received: &[u8]) -> Match {
    const DECLARATION: &[u8] = b"<?xml version=\"1.0\"";
    const ELEMENT: &[u8] = b"<GANGLIA_XML VERSION=\"";
    const FURTHEST: usize = 6000;
    let shared = received.len().min(DECLARATION.len());
    if received.get(..shared) != DECLARATION.get(..shared) {
        return Match::No;
    }
    let head = received.get(..FURTHEST).unwrap_or(received);
    let unfinished = match head.len() < FURTHEST {
        true => Match::Partial,
        false => Match::No,
    };
    let Some(at) = head.windows(ELEMENT.len()).position(|w| w == ELEMENT) else {
        return unfinished;
    };
    let element = head.get(at..).unwrap_or(&[]);
    let Some(end) = element.iter().position(|&b| b == b'>') else {
        return unfinished;
    };
    let element = element.get(..end).unwrap_or(&[]);
    let source = b"\" SOURCE=\"";
    if !element.windows(source.len()).any(|w| w == source) {
        return Match::No;
    }
    let (told, because) = product::told_by("gmond", &[("@element", element)]).unzip();
    Match::Proven(Box::new(Proof {
        rule: "GANGLIA_XML, as gmond reports".into(),
        unauthenticated: Some(true),
        ..product::proof(told, because.unwrap_or_default())
    }))
}
