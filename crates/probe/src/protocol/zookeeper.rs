//! ZooKeeper: the four letter word `srvr`, ZooKeeper Administrator's Guide, "The Four Letter Words".
//!
//! `srvr` is the one word that is allowed unless an administrator says otherwise; the refusal of a
//! word that is not allowed is as good a proof.

use std::net::SocketAddr;

use super::cursor::{Cursor, Read, Stop, ensure, judged};
use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "zookeeper",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "zookeeper srvr".into(),
        bytes: b"srvr".as_slice().into(),
    }
}

/// What is said in place of the details.
const REFUSALS: [&str; 2] = [
    "srvr is not executed because it is not in the whitelist.",
    "This ZooKeeper instance is not currently serving requests",
];

/// Wants the version line and the latency line of `srvr`, or a refusal of it.
fn recognise(received: &[u8]) -> Match {
    let refused = REFUSALS.map(|refusal| Cursor::new(received).fixed(refusal.as_bytes()));
    if refused.contains(&Ok(())) {
        return Match::Proven(Box::new(Proof {
            rule: "refusal of a four letter word, ZooKeeper Administrator's Guide".into(),
            ..product::proof(
                Some(product::Told::new("zookeeper", None, None)),
                "the refusal is ZooKeeper's own",
            )
        }));
    }
    match judged(details(received)) {
        Match::No if refused.contains(&Err(Stop::Short)) => Match::Partial,
        verdict => verdict,
    }
}

fn details(received: &[u8]) -> Read<Proof> {
    let mut cursor = Cursor::new(received);
    let line = cursor.line(200);
    let begins = ["Zookeeper version: ", "ClickHouse Keeper version: "];
    let hopeful = begins
        .iter()
        .any(|b| Cursor::new(received).fixed(b.as_bytes()) != Err(Stop::Never));
    ensure(hopeful)?;
    let line = line?;
    cursor.fixed(b"Latency min/avg/max: ")?;
    cursor.line(100)?;
    let told = product::told_by("zookeeper", &[("@version", line.as_bytes())]);
    let (told, how) = told.map_or((None, ""), |(told, how)| (Some(told), how));
    let mode = cursor
        .rest()
        .split(|&b| b == b'\n')
        .find(|l| l.starts_with(b"Mode: "));
    let mode = mode
        .and_then(|m| std::str::from_utf8(m).ok())
        .filter(|m| m.len() < 40);
    Ok(Proof {
        rule: "answer to srvr, ZooKeeper Administrator's Guide".into(),
        told: mode.into_iter().map(str::to_lowercase).collect(),
        unauthenticated: Some(true),
        ..product::proof(told, how)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_not_allowed_is_refused_by_name() {
        for refusal in REFUSALS {
            assert!(matches!(recognise(refusal.as_bytes()), Match::Proven(_)));
            assert_eq!(recognise(&refusal.as_bytes()[..20]), Match::Partial);
        }
        assert_eq!(recognise(b"Zookeeper is a book"), Match::No);
    }
}
