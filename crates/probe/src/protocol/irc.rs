//! IRC: what a server says to a client that has not registered, RFC 1459 §2.3 and §4, RFC 2812,
//! and the capabilities of IRCv3.
//!
//! Nothing here registers: neither NICK nor USER is sent. Its products are told by `@notice`,
//! `@unregistered` (the rest of a 451 after the server's name), `@capabilities` and `@error`.

use std::net::SocketAddr;

use super::line::{self, Lines, lines};
use super::{Match, Packet, Proof, Protocol, Safety, Stream, Upgrade};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "irc",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        upgrade: Some(upgrade),
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// RFC 1459 §2.3 has 512; IRCv3 adds as much for tags.
const LONGEST_LINE: usize = 1024;

/// How many lines are read for one that proves it.
const MOST_LINES: usize = 32;

/// Draws PONG, or "not registered".
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "irc PING".into(),
        bytes: b"PING portolan\r\n".as_slice().into(),
    }
}

/// What one line of the server is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Message<'a> {
    /// `:server NOTICE * :text`, before anybody registered.
    Notice(&'a str),
    /// `:server 451 * :text`, without the number.
    Unregistered(&'a str),
    /// `:server PONG server :portolan`.
    Pong,
    /// `:server CAP * LS :list`.
    Capabilities(&'a str),
    /// `ERROR :text`, where the text is one that only IRC servers give.
    Error(&'a str),
    /// Of the form of a message, but of no weight.
    Other,
}

/// Wants a message that only a server of IRC sends to whom it does not know.
pub(super) fn recognise(received: &[u8]) -> Match {
    let Lines {
        whole,
        unfinished,
        sound,
    } = lines(received, LONGEST_LINE);
    let Some(messages) = messages(&whole) else {
        return Match::No;
    };
    if messages.iter().all(|m| *m == Message::Other) {
        let opens = received
            .first()
            .is_none_or(|&b| b == b':' || b.is_ascii_uppercase());
        let hopeful = sound && opens && messages.len() < MOST_LINES;
        return if hopeful { Match::Partial } else { Match::No };
    }
    let of = |pick: fn(&Message<'_>) -> bool| -> String {
        let picked = messages.iter().filter(|m| pick(m));
        let texts: Vec<_> = picked.map(|m| m.text()).collect();
        texts.join("\t")
    };
    let notice = of(|m| matches!(m, Message::Notice(_)));
    let unregistered = of(|m| matches!(m, Message::Unregistered(_)));
    let capabilities = of(|m| matches!(m, Message::Capabilities(_)));
    let error = of(|m| matches!(m, Message::Error(_)));
    let fields = [
        ("@notice", notice.as_bytes()),
        ("@unregistered", unregistered.as_bytes()),
        ("@capabilities", capabilities.as_bytes()),
        ("@error", error.as_bytes()),
    ];
    let rule = "messages to the unregistered of RFC 1459 §4 and §6";
    Match::Proven(Box::new(Proof {
        starttls: capabilities.split(['\t', ' ']).any(|c| c == "tls"),
        more: unfinished && sound,
        ..line::proof(rule, "irc", &fields)
    }))
}

impl<'a> Message<'a> {
    const fn text(self) -> &'a str {
        match self {
            Self::Notice(text)
            | Self::Unregistered(text)
            | Self::Capabilities(text)
            | Self::Error(text) => text,
            Self::Pong | Self::Other => "",
        }
    }
}

/// Reads lines as messages; `None` where the first that has weight comes after one that has not
/// the form of a message.
fn messages<'a>(whole: &[&'a str]) -> Option<Vec<Message<'a>>> {
    let mut messages = Vec::new();
    for text in whole.iter().take(MOST_LINES) {
        match message(text) {
            Some(message) => messages.push(message),
            None if messages.iter().any(|m| *m != Message::Other) => break,
            None => return None,
        }
    }
    Some(messages)
}

fn message(text: &str) -> Option<Message<'_>> {
    if let Some(error) = text.strip_prefix("ERROR :") {
        let own = line::holds(error, "Closing link: ") || line::holds(error, "This is IRC");
        return Some(if own {
            Message::Error(error)
        } else {
            Message::Other
        });
    }
    if let Some(rest) = text.strip_prefix("NOTICE AUTH :*** ") {
        return Some(Message::Notice(rest));
    }
    if text.strip_prefix("PING :").is_some_and(|c| !c.is_empty()) {
        return Some(Message::Other);
    }
    let (server, rest) = text.strip_prefix(':')?.split_once(' ')?;
    let (command, rest) = rest.split_once(' ')?;
    let named = !server.is_empty()
        && server
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-:[]!@*".contains(&b));
    if !named {
        return None;
    }
    let nobody = |t: &str| t == "*" || t.eq_ignore_ascii_case("AUTH");
    let told = rest
        .split_once(' ')
        .filter(|(to, _)| nobody(to))
        .map(|(_, t)| t);
    Some(match (command, told) {
        ("NOTICE", Some(told)) if told.starts_with(':') => {
            Message::Notice(told.strip_prefix(':').unwrap_or(told))
        }
        ("451", _) if rest.contains(':') => Message::Unregistered(rest),
        ("CAP", Some(told)) => {
            let list = told.strip_prefix("LS ").map(|l| l.trim_start_matches("* "));
            match list.and_then(|l| l.strip_prefix(':')) {
                Some(list) => Message::Capabilities(list),
                None => Message::Other,
            }
        }
        ("PONG", _) if rest.trim_end().ends_with("portolan") => Message::Pong,
        (number, _) if number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit()) => {
            Message::Other
        }
        ("NOTICE" | "PONG", _) => Message::Other,
        _ => return None,
    })
}

/// Asks whom the answers do not tell for its capabilities, and quits.
fn follow(received: &[u8], followed: usize, _target: SocketAddr) -> Option<Packet> {
    let Match::Proven(proof) = recognise(received) else {
        return None;
    };
    let Lines { whole, .. } = lines(received, LONGEST_LINE);
    let asked = messages(&whole)?
        .iter()
        .any(|m| matches!(m, Message::Capabilities(_) | Message::Error(_)));
    (proof.product.is_none() && !asked && followed < 2).then(|| Packet {
        name: "irc CAP LS, QUIT".into(),
        bytes: b"CAP LS 302\r\nQUIT\r\n".as_slice().into(),
    })
}

/// IRCv3's `tls` extension: STARTTLS, which 670 grants and 691 refuses.
fn upgrade(received: &[u8], sent: usize, _target: SocketAddr) -> Upgrade {
    if sent == 0 {
        return Upgrade::Say(Packet {
            name: "irc STARTTLS".into(),
            bytes: b"STARTTLS\r\n".as_slice().into(),
        });
    }
    let Lines { whole, sound, .. } = lines(received, LONGEST_LINE);
    let number = |l: &&str| l.split(' ').nth(1).map(str::to_owned);
    let mut numbers = whole.iter().filter_map(number);
    match numbers.find(|n| matches!(n.as_str(), "670" | "691" | "451" | "421")) {
        Some(number) if number == "670" => Upgrade::Ready,
        Some(_) => Upgrade::Refused,
        None if sound && whole.len() < MOST_LINES => Upgrade::Wait,
        None => Upgrade::Refused,
    }
}
