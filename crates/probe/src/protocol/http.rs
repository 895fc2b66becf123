//! HTTP/1.0 and HTTP/1.1: status line and header block, RFC 9112 §4 and §5.

mod answer;

use std::borrow::Cow;
use std::net::SocketAddr;

use super::cursor::Stop;
use super::{Match, Packet, Proof, Protocol, Safety, Stream, clickhouse};
use crate::product;
use answer::{Answer, Parsed};

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

/// A GET of the root, as plain as RFC 9110 allows; the connection is kept for one redirect.
fn first(target: SocketAddr) -> Packet {
    get("http GET /", target, "/")
}

fn get(name: &'static str, target: SocketAddr, path: &str) -> Packet {
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
/// A second answer, to a followed redirect, adds what it tells.
pub(super) fn recognise(received: &[u8]) -> Match {
    // ClickHouse's native port answers a request with a status line, no header, and a hint.
    match clickhouse::hint(received) {
        Ok(_) => return Match::No,
        Err(Stop::Short) => return Match::Partial,
        Err(Stop::Never) => {}
    }
    let answer = match Answer::parse(received) {
        Parsed::No => return Match::No,
        Parsed::Partial => return Match::Partial,
        Parsed::Answer(answer) => *answer,
    };
    if REFUSALS.iter().any(|r| answer.reason.starts_with(r)) {
        return Match::No;
    }
    let mut more = !answer.complete;
    let mut answers = vec![answer];
    if !more && answers[0].end < received.len() {
        match Answer::parse(&received[answers[0].end..]) {
            Parsed::No => {}
            Parsed::Partial => more = true,
            Parsed::Answer(second) => {
                more = !second.complete;
                answers.push(*second);
            }
        }
    }
    let status = answers[0].status;
    let wants_tls = answers[0].wants_tls();
    let (told, how) = told(&answers).unzip();
    let open = status == 200
        && told
            .as_ref()
            .is_some_and(|t| UNASKED.contains(&t.key.as_ref()));
    Match::Proven(Box::new(Proof {
        rule: "status line and header block of RFC 9112 §4, §5".into(),
        unauthenticated: match status {
            401 | 407 => Some(false),
            _ => open.then_some(true),
        },
        wants_tls,
        more,
        ..product::proof(told, how.unwrap_or(""))
    }))
}

/// Reason phrases with which ports of other protocols say so: Tor's, for socks and tor-control.
const REFUSALS: [&[u8]; 2] = [
    b"Tor is not an HTTP Proxy",
    b"Tor ControlPort is not an HTTP proxy",
];

/// Products that, with access control on, would have asked who we are before answering so.
const UNASKED: [&str; 2] = ["elasticsearch", "opensearch"];

fn told(answers: &[Answer<'_>]) -> Option<(product::Told, &'static str)> {
    let titles: Vec<Vec<u8>> = answers.iter().filter_map(Answer::title).collect();
    product::told(PROTOCOL.name, &|field| {
        let each = answers.iter();
        match field {
            "@names" => each.map(|a| Cow::Owned(a.names())).collect(),
            "@reason" => each.map(|a| Cow::Borrowed(a.reason)).collect(),
            "@title" => titles.iter().map(|t| Cow::Borrowed(t.as_slice())).collect(),
            "@body" => each.map(|a| Cow::Borrowed(a.body.as_ref())).collect(),
            name => each.flat_map(|a| a.header(name)).collect(),
        }
    })
}

/// Follows one redirect to the same address, where the first answer told no product that stands
/// for itself: many programs show who they are only one step from the root.
fn follow(received: &[u8], followed: usize, target: SocketAddr) -> Option<Packet> {
    let Parsed::Answer(answer) = Answer::parse(received) else {
        return None;
    };
    if followed > 0 || !answer.complete || !answer.keeps || !(300..400).contains(&answer.status) {
        return None;
    }
    let answers = [*answer];
    if told(&answers).is_some_and(|(t, _)| t.settled) {
        return None;
    }
    let location = answers[0].header("location").next()?;
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
