//! HTTP/1.0 and HTTP/1.1: status line and header block, RFC 9112 §4 and §5.

pub(super) mod answer;
pub(super) mod follow_up;

use std::borrow::Cow;
use std::net::SocketAddr;

use super::cursor::Stop;
use super::{Match, Packet, Proof, Protocol, Safety, Stream, clickhouse, websocket};
use crate::product;
use answer::Answers;
use follow_up::{may_redirect, next, replay, told};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "http",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// A GET of the root, as plain as RFC 9110 allows; the connection is kept for follow-ups.
fn first(target: SocketAddr) -> Packet {
    get("http GET /", target, "/")
}

pub(super) fn get(name: impl Into<Cow<'static, str>>, target: SocketAddr, path: &str) -> Packet {
    let version = env!("CARGO_PKG_VERSION");
    let text = format!(
        "GET {path} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: portolan/{version}\r\n\
         Accept: */*\r\nAccept-Encoding: identity\r\n\r\n"
    );
    Packet {
        name: name.into(),
        bytes: text.into_bytes().into(),
    }
}

/// Wants a status line and a header block; reads products from what they and the body tell.
///
/// Further answers, to follow-ups, add what they tell.
pub(super) fn recognise(received: &[u8]) -> Match {
    // ClickHouse's native port answers a request with a status line, no header, and a hint.
    match clickhouse::hint(received) {
        Ok(_) => return Match::No,
        Err(Stop::Short) => return Match::Partial,
        Err(Stop::Never) => {}
    }
    let answers = match Answers::parse(received) {
        Ok(answers) => answers,
        Err(verdict) => return verdict,
    };
    let Some(first) = answers.all.first() else {
        return Match::No;
    };
    if REFUSALS.iter().any(|r| first.reason.starts_with(r)) {
        return Match::No;
    }
    if websocket::is_told(first) {
        return Match::No;
    }
    let (told, how) = told(&answers.all, &replay(&answers.all)).unzip();
    let open = first.status == 200
        && told
            .as_ref()
            .is_some_and(|t| UNASKED.contains(&t.key.as_ref()));
    Match::Proven(Box::new(Proof {
        rule: "status line and header block of RFC 9112 §4, §5".into(),
        unauthenticated: match first.status {
            401 | 407 => Some(false),
            _ => open.then_some(true),
        },
        wants_tls: first.wants_tls(),
        more: answers.more,
        ..product::proof(told, how.unwrap_or(""))
    }))
}

/// Reason phrases with which ports of other protocols say so: Tor's, for socks and tor-control,
/// and xpra's.
const REFUSALS: [&[u8]; 3] = [
    b"Tor is not an HTTP Proxy",
    b"Tor ControlPort is not an HTTP proxy",
    b"Bad request syntax or unsupported method",
];

/// Products that, with access control on, would have asked who we are before answering so.
const UNASKED: [&str; 2] = ["elasticsearch", "opensearch"];

/// Asks on where the answers told no product, or not its version: a path of the table first, then
/// where the last answer points, if that stays at the same address.
fn follow(received: &[u8], followed: usize, target: SocketAddr) -> Option<Packet> {
    let answers = Answers::parse(received).ok()?.all;
    let last = answers.last()?;
    if answers.len() != followed + 1 || !last.complete || !last.keeps || last.wants_tls() {
        return None;
    }
    let asked = replay(&answers);
    let told = told(&answers, &asked);
    if let Some(row) = next(&answers, &asked, told.as_ref()) {
        return Some(get(format!("http GET {}", row.path), target, row.path));
    }
    if !(300..400).contains(&last.status) || !may_redirect(&asked, told.as_ref()) {
        return None;
    }
    let location = last.header("location").next()?;
    let path = same_origin(std::str::from_utf8(&location).ok()?, target)?;
    Some(get("http GET (redirect)", target, &path))
}

/// The path of `location`, if it stays at `target` and is nothing but a path (RFC 3986 §4.2).
fn same_origin(location: &str, target: SocketAddr) -> Option<String> {
    const LONGEST: usize = 1024;
    let path = match location.split_once("://") {
        None => location,
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let here = authority == target.to_string()
                || authority == format!("localhost:{}", target.port());
            if scheme != "http" && scheme != "https" || !here {
                return None;
            }
            path
        }
    };
    let path = path.split('#').next().unwrap_or("");
    let path = match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("/{}", path.trim_start_matches("./")),
    };
    let sound = path.len() <= LONGEST
        && !path.starts_with("//")
        && path.bytes().all(|b| b.is_ascii_graphic());
    (sound && path != "/").then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_stays_at_the_address_that_was_named() {
        let target = "127.0.0.1:8080".parse().unwrap();
        let to = |l| same_origin(l, target);
        assert_eq!(to("/login").as_deref(), Some("/login"));
        assert_eq!(to("ui/").as_deref(), Some("/ui/"));
        assert_eq!(
            to("http://127.0.0.1:8080/a?b=c#d").as_deref(),
            Some("/a?b=c")
        );
        assert_eq!(to("http://localhost:8080/a").as_deref(), Some("/a"));
        for away in [
            "http://example.org/",
            "//example.org/",
            "/",
            "/a b",
            "ftp://127.0.0.1:8080/x",
        ] {
            assert_eq!(to(away), None, "{away}");
        }
    }
}
