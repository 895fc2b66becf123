//! A Munin node: its greeting, then `version`; Munin's documentation, "Data exchange between
//! master and node".

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Stream};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "munin",
    safety: Safety::Polite,
    stream: Some(Stream {
        follow,
        farewell: Some(b"quit\n"),
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

/// Wants `# munin node at HOST`, and reads the line that `version` is answered with.
fn recognise(received: &[u8]) -> Match {
    const GREETING: &[u8] = b"# munin node at ";
    const LONGEST: usize = 300;
    let shared = received.len().min(GREETING.len());
    if received.get(..shared) != GREETING.get(..shared) {
        return Match::No;
    }
    let mut lines = received.split(|&b| b == b'\n');
    let greeting = lines.next().unwrap_or(&[]);
    if greeting.len() > LONGEST || greeting.iter().any(|&b| b < 0x20 && b != b'\r') {
        return Match::No;
    }
    let Some(answer) = lines.next() else {
        return Match::Partial;
    };
    let answer = answer.get(..LONGEST).unwrap_or(answer);
    let (told, because) = product::told_by("munin", &[("@version", answer)]).unzip();
    Match::Proven(Box::new(Proof {
        rule: "greeting of a Munin node".into(),
        ..product::proof(told, because.unwrap_or_default())
    }))
}

fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let greeted = matches!(recognise(received), Match::Proven(_));
    (greeted && followed == 0).then(|| Packet {
        name: "munin version".into(),
        bytes: b"version\n".as_slice().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_session_proves_it() {
        let session =
            b"# munin node at foo.example.com\nmunins node on foo.example.com version: 2.0.49\n";
        let Match::Proven(proof) = recognise(session) else {
            panic!("not proven");
        };
        assert_eq!(proof.product.as_deref(), Some("munin-node"));
        assert_eq!(proof.version.as_deref(), Some("2.0.49"));
        let target = ([127, 0, 0, 1], 1).into();
        assert!(follow(&session[..32], 0, target).is_some());
        assert!(follow(&session[..31], 0, target).is_none());
        assert_eq!(recognise(&session[..31]), Match::Partial);
        assert_eq!(recognise(b"# munin master\n"), Match::No);
    }
}
