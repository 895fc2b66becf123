//! Telnet: option negotiation, RFC 854 (commands) and RFC 855 (options).
//!
//! Text without any negotiation is no telnet that could be told from a terminal server's.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Protocol, Safety, Speaker, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "telnet",
    safety: Safety::Polite,
    stream: Some(Stream {
        speaker: Speaker::Server,
        in_tls: true,
        follow,
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

const IAC: u8 = 255;
const DONT: u8 = 254;
const DO: u8 = 253;
const WONT: u8 = 252;
const WILL: u8 = 251;
const SB: u8 = 250;
const SE: u8 = 240;

/// How many negotiations prove it: three bytes each, of which two are fixed.
const ENOUGH: usize = 2;

/// How many bytes of text are read for a prompt.
const MOST_TEXT: usize = 2048;

/// Wants two negotiations of assigned options, or one and the prompt of a log-in.
pub(super) fn recognise(received: &[u8]) -> Match {
    let (seen, sound) = read(received);
    let prompted = seen.offers.len() == 1 && is_prompt(&seen.text);
    if seen.offers.len() >= ENOUGH || prompted {
        return Match::Proven(Box::new(Proof {
            rule: "option negotiation of RFC 855".into(),
            ..Proof::default()
        }));
    }
    match sound {
        true => Match::Partial,
        false => Match::No,
    }
}

/// What a server negotiated and said.
#[derive(Default)]
struct Seen {
    /// Command and option.
    offers: Vec<(u8, u8)>,
    text: Vec<u8>,
}

/// Reads up to what is not telnet, or what proves it; whether it may go on.
fn read(received: &[u8]) -> (Seen, bool) {
    let mut seen = Seen::default();
    let mut rest = received;
    loop {
        // A server opens with an offer or a request, never with a refusal.
        let opening = seen.offers.is_empty();
        rest = match rest {
            [] | [IAC] => return (seen, true),
            [IAC, WILL | DO] => return (seen, true),
            [IAC, WONT | DONT] => return (seen, !opening),
            [IAC, command @ (WILL | DO), option, rest @ ..] if is_assigned(*option) => {
                seen.offers.push((*command, *option));
                rest
            }
            [IAC, WONT | DONT, option, rest @ ..] if !opening && is_assigned(*option) => rest,
            [IAC, SB, rest @ ..] if !opening => {
                let Some(end) = rest.windows(2).position(|w| w == [IAC, SE]) else {
                    return (seen, rest.len() < 256);
                };
                rest.get(end + 2..).unwrap_or_default()
            }
            // Go ahead, are you there and the like.
            [IAC, 241..=249, rest @ ..] if !opening => rest,
            [b, rest @ ..] if !opening && is_text(*b) && seen.text.len() < MOST_TEXT => {
                seen.text.push(*b);
                rest
            }
            _ => return (seen, false),
        };
        let asks = seen.text.last() == Some(&b':') && is_prompt(&seen.text);
        if seen.offers.len() >= ENOUGH || asks {
            return (seen, true);
        }
    }
}

/// IANA's registry of options: 0 to 49 and 138 to 140.
const fn is_assigned(option: u8) -> bool {
    matches!(option, 0..=49 | 138..=140)
}

/// Printable, of any alphabet, or one of the controls that RFC 854 gives a printer.
const fn is_text(b: u8) -> bool {
    matches!(b, 0 | 7..=13 | 27 | 32..=126 | 128..=239)
}

/// Whether the text ends as the question for a name or a password does.
fn is_prompt(text: &[u8]) -> bool {
    let text = text.trim_ascii_end().to_ascii_lowercase();
    [
        &b"login:"[..],
        b"username:",
        b"password:",
        b"user name:",
        b"user:",
    ]
    .iter()
    .any(|p| text.ends_with(p))
}

/// Refuses what the server began with, which makes it go on (RFC 1143 §7: every option off).
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let (seen, sound) = read(received);
    let [(command, option)] = seen.offers.as_slice() else {
        return None;
    };
    let due = sound && followed == 0 && matches!(recognise(received), Match::Partial);
    let refusal = match *command {
        DO => WONT,
        _ => DONT,
    };
    due.then(|| Packet {
        name: "telnet refusal of options".into(),
        bytes: vec![IAC, refusal, *option].into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiation_is_proven_and_what_begins_alike_is_not() {
        // RFC 855's form: DO TERMINAL-TYPE (24), DO TERMINAL-SPEED (32).
        let two = [IAC, DO, 24, IAC, DO, 32];
        assert!(matches!(recognise(&two), Match::Proven(_)));
        assert_eq!(recognise(&two[..5]), Match::Partial);
        let prompt = [&[IAC, WILL, 1][..], b"\r\nrouter login: "].concat();
        assert!(matches!(recognise(&prompt), Match::Proven(_)));
        // A JPEG, a frame of MPEG audio, a text in UTF-16, a refusal out of the blue.
        for odd in [
            &[0xff, 0xd8, 0xff, 0xe0][..],
            &[0xff, 0xfb, 0x90, 0x64],
            &[0xff, 0xfe, b' ', 0],
            &[IAC, WONT, 1],
            b"login: ",
        ] {
            assert_eq!(recognise(odd), Match::No, "{odd:x?}");
        }
        let target = SocketAddr::from(([127, 0, 0, 1], 1));
        let refusal = follow(&[IAC, DO, 39], 0, target).unwrap();
        assert_eq!(*refusal.bytes, [IAC, WONT, 39]);
        assert_eq!(follow(&two, 0, target), None);
    }
}
