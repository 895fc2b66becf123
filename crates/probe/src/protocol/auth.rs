//! The identification protocol (ident): a reply to a pair of ports, RFC 1413 §4.

use std::net::SocketAddr;

use super::line::lines;
use super::{Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "auth",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// A pair that no connection has: whose one it is cannot be told, so that nobody is named.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "auth 1, 1".into(),
        bytes: b"1, 1\r\n".as_slice().into(),
    }
}

/// The error tokens of RFC 1413 §6; others begin with `X`.
const ERRORS: [&str; 4] = ["INVALID-PORT", "NO-USER", "HIDDEN-USER", "UNKNOWN-ERROR"];

/// Wants `port-pair : ERROR : token` or `port-pair : USERID : system : user`, of our pair.
pub(super) fn recognise(received: &[u8]) -> Match {
    let cut = lines(received, 1024);
    let Some(reply) = cut.whole.first() else {
        let opens = received
            .iter()
            .take(16)
            .all(|&b| b.is_ascii_digit() || b" ,:\tERORUSID".contains(&b));
        return if opens && cut.sound {
            Match::Partial
        } else {
            Match::No
        };
    };
    let mut fields = reply.splitn(4, ':').map(str::trim);
    let mut field = || fields.next().unwrap_or("");
    let (pair, kind, token, user) = (field(), field(), field(), field());
    let pair = pair.split_once(',').map(|(a, b)| (a.trim(), b.trim()));
    let own = pair == Some(("1", "1"));
    // A server that finds our pair invalid may answer without repeating it.
    let none = pair == Some(("0", "0"));
    let error = ERRORS.contains(&token);
    let met = match kind {
        "ERROR" => user.is_empty() && error && (own || none),
        "USERID" => own && !token.is_empty() && !user.is_empty(),
        _ => false,
    };
    match met {
        true => Match::Proven(Box::new(Proof {
            rule: "reply of RFC 1413 §4".into(),
            ..Proof::default()
        })),
        false => Match::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_of_the_specification_are_proven_for_our_pair_alone() {
        // RFC 1413 §6 and its examples in §4, with our pair.
        for reply in [
            "1, 1 : ERROR : NO-USER\r\n",
            "1 , 1 : USERID : UNIX :stjohns\r\n",
        ] {
            assert!(
                matches!(recognise(reply.as_bytes()), Match::Proven(_)),
                "{reply}"
            );
        }
        for odd in [
            "6193, 23 : USERID : UNIX : joe\r\n",
            "1, 1 : ERROR : WHAT\r\n",
            "1, 1\r\n",
        ] {
            assert_eq!(recognise(odd.as_bytes()), Match::No, "{odd}");
        }
        assert_eq!(recognise(b"1, 1 : ERR"), Match::Partial);
    }
}
