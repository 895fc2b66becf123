//! Modbus over TCP: Read Device Identification, "MODBUS Application Protocol Specification V1.1b3"
//! §6.21, behind the header of "MODBUS Messaging on TCP/IP Implementation Guide" §3.1.3. It only
//! reads, but what it reaches may run a machine: safety full.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream, wire};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "mbap",
    safety: Safety::Full,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// Transaction "PO", unit 255, function 43/14, basic identification from the first object.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "mbap read device identification".into(),
        bytes: b"PO\0\0\0\x05\xff\x2b\x0e\x01\0".as_slice().into(),
    }
}

/// Wants our transaction, protocol 0, and the function's answer or exception, whole.
pub(super) fn recognise(received: &[u8]) -> Match {
    if !wire::opens(received, b"PO\0\0\0") {
        return Match::No;
    }
    wire::settled(read(received))
}

fn read(received: &[u8]) -> Option<Match> {
    let mut rest = wire::Wire(received);
    rest.take(4)?;
    let length = usize::from(rest.u16()?);
    let mut body = wire::Wire(rest.0);
    let _unit = body.u8()?;
    Some(match (body.u8()?, length) {
        (0xab, 3) => match body.u8()? {
            1..=6 | 8 | 10 | 11 => wire::proven("exception to function 43 of MODBUS V1.1b3 §7"),
            _ => Match::No,
        },
        (0x2b, 8..=254) => {
            let mut rest = wire::Wire(body.take(length - 2)?);
            match objects(&mut rest) {
                Some(objects) => Match::Proven(Box::new(Proof {
                    told: wire::lines(objects),
                    ..wire::proof("device identification of MODBUS V1.1b3 §6.21", None)
                })),
                None => Match::No,
            }
        }
        _ => Match::No,
    })
}

fn objects(rest: &mut wire::Wire<'_>) -> Option<Vec<String>> {
    const NAMES: [&str; 3] = ["vendor", "product code", "revision"];
    let asked = rest.take(2)? == [0x0e, 1];
    rest.take(3)?;
    let mut objects = Vec::new();
    for _ in 0..rest.u8()? {
        let (id, length) = (rest.u8()?, rest.u8()?);
        let value = wire::text(rest.take(usize::from(length))?);
        if let Some(name) = NAMES.get(usize::from(id)) {
            objects.push(format!("{name} {value}"));
        }
    }
    asked.then_some(objects)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_the_specification() {
        let answer = b"PO\0\0\0\x19\xff\x2b\x0e\x01\x01\0\0\x02\0\x07Company\x01\x06AB1234";
        for end in 0..answer.len() {
            assert_eq!(recognise(&answer[..end]), Match::Partial, "{end}");
        }
        let Match::Proven(proof) = recognise(answer) else {
            panic!("not proven");
        };
        assert_eq!(proof.told, ["vendor Company", "product code AB1234"]);
        assert!(matches!(
            recognise(b"PO\0\0\0\x03\xff\xab\x01"),
            Match::Proven(_)
        ));
        assert_eq!(recognise(b"PO\0\0\0\x03\xff\xab\x63"), Match::No);
    }
}
