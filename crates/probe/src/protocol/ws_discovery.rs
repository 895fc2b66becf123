//! Web Services Dynamic Discovery over UDP: a Probe for devices, answered by ProbeMatches,
//! WS-Discovery (April 2005) §5.2 and §5.3.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ws-discovery",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram::asked(first, recognise)),
};

/// The identifier of our message, which an answer relates to.
const MESSAGE: &str = "urn:uuid:706f7274-6f6c-416e-a06f-72746f6c616e";

fn first(_target: SocketAddr) -> Vec<Packet> {
    let probe = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\" \
         xmlns:wsa=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" \
         xmlns:wsd=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\" \
         xmlns:wsdp=\"http://schemas.xmlsoap.org/ws/2006/02/devprof\"><soap:Header>\
         <wsa:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</wsa:To>\
         <wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</wsa:Action>\
         <wsa:MessageID>{MESSAGE}</wsa:MessageID></soap:Header>\
         <soap:Body><wsd:Probe><wsd:Types>wsdp:Device</wsd:Types></wsd:Probe></soap:Body>\
         </soap:Envelope>"
    );
    vec![Packet {
        name: "ws-discovery Probe".into(),
        bytes: probe.into_bytes().into(),
    }]
}

/// Wants an envelope whose action is ProbeMatches and which relates to our message.
fn recognise(received: &[u8]) -> Match {
    const ACTION: &str = "http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches";
    let Ok(text) = std::str::from_utf8(received) else {
        return Match::No;
    };
    let wanted = ["Envelope", ACTION, MESSAGE, "RelatesTo", "ProbeMatches"];
    if !text.starts_with('<') || !wanted.iter().all(|w| text.contains(w)) {
        return Match::No;
    }
    let addresses = text
        .split_once("XAddrs>")
        .and_then(|(_, rest)| rest.split('<').next());
    Match::Proven(Box::new(Proof {
        told: wire::lines(addresses.map(|a| format!("addresses {a}"))),
        ..wire::proof("ProbeMatches of WS-Discovery §5.3 to our message", None)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_to_our_message_is_proof() {
        let answer = |to: &str| {
            format!(
                "<?xml version='1.0'?><s:Envelope><s:Header><a:Action>http://schemas.xmlsoap.org/\
                 ws/2005/04/discovery/ProbeMatches</a:Action><a:RelatesTo>{to}</a:RelatesTo>\
                 </s:Header><s:Body><d:ProbeMatches><d:XAddrs>http://192.0.2.1:5357/x</d:XAddrs>\
                 </d:ProbeMatches></s:Body></s:Envelope>"
            )
        };
        assert!(matches!(
            recognise(answer(MESSAGE).as_bytes()),
            Match::Proven(_)
        ));
        assert_eq!(recognise(answer("urn:uuid:other").as_bytes()), Match::No);
        let probe = first(SocketAddr::from(([127, 0, 0, 1], 3702)));
        assert_eq!(recognise(&probe[0].bytes), Match::No);
    }
}
