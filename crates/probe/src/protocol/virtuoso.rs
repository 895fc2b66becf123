//! Virtuoso's RPC for SQL clients: the answer to `caller_identification`, which each client asks
//! before it logs in; Virtuoso's own source, `libsrc/Dk/Dkernel.c` and `Dkmarshal.c`, and the
//! constants of its JDBC driver. No version is told before a login.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product::{self, Told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "virtuoso",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// DV_NULL, DV_SHORT_STRING_SERIAL, DV_STRING, DV_SHORT_INT, DV_ARRAY_OF_POINTER.
const NULL: u8 = 180;
const SHORT_STRING: u8 = 181;
const STRING: u8 = 182;
const SHORT_INT: u8 = 188;
const ARRAY: u8 = 193;

/// An array of five: DA_FUTURE_REQUEST (1), our number 0x70, no ancestor, the service, and an
/// array of its one argument, the name of a caller that has none.
fn first(_target: SocketAddr) -> Packet {
    let head = [ARRAY, SHORT_INT, 5, SHORT_INT, 1, SHORT_INT, 0x70, NULL];
    let name = b"caller_identification";
    let tail = [ARRAY, SHORT_INT, 1, NULL];
    let bytes = [&head, [SHORT_STRING, 21].as_slice(), name, &tail].concat();
    Packet {
        name: "virtuoso caller_identification".into(),
        bytes: bytes.into(),
    }
}

/// Wants DA_FUTURE_ANSWER (2) to our number with one value: the server's name, the name it gave to
/// us, and, in all but the oldest, its options.
fn recognise(received: &[u8]) -> Match {
    judged(answer(received))
}

fn answer(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    cursor.fixed(&[ARRAY, SHORT_INT, 4, SHORT_INT, 2, SHORT_INT, 0x70])?;
    cursor.fixed(&[ARRAY, SHORT_INT, 1, ARRAY, SHORT_INT])?;
    ensure(matches!(cursor.u8()?, 2 | 3))?;
    let server = text(&mut cursor)?;
    ensure(!text(&mut cursor)?.is_empty())?;
    Ok(Proof {
        rule: "answer to caller_identification of Virtuoso's RPC".into(),
        told: (!server.is_empty())
            .then(|| format!("server {server}"))
            .into_iter()
            .collect(),
        ..product::proof(
            Some(Told::new("virtuoso", None, None)),
            "the procedure is Virtuoso's own",
        )
    })
}

/// A string with its length in one byte or in four; the terminator may be counted.
fn text<'a>(cursor: &mut Cursor<'a>) -> Read<&'a str> {
    let length = match cursor.u8()? {
        SHORT_STRING => usize::from(cursor.u8()?),
        STRING => cursor.count(150)?,
        _ => return Err(Stop::Never),
    };
    let bytes = cursor.take(length)?;
    let bytes = bytes.split(|&b| b == 0).next().unwrap_or(&[]);
    Cursor::new(bytes).text(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_as_the_source_writes_it() {
        let head = [193, 188, 4, 188, 2, 188, 0x70, 193, 188, 1, 193, 188, 3];
        let name = b"localhost:1111";
        let given = b"localhost:1111:1\0 1700000000";
        let lengths = [name.len(), given.len()].map(|l| u8::try_from(l).unwrap());
        let answer = [
            head.as_slice(),
            &[181, lengths[0]],
            name,
            &[181, lengths[1]],
            given,
            &[193, 188, 0, 180],
        ]
        .concat();
        let Match::Proven(proof) = recognise(&answer) else {
            panic!("not proven");
        };
        assert_eq!(proof.told, ["server localhost:1111"]);
        assert_eq!(proof.product.as_deref(), Some("virtuoso"));
        for end in 0..head.len() + 4 + name.len() + given.len() {
            assert_eq!(recognise(&answer[..end]), Match::Partial, "{end}");
        }
        let mut other = answer;
        other[6] = 0x71;
        assert_eq!(recognise(&other), Match::No);
    }

    #[test]
    fn the_request_has_the_length_it_says() {
        let asked = first(SocketAddr::from(([127, 0, 0, 1], 1))).bytes;
        assert_eq!(asked.len(), 8 + 2 + 21 + 4);
        assert_eq!(asked.get(10..31), Some(&b"caller_identification"[..]));
    }
}
