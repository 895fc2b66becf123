//! FTP: a 220 greeting, RFC 959 §5.4, then what only FTP answers: features (RFC 2389 §3.2), the
//! kind of system (RFC 959 §4.1.3), or that one has to log in first.
//!
//! Its products are told by `@greeting` and `@features`.

use std::net::SocketAddr;

use super::reply::{Marking, Replies, Reply, replies};
use super::{Match, Packet, Proof, Protocol, Safety, Stream, Upgrade, line, lmtp, smtp};

pub(super) const PROTOCOL: Protocol = Protocol {
    name: "ftp",
    safety: Safety::Polite,
    stream: Some(Stream {
        in_tls: true,
        follow,
        farewell: Some(b"QUIT\r\n"),
        upgrade: Some(upgrade),
        ..Stream::greeted(recognise)
    }),
    datagram: None,
};

/// EHLO, FEAT, LHLO and SYST may all be refused.
const MOST_REFUSED: usize = 4;

/// Commands whose support is told as a feature: the registry of RFC 5797 and what servers add.
const FEATURES: [&str; 27] = [
    "AUTH", "AVBL", "CCC", "CLNT", "CSID", "EPRT", "EPSV", "ESTA", "HOST", "LANG", "MDTM", "MFF",
    "MFMT", "MLSD", "MLST", "MODE", "PASV", "PBSZ", "PRET", "PROT", "RANG", "REST", "SITE", "SIZE",
    "SPSV", "TVFS", "UTF8",
];

/// System names of RFC 943 and what servers say, as `215` tells them.
const SYSTEMS: [&str; 9] = [
    "UNIX",
    "Windows_NT",
    "MACOS",
    "VMS",
    "OS/400",
    "MVS",
    "NETWARE",
    "Windows",
    "OS/2",
];

/// Of the replies after the greeting, the first that is no refusal decides.
pub(super) fn recognise(received: &[u8]) -> Match {
    let Replies { whole, open } = replies(received, Marking::Ends);
    let (greeting, rest) = match whole.split_first() {
        None if open => return Match::Partial,
        Some((greeting, rest)) if greeting.code == 220 && !smtp::is_lmtp(greeting) => {
            (greeting, rest)
        }
        _ => return Match::No,
    };
    let named = smtp::is_ftp(greeting);
    // RFC 959 §5.4: 530, not logged in. SMTP has it for mail that wants AUTH, not for FEAT, and
    // says SMTP in its greeting.
    if let Some(reply) = rest.first()
        && named
        && reply.code == 530
    {
        return proven(greeting, rest, "FTP's greeting and its 530 of RFC 959 §5.4");
    }
    let refused = rest.iter().take_while(|r| r.is_refusal()).count();
    if refused >= MOST_REFUSED || (greeting.names("SMTP") && refused > 0) {
        return Match::No;
    }
    match rest.get(refused) {
        Some(reply) if is_features(reply) => proven(
            greeting,
            rest,
            "220 greeting and FEAT's 211 reply of RFC 2389 §3.2",
        ),
        Some(reply) if is_system(reply) => proven(
            greeting,
            rest,
            "220 greeting and SYST's 215 reply of RFC 959",
        ),
        Some(_) => Match::No,
        None if open => Match::Partial,
        None => Match::No,
    }
}

fn proven(greeting: &Reply<'_>, rest: &[Reply<'_>], rule: &'static str) -> Match {
    let text = greeting.text();
    let features = rest.iter().find(|r| r.code == 211);
    let listed = features.map(Reply::text).unwrap_or_default();
    let fields = [
        ("@greeting", text.as_bytes()),
        ("@features", listed.as_bytes()),
    ];
    let tls = |l: &&str| {
        let l = l.trim();
        line::holds(l, "AUTH") && (line::holds(l, "TLS") || line::holds(l, "SSL"))
    };
    Match::Proven(Box::new(Proof {
        starttls: features.is_some_and(|f| f.lines.iter().any(tls)),
        ..line::proof(rule, "ftp", &fields)
    }))
}

/// Feature lines begin with one space; at least one feature must be known.
fn is_features(reply: &Reply<'_>) -> bool {
    let known = |l: &&str| {
        l.strip_prefix(' ').is_some_and(|l| {
            let word = l.trim_start().split([' ', ';']).next().unwrap_or("");
            FEATURES.iter().any(|f| f.eq_ignore_ascii_case(word))
        })
    };
    reply.code == 211 && reply.lines.len() > 2 && reply.lines.iter().any(known)
}

fn is_system(reply: &Reply<'_>) -> bool {
    let text = reply.lines.first().copied().unwrap_or("");
    let word = text.split([' ', ',']).next().unwrap_or("");
    reply.code == 215
        && reply.lines.len() == 1
        && SYSTEMS.iter().any(|s| s.eq_ignore_ascii_case(word))
}

/// FEAT, and SYST to whom does not know that. Who does not name FTP was asked EHLO before, and
/// LHLO in between.
fn follow(received: &[u8], _followed: usize, _target: SocketAddr) -> Option<Packet> {
    let Replies { whole, .. } = replies(received, Marking::Ends);
    let (greeting, rest) = whole.split_first()?;
    if greeting.code != 220 || greeting.names("SMTP") || smtp::is_lmtp(greeting) {
        return None;
    }
    let named = smtp::is_ftp(greeting);
    if !rest.iter().all(Reply::is_refusal) {
        return None;
    }
    match (named, rest) {
        (true, []) => Some(feat()),
        // 530 proves it; FEAT may tell more where that was EHLO's answer.
        (true, [first]) if first.code == 530 => None,
        (false, [first]) if !lmtp::is_of_mail(first) => Some(feat()),
        (true, [_]) | (false, [_, _, _]) => Some(Packet {
            name: "ftp SYST".into(),
            bytes: b"SYST\r\n".as_slice().into(),
        }),
        _ => None,
    }
}

fn feat() -> Packet {
    Packet {
        name: "ftp FEAT".into(),
        bytes: b"FEAT\r\n".as_slice().into(),
    }
}

/// RFC 4217 §4: AUTH TLS, which 234 grants.
fn upgrade(received: &[u8], sent: usize, _target: SocketAddr) -> Upgrade {
    let Replies { whole, open } = replies(received, Marking::Ends);
    match (whole.as_slice(), sent) {
        ([greeting], 0) if greeting.code == 220 => Upgrade::Say(Packet {
            name: "ftp AUTH TLS".into(),
            bytes: b"AUTH TLS\r\n".as_slice().into(),
        }),
        ([_, ready], 1) if ready.code == 234 => Upgrade::Ready,
        (whole, _) if open && whole.len() <= sent => Upgrade::Wait,
        _ => Upgrade::Refused,
    }
}
