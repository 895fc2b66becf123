//! SNMP version 3: the Report that answers the discovery of an engine, RFC 3414 §4.
//!
//! No community and no user is named, so nobody logs in. The engine's id begins with the number
//! of the enterprise that made it (RFC 3411 §5, SnmpEngineID), which hints at the product.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "snmp",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram::asked(first, recognise)),
};

/// The message's id, an INTEGER of three octets.
const ID: [u8; 3] = *b"PRT";

/// A Get request without variables, reportable and without security, to an unknown engine.
fn first(_target: SocketAddr) -> Vec<Packet> {
    let [a, b, c] = ID;
    let bytes = [
        0x30, 0x3c, // SNMPv3Message, RFC 3412 §6
        0x02, 0x01, 0x03, // msgVersion 3
        0x30, 0x0f, // msgGlobalData
        0x02, 0x03, a, b, c, // msgID
        0x02, 0x02, 0x05, 0xc0, // msgMaxSize 1472
        0x04, 0x01, 0x04, // msgFlags: reportable
        0x02, 0x01, 0x03, // msgSecurityModel: USM
        0x04, 0x10, 0x30, 0x0e, // UsmSecurityParameters, RFC 3414 §2.4
        0x04, 0x00, // engine's id: unknown
        0x02, 0x01, 0x00, 0x02, 0x01, 0x00, // boots, time
        0x04, 0x00, 0x04, 0x00, 0x04, 0x00, // user, authentication, privacy
        0x30, 0x14, // ScopedPDU
        0x04, 0x00, 0x04, 0x00, // contextEngineID, contextName
        0xa0, 0x0e, // GetRequest
        0x02, 0x04, 0x50, 0x6f, 0x72, 0x74, // request-id
        0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30,
        0x00, // error status and index, no variables
    ];
    vec![Packet {
        name: "snmp engine discovery".into(),
        bytes: bytes.to_vec().into(),
    }]
}

/// Wants an SNMPv3Message with our id and an engine's id in the form of RFC 3411.
fn recognise(received: &[u8]) -> Match {
    let Some(engine) = engine(received) else {
        return Match::No;
    };
    let told = match enterprise(engine) {
        // Net-SNMP's own enterprise number, unless whoever built it in set another.
        Some(8072 | 2021) => Some(Told::new("net-snmp", None, None)),
        _ => None,
    };
    let number = enterprise(engine).map(|n| format!("enterprise: {n}"));
    Match::Proven(Box::new(Proof {
        rule: "Report of RFC 3414 §4 with our message id".into(),
        told: number.into_iter().collect(),
        ..product::proof(told, "the engine's id names the enterprise that made it")
    }))
}

/// The engine's id within a message that answers ours.
fn engine(received: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 2;
    const OCTETS: u8 = 4;
    let (message, after) = element(received, SEQUENCE)?;
    let (version, rest) = element(message, INTEGER)?;
    let (global, rest) = element(rest, SEQUENCE)?;
    let (id, global) = element(global, INTEGER)?;
    let (_, global) = element(global, INTEGER)?;
    let (flags, global) = element(global, OCTETS)?;
    let (model, global) = element(global, INTEGER)?;
    let (security, rest) = element(rest, OCTETS)?;
    let (security, tail) = element(security, SEQUENCE)?;
    let (engine, security) = element(security, OCTETS)?;
    let (_, security) = element(security, INTEGER)?;
    let (_, _) = element(security, INTEGER)?;
    let whole = after.is_empty() && global.is_empty() && tail.is_empty();
    let ours = version == [3] && id == ID && flags.len() == 1 && model == [3];
    let sized = (5..=32).contains(&engine.len()) && !rest.is_empty();
    (whole && ours && sized).then_some(engine)
}

/// The content of the first element, which must be of that tag, and what follows it; BER of X.690
/// with lengths of up to two octets (§8.1.3).
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match bytes {
        [t, 0x81, n, rest @ ..] if *t == tag => (usize::from(*n), rest),
        [t, 0x82, high, low, rest @ ..] if *t == tag => {
            (usize::from(u16::from_be_bytes([*high, *low])), rest)
        }
        [t, n @ 0..=0x7f, rest @ ..] if *t == tag => (usize::from(*n), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// The number of RFC 3411's newer form, in which the first bit is set.
fn enterprise(engine: &[u8]) -> Option<u32> {
    let number = u32::from_be_bytes(*engine.first_chunk::<4>()?);
    (number & 0x8000_0000 != 0).then_some(number & 0x7fff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Put together after RFC 3414 §4 and RFC 3412 §6: a Report of usmStatsUnknownEngineIDs.
    fn report(engine: &[u8]) -> Vec<u8> {
        let wrap = |tag: u8, content: &[u8]| {
            [
                [tag, u8::try_from(content.len()).unwrap()].as_slice(),
                content,
            ]
            .concat()
        };
        let global = [
            wrap(2, &ID),
            wrap(2, &[5, 0xc0]),
            wrap(4, &[0]),
            wrap(2, &[3]),
        ]
        .concat();
        let usm = [
            wrap(4, engine),
            wrap(2, &[1]),
            wrap(2, &[9]),
            vec![4, 0, 4, 0, 4, 0],
        ]
        .concat();
        let scoped = [wrap(4, engine), vec![4, 0], wrap(0xa8, &[2, 1, 0])].concat();
        let message = [
            vec![2, 1, 3],
            wrap(0x30, &global),
            wrap(4, &wrap(0x30, &usm)),
            wrap(0x30, &scoped),
        ]
        .concat();
        wrap(0x30, &message)
    }

    #[test]
    fn a_report_with_our_id_proves_it_and_the_enterprise_hints() {
        let net_snmp = report(&[0x80, 0x00, 0x1f, 0x88, 0x80, 1, 2, 3, 4]);
        let Match::Proven(proof) = recognise(&net_snmp) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("net-snmp"));
        assert_eq!(proof.told, ["enterprise: 8072"]);
        let cisco = report(&[0x80, 0, 0, 9, 3, 1, 2, 3, 4]);
        assert!(matches!(recognise(&cisco), Match::Proven(p) if p.product.is_none()));
        for end in 0..net_snmp.len() {
            assert_eq!(recognise(&net_snmp[..end]), Match::No, "{end}");
        }
        let question = first(([127, 0, 0, 1], 161).into()).remove(0);
        assert_eq!(question.bytes.len(), 62);
        assert_eq!(recognise(&question.bytes), Match::No, "our own question");
    }
}
