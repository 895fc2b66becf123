//! DTLS 1.2, RFC 6347: what answers a ClientHello without a cookie is a HelloVerifyRequest
//! (§4.2.1), or a ServerHello where none is wanted. Nothing that is inside is asked.

use std::net::SocketAddr;

use super::{Datagram, Match, Packet, Proof, Protocol, Safety};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "dtls",
    safety: Safety::Polite,
    stream: None,
    datagram: Some(Datagram::asked(first, recognise)),
};

/// DTLS 1.0 and 1.2, as they stand in records (§4.1).
const VERSIONS: [[u8; 2]; 2] = [[254, 255], [254, 253]];

fn first(_target: SocketAddr) -> Vec<Packet> {
    const RANDOM: &[u8; 32] = b"portolan asks what is spoken her";
    /// ECDHE and RSA with AES, PSK for constrained devices (RFC 7252 §9.1.3), and RFC 5746's.
    const SUITES: [u16; 10] = [
        0xc02b, 0xc02f, 0xc02c, 0xc030, 0xc009, 0xc013, 0x009c, 0x002f, 0xc0a8, 0x00ff,
    ];
    /// supported_groups, ec_point_formats, signature_algorithms, extended_master_secret.
    const EXTENSIONS: &[u8] = b"\x00\x0a\x00\x08\x00\x06\x00\x1d\x00\x17\x00\x18\
        \x00\x0b\x00\x02\x01\x00\
        \x00\x0d\x00\x0e\x00\x0c\x04\x03\x05\x03\x08\x04\x04\x01\x05\x01\x02\x01\
        \x00\x17\x00\x00";
    let sized = |bytes: &[u8]| {
        let length = u16::try_from(bytes.len()).unwrap_or(0).to_be_bytes();
        [length.as_slice(), bytes].concat()
    };
    let suites: Vec<u8> = SUITES
        .iter()
        .flat_map(|suite| suite.to_be_bytes())
        .collect();
    // Version, random, no session, no cookie, suites, no compression, extensions.
    let hello = [
        &[254, 253],
        RANDOM.as_slice(),
        &[0, 0],
        &sized(&suites),
        &[1, 0],
        &sized(EXTENSIONS),
    ]
    .concat();
    let length = u16::try_from(hello.len()).unwrap_or(0).to_be_bytes();
    // ClientHello, its length, sequence 0, one fragment.
    let message = [
        &[1, 0],
        length.as_slice(),
        &[0, 0, 0, 0, 0, 0],
        &length,
        &hello,
    ]
    .concat();
    let record = [
        [22, 254, 255, 0, 0, 0, 0, 0, 0, 0, 0].as_slice(),
        &sized(&message),
    ];
    vec![Packet {
        name: "dtls ClientHello".into(),
        bytes: record.concat().into(),
    }]
}

fn recognise(received: &[u8]) -> Match {
    match message(received) {
        None => Match::No,
        Some(rule) => Match::Proven(Box::new(Proof {
            rule: rule.into(),
            ..Proof::default()
        })),
    }
}

/// The rule that the first record meets: a handshake message in one fragment, or an alert.
fn message(received: &[u8]) -> Option<&'static str> {
    let (head, rest) = received.split_first_chunk::<13>()?;
    let [kind, major, minor, epoch @ .., high, low] = head;
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let record = rest.get(..length)?;
    // Epoch 0; the sequence is low this early.
    let early = epoch.iter().take(7).all(|&b| b == 0);
    if !VERSIONS.contains(&[*major, *minor]) || !early {
        return None;
    }
    if *kind == 21 {
        // An alert: level and a description of RFC 5246 §7.2 with which a hello is refused.
        let refused = matches!(
            record,
            [1 | 2, 10 | 40 | 47 | 50 | 70 | 71 | 80 | 86 | 109 | 110]
        );
        return refused.then_some("alert of RFC 6347 §4.1 to our ClientHello");
    }
    let (head, body) = record.split_first_chunk::<12>()?;
    let [message, a, b, c, _, sequence, d, e, f, x, y, z] = *head;
    let whole = [a, b, c] == [x, y, z] && [d, e, f] == [0; 3];
    let size = usize::from(u16::from_be_bytes([b, c]));
    if *kind != 22 || !whole || a != 0 || sequence > 1 || size != body.len() {
        // Several messages may share a record, but the first ends within it.
        let several = *kind == 22 && whole && a == 0 && sequence <= 1 && size < body.len();
        if !(several && message == 2) {
            return None;
        }
    }
    let body = body.get(..size)?;
    let version = [*body.first()?, *body.get(1)?];
    match message {
        3 => {
            let cookie = usize::from(*body.get(2)?);
            let sound = cookie > 0 && body.len() == cookie + 3;
            sound.then_some("HelloVerifyRequest of RFC 6347 §4.2.1")
        }
        2 => {
            let session = usize::from(*body.get(34)?);
            let sound = session <= 32 && body.len() >= 35 + session + 3;
            sound.then_some("ServerHello of RFC 6347 §4.2.2")
        }
        _ => None,
    }
    .filter(|_| VERSIONS.contains(&version))
}
