//! Finger: a list of who is logged in, or the form of one user, RFC 1288 §3.
//!
//! The answer is free text. What is proven is the form that the finger of BSD gave it, which its
//! descendants kept; of other answers nothing can be told.

use std::net::SocketAddr;

use super::line::lines;
use super::{Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "finger",
    safety: Safety::Polite,
    stream: Some(Stream::asked(first, recognise)),
    datagram: None,
};

/// `{C}` of RFC 1288 §2.3: who is logged in?
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "finger list".into(),
        bytes: b"\r\n".as_slice().into(),
    }
}

/// How many lines may stand before the form.
const MOST_BEFORE: usize = 6;

/// Wants the heading of the list, or the first two lines of a user's form.
pub(super) fn recognise(received: &[u8]) -> Match {
    let cut = lines(received, 256);
    let mut before = 0;
    for (at, text) in cut.whole.iter().enumerate() {
        if is_heading(text) {
            return proven("heading of BSD's finger list");
        }
        if is_form(text) {
            return match cut.whole.get(at + 1) {
                None if cut.sound => Match::Partial,
                Some(next) if next.starts_with("Directory: ") && next.contains("Shell: ") => {
                    proven("form of BSD's finger")
                }
                _ => Match::No,
            };
        }
        if text
            .trim_end_matches('.')
            .eq_ignore_ascii_case("No one logged on")
        {
            return Match::Likely(Box::new(Proof {
                rule: "what BSD's finger says of an empty machine".into(),
                ..Proof::default()
            }));
        }
        // A greeting with the host's name may stand before: "[host]".
        let host = text.starts_with('[') && text.ends_with(']');
        if !text.trim().is_empty() && !host {
            return Match::No;
        }
        before += 1;
        if before > MOST_BEFORE {
            return Match::No;
        }
    }
    match cut.sound {
        true => Match::Partial,
        false => Match::No,
    }
}

fn proven(rule: &'static str) -> Match {
    Match::Proven(Box::new(Proof {
        rule: rule.into(),
        ..Proof::default()
    }))
}

/// `Login     Name       Tty      Idle  Login Time   Office     Office Phone`.
fn is_heading(text: &str) -> bool {
    let words: Vec<_> = text.split_whitespace().collect();
    match words.as_slice() {
        ["Login", "Name", tty, rest @ ..] => {
            tty.eq_ignore_ascii_case("tty")
                && rest.first().is_some_and(|w| matches!(*w, "Idle" | "When"))
        }
        _ => false,
    }
}

/// `Login: root           Name: root`.
fn is_form(text: &str) -> bool {
    text.starts_with("Login: ") && text.contains("Name: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_bsd_are_proven_and_free_text_is_not() {
        // finger(1) of BSD: its list, and its form of one user.
        let list = b"Login     Name       Tty      Idle  Login Time   Office     Office Phone\r\n\
            root      root       pts/0          Nov 21 18:00\r\n";
        assert!(matches!(recognise(list), Match::Proven(_)));
        let form =
            b"Login: root           \t\t\tName: root\r\nDirectory: /root     Shell: /bin/bash\r\n";
        assert!(matches!(recognise(form), Match::Proven(_)));
        assert!(matches!(
            recognise(b"No one logged on.\r\n"),
            Match::Likely(_)
        ));
        assert_eq!(recognise(b"Login incorrect\r\n"), Match::No);
        assert_eq!(recognise(b"\r\n"), Match::Partial);
    }
}
