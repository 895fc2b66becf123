//! Postfix's policy delegation: `action=DUNNO` and an empty line.
//!
//! Source: Postfix's SMTPD_POLICY_README, "Protocol description", and access(5) for the actions.

use std::net::SocketAddr;

use super::line::lines;
use super::{Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "postfix-policy",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// Asks about a connection alone: no sender and no recipient, so there is nothing that a policy
/// could count or remember a mail by.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "postfix-policy CONNECT".into(),
        bytes: b"request=smtpd_access_policy\nprotocol_state=CONNECT\nprotocol_name=ESMTP\n\
            client_address=127.0.0.1\nclient_name=localhost\nhelo_name=\nsender=\nrecipient=\n\
            recipient_count=0\nqueue_id=\ninstance=0\n\n"
            .as_slice()
            .into(),
    }
}

/// The actions of access(5) that a policy may answer, beside numeric codes.
const ACTIONS: [&str; 15] = [
    "BCC",
    "DEFER",
    "DEFER_IF_PERMIT",
    "DEFER_IF_REJECT",
    "DISCARD",
    "DUNNO",
    "FILTER",
    "HOLD",
    "INFO",
    "OK",
    "PERMIT",
    "PREPEND",
    "REDIRECT",
    "REJECT",
    "WARN",
];

/// Wants `action=` with an action, and the empty line.
pub(super) fn recognise(received: &[u8]) -> Match {
    const MARK: &[u8] = b"action=";
    let shared = received.len().min(MARK.len());
    if received.get(..shared) != MARK.get(..shared) {
        return Match::No;
    }
    let cut = lines(received, 1024);
    let Some((action, rest)) = cut.whole.split_first() else {
        return if cut.sound { Match::Partial } else { Match::No };
    };
    let action = action.strip_prefix("action=").unwrap_or("");
    let word = action.split(' ').next().unwrap_or("");
    let code =
        word.len() == 3 && word.starts_with(['4', '5']) && word.bytes().all(|b| b.is_ascii_digit());
    if !code && !ACTIONS.iter().any(|a| a.eq_ignore_ascii_case(word)) {
        return Match::No;
    }
    match rest.first() {
        Some(&"") => Match::Proven(Box::new(Proof {
            rule: "action and empty line of SMTPD_POLICY_README".into(),
            ..Proof::default()
        })),
        None if cut.sound => Match::Partial,
        _ => Match::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_its_document_is_proven() {
        let example = b"action=defer_if_permit Service temporarily unavailable\n\n";
        assert!(matches!(recognise(example), Match::Proven(_)));
        assert!(matches!(recognise(b"action=DUNNO\n\n"), Match::Proven(_)));
        assert_eq!(recognise(b"action=DUNNO\n"), Match::Partial);
        for odd in [
            &b"action=dance\n\n"[..],
            b"action=OK\nmore\n",
            b"actions=OK\n\n",
        ] {
            assert_eq!(recognise(odd), Match::No);
        }
    }
}
