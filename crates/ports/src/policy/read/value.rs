//! Single values: what each may be, and what to write where it is something else.

use std::net::IpAddr;

use portolan_registry::{PortError, PortRange, Transport, search};
use toml::Spanned;
use toml::de::DeValue;

use super::source::{Mistake, Source};
use crate::embedded;
use crate::finding::Severity;
use crate::listener::Scope;

pub(crate) type Value<'i> = Spanned<DeValue<'i>>;

/// The name under which a listener is reported of which no rule speaks.
const UNLISTED: &str = "allow-unlisted";

/// The longest word that is repeated in a complaint, in characters.
const LONGEST: usize = 60;

/// The beginning of a word, for a complaint.
pub(crate) fn excerpt(word: &str) -> String {
    word.chars().take(LONGEST).collect()
}

/// "the nearest is …", or all there are where none is near.
pub(crate) fn nearest(word: &str, known: &[&str]) -> String {
    let word: String = word.chars().take(LONGEST).collect();
    let near = known
        .iter()
        .map(|name| (strsim::osa_distance(&word, name), *name))
        .min()
        .filter(|(slips, name)| *slips <= 3 && *slips < name.chars().count());
    match near {
        Some((_, name)) => format!("the nearest is {name:?}"),
        None => format!("there are {}", known.join(", ")),
    }
}

pub(crate) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

pub(crate) fn boolean(source: &Source<'_>, key: &str, value: &Value<'_>) -> Result<bool, Mistake> {
    value.get_ref().as_bool().ok_or_else(|| {
        let found = kind(value.get_ref());
        let what = format!("{key} is {found}; write true or false, without quotation marks");
        source.mistake(value.span().start, what)
    })
}

/// A text that says something.
pub(crate) fn text<'v>(
    source: &Source<'_>,
    key: &str,
    value: &'v Value<'_>,
) -> Result<&'v str, Mistake> {
    let what = match value.get_ref().as_str() {
        Some(text) if !text.trim().is_empty() => return Ok(text),
        Some(_) => format!("{key} is empty; name one, or leave the line out"),
        None => format!(
            "{key} is {}; write a text in quotation marks",
            kind(value.get_ref())
        ),
    };
    Err(source.mistake(value.span().start, what))
}

/// What to write where `deny` or `expect` is no list.
pub(crate) fn no_list(key: &str, value: &DeValue<'_>) -> String {
    let found = kind(value);
    match (key, value) {
        (_, DeValue::Table(_)) => format!("{key} is one table; write [[{key}]] above each rule"),
        ("deny", DeValue::Integer(number)) => {
            let port = excerpt(&number.to_string());
            format!("deny is {found}; write a list: deny = [{port}]")
        }
        ("deny", DeValue::String(ports)) => {
            let ports = excerpt(ports);
            format!("deny is {found}; write a list: deny = [{ports:?}]")
        }
        ("deny", _) => format!("deny is {found}; write a list: deny = [23, \"6000-6063/tcp\"]"),
        _ => format!("{key} is {found}; write [[{key}]] and below it port = 443"),
    }
}

/// The most characters of a rule's name.
const LONGEST_NAME: usize = 200;

/// A rule's name: one line that tells rules apart wherever they are reported.
pub(crate) fn name(source: &Source<'_>, value: &Value<'_>) -> Result<String, Mistake> {
    let name = text(source, "name", value)?;
    let what = if name == UNLISTED {
        format!(
            "{UNLISTED:?} is how a listener is reported of which no rule speaks; give the rule another name"
        )
    } else if name.chars().any(char::is_control) {
        format!(
            "the name {:?} has control characters; write it as one line of letters",
            excerpt(name)
        )
    } else if name.chars().count() > LONGEST_NAME {
        let count = name.chars().count();
        format!(
            "the name has {count} characters, and {LONGEST_NAME} are the most; write a shorter one"
        )
    } else {
        return Ok(name.to_owned());
    };
    Err(source.mistake(value.span().start, what))
}

/// A user's name, or its number, in quotation marks or without.
pub(crate) fn user(source: &Source<'_>, value: &Value<'_>) -> Result<String, Mistake> {
    let DeValue::Integer(number) = value.get_ref() else {
        return text(source, "user", value).map(str::to_owned);
    };
    let uid = i64::from_str_radix(number.as_str(), number.radix());
    match uid.ok().map(u32::try_from) {
        Some(Ok(uid)) => Ok(uid.to_string()),
        _ => {
            let shown = excerpt(&number.to_string());
            let what =
                format!("{shown} is the number of no user; write 0 to 4294967295, or a name");
            Err(source.mistake(value.span().start, what))
        }
    }
}

/// `443`, `"8000-8010"`, `"443/tcp"`, `"udp/69"`.
pub(crate) fn ports(
    source: &Source<'_>,
    what: &str,
    value: &Value<'_>,
) -> Result<(PortRange, Option<Transport>), Mistake> {
    let wrong = |why: String| source.mistake(value.span().start, why);
    let (ports, transport) = match value.get_ref() {
        DeValue::Integer(number) => {
            let digits = number.to_string();
            let port = i64::from_str_radix(number.as_str(), number.radix());
            match port.ok().map(u16::try_from) {
                Some(Ok(port)) => Ok((PortRange::single(port), None)),
                _ => Err(wrong(format!(
                    "{} is no port; a port is 1 to 65535",
                    excerpt(&digits)
                ))),
            }
        }
        DeValue::String(words) => words_of(words).map_err(wrong),
        other => Err(wrong(format!(
            "{what} is {}; write a port or a range: 443, \"8000-8010\" or \"443/tcp\"",
            kind(other)
        ))),
    }?;
    if ports == PortRange::single(0) {
        let what = "0 is no port that anything listens on, for a socket that asks for it gets another; a port is 1 to 65535";
        return Err(wrong(what.to_owned()));
    }
    Ok((ports, transport))
}

fn words_of(words: &str) -> Result<(PortRange, Option<Transport>), String> {
    let (body, transport) = match words.split_once('/') {
        None => (words, None),
        // The transport may stand on either side.
        Some((front, end)) if front.starts_with(|c: char| c.is_ascii_digit()) => {
            (front, Some(transport_of(end)?))
        }
        Some((front, end)) => (end, Some(transport_of(front)?)),
    };
    let shown = excerpt(words);
    match body.parse::<PortRange>() {
        Ok(ports) => Ok((ports, transport)),
        Err(PortError::Backwards) => {
            let turned = body.split_once('-').map(|(a, b)| format!("{b}-{a}"));
            let turned = turned.unwrap_or_default();
            Err(format!(
                "the range {shown:?} runs backwards; write {turned:?}"
            ))
        }
        Err(PortError::TooHigh) => Err(format!("{shown:?} is no port; a port is 1 to 65535")),
        Err(PortError::NotANumber) => Err(format!(
            "{shown:?} is no port; write 443, \"8000-8010\" or \"443/tcp\""
        )),
    }
}

pub(crate) fn transport_of(word: &str) -> Result<Transport, String> {
    word.parse().map_err(|_| {
        format!(
            "{:?} is no transport; write tcp, udp, sctp or dccp",
            excerpt(word)
        )
    })
}

pub(crate) fn transport(source: &Source<'_>, value: &Value<'_>) -> Result<Transport, Mistake> {
    let word = text(source, "transport", value)?;
    transport_of(word).map_err(|what| source.mistake(value.span().start, what))
}

pub(crate) fn severity(source: &Source<'_>, value: &Value<'_>) -> Result<Severity, Mistake> {
    let word = text(source, "severity", value)?;
    [Severity::Alert, Severity::Warning, Severity::Note]
        .into_iter()
        .find(|severity| severity.as_str().eq_ignore_ascii_case(word))
        .ok_or_else(|| {
            let shown = excerpt(word);
            let what = format!("{shown:?} is no severity; write alert, warning or note");
            source.mistake(value.span().start, what)
        })
}

pub(crate) fn scope(source: &Source<'_>, value: &Value<'_>) -> Result<Scope, Mistake> {
    let word = text(source, "scope", value)?;
    [Scope::Loopback, Scope::Interface, Scope::Any]
        .into_iter()
        .find(|scope| scope.as_str().eq_ignore_ascii_case(word))
        .ok_or_else(|| {
            let shown = excerpt(word);
            let what = format!(
                "{shown:?} is no scope; write the widest that is allowed: loopback, interface or any"
            );
            source.mistake(value.span().start, what)
        })
}

pub(crate) fn address(source: &Source<'_>, value: &Value<'_>) -> Result<IpAddr, Mistake> {
    let word = text(source, "address", value)?;
    word.parse().map_err(|_| {
        let shown = excerpt(word);
        let what = format!(
            "{shown:?} is no address; write it in numbers, without a port: 127.0.0.1 or ::1"
        );
        source.mistake(value.span().start, what)
    })
}

/// A protocol that can be proven, or a service of the registry, as they are spelt: service names
/// ignore case (RFC 6335, section 5.1).
pub(crate) fn protocol(
    source: &Source<'_>,
    protocols: &[&str],
    value: &Value<'_>,
) -> Result<String, Mistake> {
    let word = text(source, "protocol", value)?;
    known_protocol(protocols, word)
        .map_err(|(because, hint)| source.mistake(value.span().start, format!("{because}; {hint}")))
}

/// The known spelling of a protocol.
///
/// # Errors
/// Why it is none, and which is the nearest.
pub(crate) fn known_protocol(protocols: &[&str], word: &str) -> Result<String, (String, String)> {
    let registry = embedded::registry();
    if let Some(name) = spelling(protocols, word) {
        return Ok(name.to_owned());
    }
    let shown = excerpt(word);
    let near = protocols
        .iter()
        .copied()
        .chain(search::nearest(registry, &shown, 1))
        .map(|name| (strsim::osa_distance(&shown, name), name))
        .min()
        .filter(|(slips, _)| *slips <= 3);
    let hint = match near {
        Some((_, name)) => format!("the nearest is {name:?}"),
        None => "docs/protocols.md and portolan search have the names".to_owned(),
    };
    let because =
        format!("{shown:?} is neither a protocol that Portolan can prove nor a registered service");
    Err((because, hint))
}

/// The known spelling of `word`: its own where that is one.
fn spelling<'s>(protocols: &[&'s str], word: &str) -> Option<&'s str> {
    let rows = embedded::registry().named(word);
    let services = || rows.iter().map(|row| row.service_name());
    let known = || protocols.iter().copied().chain(services());
    known()
        .find(|name| *name == word)
        .or_else(|| known().find(|name| name.eq_ignore_ascii_case(word)))
        .or_else(|| services().next())
}
