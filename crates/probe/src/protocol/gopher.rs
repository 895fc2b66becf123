//! Gopher: a menu, RFC 1436 §2 and its appendix.
//!
//! Its products are told by `@menu`, what all items display.

use std::net::SocketAddr;

use super::line::{self, lines};
use super::{Match, Packet, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "gopher",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        // To a gopher server any line is a selector, and "GET / HTTP/1.1" names an item that
        // does not exist: the answer is a menu with the error.
        drawn_by: &["http"],
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// The empty selector: the server's own menu.
fn first(_target: SocketAddr) -> Packet {
    Packet {
        name: "gopher menu".into(),
        bytes: b"\r\n".as_slice().into(),
    }
}

/// How many items are read.
const MOST_ITEMS: usize = 256;

/// Wants two items; or one, and the end of the menu, a host that stands for an error, or the
/// mark of Gopher+.
pub(super) fn recognise(received: &[u8]) -> Match {
    let cut = lines(received, 1024);
    let mut items: Vec<Item<'_>> = Vec::new();
    let mut ended = false;
    for text in cut.whole.iter().take(MOST_ITEMS) {
        if *text == "." {
            ended = true;
            break;
        }
        match item(text) {
            Some(item) => items.push(item),
            // What follows enough items cannot take them back.
            None if is_enough(&items, ended) => break,
            None => return Match::No,
        }
    }
    if is_enough(&items, ended) {
        let menu: Vec<_> = items.iter().map(|i| i.display).collect();
        let menu = menu.join("\n");
        let mut proof = line::proof("menu of RFC 1436", "gopher", &[("@menu", menu.as_bytes())]);
        proof.more = !ended && cut.sound && cut.whole.len() < MOST_ITEMS && proof.product.is_none();
        return Match::Proven(Box::new(proof));
    }
    if ended || !cut.sound {
        return Match::No;
    }
    match items.is_empty() && !opens(received) {
        true => Match::No,
        false => Match::Partial,
    }
}

fn is_enough(items: &[Item<'_>], ended: bool) -> bool {
    items.len() >= 2 || items.iter().any(|i| !i.is_plain()) || (ended && !items.is_empty())
}

/// Whether an unfinished first line may become an item.
fn opens(received: &[u8]) -> bool {
    received.first().is_none_or(|&b| is_kind(b))
}

struct Item<'a> {
    display: &'a str,
    host: &'a str,
    /// Whether Gopher+'s mark follows the port.
    plus: bool,
}

impl Item<'_> {
    /// Whether the line alone might be any table with tabs.
    fn is_plain(&self) -> bool {
        !self.plus && !matches!(self.host, "error.host" | "null.host")
    }
}

/// Reads `kind display TAB selector TAB host TAB port [TAB "+"]`.
fn item(text: &str) -> Option<Item<'_>> {
    let kind = text.as_bytes().first().copied().filter(|&b| is_kind(b))?;
    let mut fields = text.get(1..)?.split('\t');
    let (display, _selector, host, port) = (
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
    );
    let plus = match (fields.next(), fields.next()) {
        (None, _) => false,
        (Some("+" | "?"), None) => true,
        _ => return None,
    };
    let named = !host.is_empty() || kind == b'i';
    let host_sound = host
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b".-_:[]()".contains(&b));
    let port = port.trim_end();
    let port_sound =
        !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    (named && host_sound && port_sound).then_some(Item {
        display,
        host,
        plus,
    })
}

/// The kinds of RFC 1436 §3.8, and those that came into use: `h`, `i`, `s`, `d`, `M`, `P`, `X`.
const fn is_kind(b: u8) -> bool {
    matches!(
        b,
        b'0'..=b'9'
            | b'+'
            | b'T'
            | b'g'
            | b'I'
            | b'h'
            | b'i'
            | b's'
            | b'd'
            | b'p'
            | b'P'
            | b'M'
            | b'X'
            | b':'
            | b';'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_menu_of_the_specification_is_proven_and_a_table_is_not() {
        // RFC 1436 §2.
        let menu = b"0About internet Gopher\tStuff:About us\trawBits.micro.umn.edu\t70\r\n\
            1Around University of Minnesota\tZ,5692,AUM\tunderdog.micro.umn.edu\t70\r\n.\r\n";
        assert!(matches!(recognise(menu), Match::Proven(_)));
        let one = b"0About\tStuff\trawBits.micro.umn.edu\t70\r\n";
        assert_eq!(recognise(one), Match::Partial);
        for odd in [
            &b"1\t2\t3\r\n"[..],
            b"id\tname\thost\tport\r\n",
            b"1a\tb\tc d\t70\r\n",
            b"1a\tb\tc\t70000\r\n",
            b"HTTP/1.1 200 OK\r\n",
        ] {
            assert_eq!(
                recognise(odd),
                Match::No,
                "{}",
                String::from_utf8_lossy(odd)
            );
        }
    }
}
