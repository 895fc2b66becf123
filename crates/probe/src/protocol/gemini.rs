//! Gemini: a status of two digits and its meaning, in TLS; the project's network protocol
//! specification, version 0.24, §"Responses".

use std::net::SocketAddr;

use super::line::lines;
use super::{Match, Packet, Proof, Protocol, Safety, Stream};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "gemini",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        ..Stream::asked(first, recognise)
    }),
    datagram: None,
};

/// The server's own page.
fn first(target: SocketAddr) -> Packet {
    let host = match target.ip() {
        ip if ip.is_loopback() => "localhost".to_owned(),
        ip if ip.is_ipv6() => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    Packet {
        name: "gemini page".into(),
        bytes: format!("gemini://{host}/\r\n").into_bytes().into(),
    }
}

/// The specification's own words for each status of failure.
const FAILURES: [(&str, &str); 14] = [
    ("40", "temporary failure"),
    ("41", "server unavailable"),
    ("42", "cgi error"),
    ("43", "proxy error"),
    ("44", "slow down"),
    ("50", "permanent failure"),
    ("51", "not found"),
    ("52", "gone"),
    ("53", "proxy request refused"),
    ("59", "bad request"),
    ("60", "client certificate required"),
    ("60", "certificate required"),
    ("61", "certificate not authorized"),
    ("62", "certificate not valid"),
];

/// Wants `20` and a media type, `30` and an address, or a failure in the specification's words;
/// in other words it is only likely.
pub(super) fn recognise(received: &[u8]) -> Match {
    // §Responses: at most 1024 bytes of meaning.
    const LONGEST: usize = 1029;
    let fixed = |at: usize, sound: fn(u8) -> bool| received.get(at).is_none_or(|&b| sound(b));
    let status = fixed(0, |b| (b'1'..=b'6').contains(&b)) && fixed(1, |b| b.is_ascii_digit());
    if !status || !fixed(2, |b| b == b' ') {
        return Match::No;
    }
    let Some(end) = received.iter().take(LONGEST).position(|&b| b == b'\n') else {
        let hopeful = received.len() < LONGEST && lines(received, LONGEST).sound;
        return if hopeful { Match::Partial } else { Match::No };
    };
    // What follows the first line is the page, in any form.
    let cut = lines(received.get(..=end).unwrap_or_default(), LONGEST);
    let ended = end > 0 && received.get(end - 1) == Some(&b'\r');
    let Some((status, meaning)) = cut.whole.first().and_then(|l| l.split_once(' ')) else {
        return Match::No;
    };
    if !ended {
        return Match::No;
    }
    let proof = || {
        Box::new(Proof {
            rule: "status line of Gemini's specification".into(),
            ..Proof::default()
        })
    };
    let said = |(code, words): &(&str, &str)| {
        *code == status
            && meaning
                .trim_end_matches(['.', '!'])
                .eq_ignore_ascii_case(words)
    };
    match status {
        "20" if is_media(meaning) => Match::Proven(proof()),
        "30" | "31" if meaning.starts_with("gemini://") => Match::Proven(proof()),
        _ if FAILURES.iter().any(said) => Match::Proven(proof()),
        _ if status.starts_with(['4', '5', '6']) && !meaning.is_empty() => Match::Likely(proof()),
        _ => Match::No,
    }
}

/// `type/subtype` and parameters.
fn is_media(meaning: &str) -> bool {
    let kind = meaning.split(';').next().unwrap_or("");
    let word = |w: &str| {
        !w.is_empty()
            && w.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-+._".contains(&b))
    };
    kind.trim()
        .split_once('/')
        .is_some_and(|(a, b)| word(a) && word(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_specification_are_proven() {
        for answer in [
            &b"20 text/gemini; lang=en\r\n# Hi\n\xff"[..],
            b"31 gemini://localhost/index\r\n",
            b"51 Not found!\r\n",
            b"53 Proxy request refused\r\n",
        ] {
            assert!(matches!(recognise(answer), Match::Proven(_)));
        }
        assert!(matches!(
            recognise(b"51 nothing here\r\n"),
            Match::Likely(_)
        ));
        for odd in [
            &b"20 hello\r\n"[..],
            b"200 OK\r\n",
            b"20 text/gemini\n",
            b"99 x\r\n",
        ] {
            assert_eq!(recognise(odd), Match::No);
        }
    }
}
