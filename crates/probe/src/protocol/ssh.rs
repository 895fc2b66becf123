//! SSH: the server's identification string, RFC 4253 §4.2.

use super::{Match, Proof, Protocol, Safety, Stream, wire};
use crate::product;

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ssh",
    safety: Safety::Polite,
    stream: Some(Stream::greeted(recognise)),
    datagram: None,
};

/// "The maximum length of the string is 255 characters, including the Carriage Return and Line
/// Feed."
const LONGEST: usize = 255;

/// The RFC lets a server send other lines first and names no bound; no server has been seen to
/// send more than a short notice.
const MOST_NOTICE_BYTES: usize = 1024;

/// Wants `SSH-protoversion-softwareversion [SP comments] CR LF`, after lines of text if any.
pub(super) fn recognise(received: &[u8]) -> Match {
    let mut rest = received;
    loop {
        let noticed = received.len() - rest.len();
        let Some(end) = rest.iter().position(|&b| b == b'\n') else {
            let hopeful = rest.len() < LONGEST
                && noticed + rest.len() < MOST_NOTICE_BYTES
                && (rest.starts_with(b"SSH-") || b"SSH-".starts_with(rest) || is_notice(rest));
            return if hopeful { Match::Partial } else { Match::No };
        };
        let line = &rest[..=end];
        if line.len() > LONGEST || noticed + line.len() > MOST_NOTICE_BYTES {
            return Match::No;
        }
        if line.starts_with(b"SSH-") {
            return identification(line).map_or(Match::No, |p| Match::Proven(Box::new(p)));
        }
        if !is_notice(line) {
            return Match::No;
        }
        rest = &rest[end + 1..];
    }
}

/// A line that may stand before the identification: text, and no other protocol's greeting.
///
/// Replies that begin with three digits, and HTTP, are excluded, so that a mail or web server
/// whose text quotes an identification string is not taken for SSH.
fn is_notice(line: &[u8]) -> bool {
    let text = line
        .iter()
        .all(|&b| b >= 0x20 || matches!(b, b'\t' | b'\r' | b'\n'));
    let reply = line.iter().take(3).filter(|b| b.is_ascii_digit()).count() == 3;
    let prefix = match std::str::from_utf8(line) {
        Ok(_) => true,
        // A character may be cut at the end of what has arrived.
        Err(error) => error.error_len().is_none(),
    };
    text && prefix && !reply && !line.starts_with(b"HTTP/") && !line.is_empty()
}

fn identification(line: &[u8]) -> Option<Proof> {
    let body = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (proto, rest) = body.strip_prefix("SSH-")?.split_once('-')?;
    let rest = match (proto, rest.strip_suffix('\r')) {
        ("2.0" | "1.99", Some(rest)) => rest,
        // §5.1: a server of compatibility mode may end its line with LF alone.
        ("1.99", None) => rest,
        _ => return None,
    };
    let (software, comments) = match rest.split_once(' ') {
        Some((software, comments)) => (software, Some(comments)),
        None => (rest, None),
    };
    // The RFC forbids the minus sign within softwareversion; Cisco's, Apache's, GitHub's and others
    // send it all the same.
    let exact = !software.is_empty()
        && software.bytes().all(|b| b.is_ascii_graphic())
        && comments.is_none_or(|c| !c.chars().any(char::is_control));
    exact.then(|| {
        let told = product::told_by("ssh", &[("@software", software.as_bytes())]);
        wire::proof("identification string of RFC 4253 §4.2", told)
    })
}
