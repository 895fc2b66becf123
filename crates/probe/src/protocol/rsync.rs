//! rsync's daemon: its greeting, rsync's csprotocol.txt ("DAEMON PROTOCOL").

use super::{Match, Proof, Protocol, Safety, Stream, wire};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "rsync",
    safety: Safety::Polite,
    stream: Some(Stream::greeted(recognise)),
    datagram: None,
};

const HEAD: &[u8] = b"@RSYNCD: ";
const LONGEST: usize = 256;

/// Wants `@RSYNCD: <version>.<subprotocol> <digest1> <digestN>`; older ones end after a number.
pub(super) fn recognise(received: &[u8]) -> Match {
    if !wire::opens(received, HEAD) {
        return Match::No;
    }
    let Some(end) = received.iter().position(|&b| b == b'\n') else {
        let text = wire::is_printable(received) && received.len() < LONGEST;
        return if text { Match::Partial } else { Match::No };
    };
    let line = received.get(HEAD.len()..end).unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else {
        return Match::No;
    };
    let mut words = line.split(' ');
    let version = words.next().unwrap_or_default();
    let mut numbers = version.split('.');
    let number = |n: &str| (1..=3).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit());
    let versioned = numbers.next().is_some_and(number)
        && numbers.next().is_none_or(number)
        && numbers.next().is_none();
    let digest = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric());
    if end >= LONGEST || !versioned || !words.all(digest) {
        return Match::No;
    }
    let told = product::told_by("rsync", &[("@greeting", line.as_bytes())]);
    Match::Proven(Box::new(Proof {
        told: wire::lines([format!("protocol {version}")]),
        ..wire::proof("daemon greeting of rsync's protocol", told)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_greetings_end_after_the_number() {
        assert!(matches!(recognise(b"@RSYNCD: 29\n"), Match::Proven(p) if p.product.is_none()));
        assert!(matches!(recognise(b"@RSYNCD: 31.0\n"), Match::Proven(_)));
        for alike in [
            &b"@RSYNCD: \n"[..],
            b"@RSYNCD: x\n",
            b"@RSYNCD: 31.0 !\n",
            b"@RSYNCD: EXIT\n",
        ] {
            assert_eq!(recognise(alike), Match::No);
        }
    }
}
