//! What the two protocols of XMPP share: the stream's header and its features, RFC 6120 §4.
//!
//! Their products are told by `@header` (the stream's opening tag), `@features`, `@error` (the
//! text of a stream error), `@name` and `@version` (the answer to XEP-0092), and by `@refusal`,
//! the answer of a server whose stream identifier is a random UUID.

use std::net::SocketAddr;

use super::{Match, Packet, Proof, Upgrade, line};

/// More than any header with features seen.
const LONGEST: usize = 16 * 1024;

/// The namespace of all streams, RFC 6120 §4.8.1.
const STREAMS: &str = "http://etherx.jabber.org/streams";

/// Opens a stream in one of the two namespaces, to the host that a server on loopback has, or to
/// the address.
pub(super) fn header(name: &'static str, namespace: &str, target: SocketAddr) -> Packet {
    let host = match target.ip() {
        ip if ip.is_loopback() => "localhost".to_owned(),
        ip => ip.to_string(),
    };
    let text = format!(
        "<?xml version='1.0'?><stream:stream to='{host}' version='1.0' xmlns='{namespace}' \
         xmlns:stream='{STREAMS}'>"
    );
    Packet {
        name: name.into(),
        bytes: text.into_bytes().into(),
    }
}

/// Wants the stream's opening tag with both namespaces, and what has to follow it.
pub(super) fn recognise(protocol: &str, namespace: &str, received: &[u8]) -> Match {
    let Some((tag, rest)) = (match opening(received) {
        Opening::No => return Match::No,
        Opening::Partial => None,
        Opening::Whole(tag, rest) => Some((tag, rest)),
    }) else {
        return Match::Partial;
    };
    let is = |name: &str, value: &str| attribute(tag, name) == Some(value);
    if !is("xmlns", namespace) || !is("xmlns:stream", STREAMS) {
        return Match::No;
    }
    // An error that any nonsense draws tells neither features nor product: the header is better
    // asked for.
    const NONSENSE: &str = "<stream:error><not-well-formed";
    if rest.starts_with(NONSENSE) {
        return Match::Likely(Box::new(proof(protocol, tag, rest)));
    }
    if NONSENSE.starts_with(rest) {
        // Without a version there are no features to come (RFC 6120 §4.7.5).
        return match attribute(tag, "version") {
            Some(_) => Match::Partial,
            None => Match::Likely(Box::new(proof(protocol, tag, rest))),
        };
    }
    Match::Proven(Box::new(proof(protocol, tag, rest)))
}

fn proof(protocol: &str, tag: &str, rest: &str) -> Proof {
    let features = between(rest, "<stream:features", "</stream:features>").unwrap_or("");
    let error = between(rest, "<stream:error", "</stream:error>").unwrap_or("");
    let answer = between(rest, "<iq ", "</iq>").unwrap_or("");
    let random = attribute(tag, "id").is_some_and(is_uuid);
    let version = inner(answer, "version").unwrap_or("");
    let named = inner(answer, "name").unwrap_or("");
    let named = format!("{named} {version}");
    let fields = [
        ("@header", tag),
        ("@features", features),
        ("@error", inner(error, "text").unwrap_or("")),
        ("@name", named.as_str()),
        ("@refusal", if random { answer } else { "" }),
    ];
    let fields = fields.map(|(name, text)| (name, text.as_bytes()));
    let open = |begin: &str, end: &str| rest.contains(begin) && !rest.contains(end);
    let unfinished = open("<stream:features>", "</stream:features>")
        || open("<stream:error>", "</stream:error>")
        || (rest.contains("<iq ") && answer.is_empty());
    Proof {
        starttls: features.contains("urn:ietf:params:xml:ns:xmpp-tls"),
        more: unfinished && rest.len() < LONGEST,
        ..line::proof("stream header of RFC 6120 §4.7", protocol, &fields)
    }
}

enum Opening<'a> {
    No,
    Partial,
    /// The tag without its brackets, and what follows it.
    Whole(&'a str, &'a str),
}

/// Reads `[<?xml ... ?>] <stream:stream ... >`.
fn opening(received: &[u8]) -> Opening<'_> {
    let text = match std::str::from_utf8(received) {
        Ok(text) => text,
        Err(error) => received
            .get(..error.valid_up_to())
            .and_then(|b| std::str::from_utf8(b).ok())
            .unwrap_or(""),
    };
    let cut = text.len() < received.len();
    let mut rest = text;
    if let Some(declared) = rest.strip_prefix("<?xml ") {
        let Some((declaration, after)) = declared.split_once("?>") else {
            let hopeful = !cut && declared.len() < 128 && !declared.contains('<');
            return if hopeful {
                Opening::Partial
            } else {
                Opening::No
            };
        };
        if declaration.len() >= 128 || declaration.contains('<') {
            return Opening::No;
        }
        rest = after.trim_start();
    }
    const TAG: &str = "<stream:stream ";
    let Some(tag) = rest.strip_prefix(TAG) else {
        let hopeful = !cut && (TAG.starts_with(rest) || "<?xml ".starts_with(rest));
        return if hopeful {
            Opening::Partial
        } else {
            Opening::No
        };
    };
    match tag.split_once('>') {
        Some((tag, after)) if tag.len() < 2048 && !tag.contains('<') => Opening::Whole(tag, after),
        None if !cut && tag.len() < 2048 && !tag.contains('<') => Opening::Partial,
        _ => Opening::No,
    }
}

/// The value of an attribute; values hold no quotes of their own kind (XML §3.1).
fn attribute<'a>(tag: &'a str, wanted: &str) -> Option<&'a str> {
    let mut rest = tag;
    for _ in 0..32 {
        let (name, value) = rest.split_once('=')?;
        let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let (value, after) = value.strip_prefix(quote)?.split_once(quote)?;
        if name.trim() == wanted {
            return Some(value);
        }
        rest = after;
    }
    None
}

/// The text from `begin` up to `end`, both left out.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    rest.split_once(end).map(|(inner, _)| inner)
}

/// The text of the first element of that name.
fn inner<'a>(text: &'a str, element: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{element}"))?;
    let (_, rest) = rest.split_once('>')?;
    rest.split_once("</").map(|(inner, _)| inner)
}

fn is_uuid(id: &str) -> bool {
    let mut groups = id.split('-').map(str::len);
    let lengths = [8, 4, 4, 4, 12]
        .into_iter()
        .all(|n| groups.next() == Some(n));
    lengths
        && groups.next().is_none()
        && id
            .bytes()
            .all(|b| b == b'-' || matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Asks once for the software's name and version (XEP-0092), where features are offered.
pub(super) fn ask_version(received: &[u8], followed: usize, told: bool) -> Option<Packet> {
    let Opening::Whole(_, rest) = opening(received) else {
        return None;
    };
    let due = followed == 0 && !told && rest.contains("</stream:features>");
    due.then(|| Packet {
        name: "xmpp version".into(),
        bytes: b"<iq type='get' id='portolan'><query xmlns='jabber:iq:version'/></iq>"
            .as_slice()
            .into(),
    })
}

/// RFC 6120 §5.4.2: `starttls`, which `proceed` grants.
pub(super) fn upgrade(received: &[u8], sent: usize, header: Packet) -> Upgrade {
    if sent == 0 {
        return Upgrade::Say(header);
    }
    let rest = match opening(received) {
        Opening::No => return Upgrade::Refused,
        Opening::Partial => return Upgrade::Wait,
        Opening::Whole(_, rest) => rest,
    };
    if rest.len() > LONGEST || rest.contains("<stream:error") || rest.contains("<failure") {
        return Upgrade::Refused;
    }
    let Some((features, after)) = rest.split_once("</stream:features>") else {
        return match rest.contains("<stream:features/>") {
            true => Upgrade::Refused,
            false => Upgrade::Wait,
        };
    };
    if !features.contains("urn:ietf:params:xml:ns:xmpp-tls") {
        return Upgrade::Refused;
    }
    match after
        .split_once("<proceed")
        .map(|(_, tag)| tag.contains('>'))
    {
        Some(true) => Upgrade::Ready,
        _ if sent == 1 => Upgrade::Say(Packet {
            name: "xmpp starttls".into(),
            bytes: b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
                .as_slice()
                .into(),
        }),
        _ => Upgrade::Wait,
    }
}
