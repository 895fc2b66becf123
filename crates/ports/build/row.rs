//! One fact as its file has it, and whether it is of the right form, whatever the registry says.

use portolan_registry::{PortRange, Transport};
use serde::Deserialize;

use super::super::knowledge::FactKind;
use super::prose;

/// The keys that `data/knowledge/README.md` explains.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FactRow {
    pub(super) ports: String,
    transports: Vec<String>,
    kind: String,
    pub(super) text: String,
    pub(super) protocol: Option<String>,
    pub(super) product: Option<String>,
    pub(super) source: String,
    pub(super) source_title: String,
    pub(super) checked: Option<String>,
    pub(super) verified: bool,
    #[serde(default)]
    pub(super) foremost: bool,
    pub(super) disputes: Option<String>,
}

/// What the words of a row mean.
pub(super) struct Form {
    pub(super) ports: PortRange,
    pub(super) transports: Vec<Transport>,
    pub(super) kind: FactKind,
}

/// What a row means, where that can be told, and all that is wrong with its form.
pub(super) fn form(row: &FactRow, registry_date: &str) -> (Option<Form>, Vec<String>) {
    let mut wrong = Vec::new();
    let ports = taken(ports(&row.ports), &mut wrong);
    let transports = taken(transports(&row.transports), &mut wrong);
    let kind = taken(kind(&row.kind), &mut wrong);
    wrong.extend(prose::sentence("text", &row.text, 220).err());
    if let Some(disputes) = &row.disputes {
        wrong.extend(prose::sentence("disputes", disputes, 300).err());
    }
    wrong.extend(address(&row.source).err().map(|e| format!("source: {e}")));
    wrong.extend(prose::label("source_title", &row.source_title).err());
    wrong.extend(checked(row, registry_date).err());
    if let Some(product) = row.product.as_deref().filter(|product| !is_key(product)) {
        wrong.push(format!(
            "product: {product:?} is no key: lower case, digits and single hyphens"
        ));
    }
    let (Some(ports), Some(transports), Some(kind)) = (ports, transports, kind) else {
        return (None, wrong);
    };
    if !kind.is_use() && (row.protocol.is_some() || row.product.is_some()) {
        wrong.push(format!(
            "kind: {} is no use, so it carries neither protocol nor product",
            kind.as_str()
        ));
    }
    let form = Form {
        ports,
        transports,
        kind,
    };
    (Some(form), wrong)
}

fn taken<T>(read: Result<T, String>, wrong: &mut Vec<String>) -> Option<T> {
    read.map_err(|what| wrong.push(what)).ok()
}

fn ports(text: &str) -> Result<PortRange, String> {
    let ports: PortRange = text.parse().map_err(|e| format!("ports: {text:?}: {e}"))?;
    if ports.to_string() != text {
        return Err(format!("ports: {text:?} is written {ports}"));
    }
    Ok(ports)
}

fn transports(words: &[String]) -> Result<Vec<Transport>, String> {
    if words.is_empty() {
        return Err("transports: none is named".into());
    }
    let known: Vec<Transport> = words
        .iter()
        .map(|word| {
            Transport::ALL
                .into_iter()
                .find(|transport| transport.as_str() == word)
                .ok_or_else(|| format!("transports: {word:?} is none of tcp, udp, sctp, dccp"))
        })
        .collect::<Result<_, _>>()?;
    if !known.is_sorted_by(|a, b| a < b) {
        return Err("transports: not each once, in the order tcp, udp, sctp, dccp".into());
    }
    Ok(known)
}

fn kind(word: &str) -> Result<FactKind, String> {
    FactKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == word)
        .ok_or_else(|| format!("kind: {word:?} is none of the five"))
}

/// A web address with a host, without blanks.
fn address(text: &str) -> Result<(), &'static str> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .ok_or("not a web address")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let labels_fit = host.split('.').all(|label| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    if !host.contains('.') || !labels_fit {
        return Err("the address names no host");
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("the address holds a blank or a control character");
    }
    Ok(())
}

/// How far the day on which a source was opened may lie after the registry's own date. The build
/// has no clock; this finds slips of the pen.
const MOST_YEARS: u16 = 5;

fn checked(row: &FactRow, registry_date: &str) -> Result<(), String> {
    let Some(day) = &row.checked else {
        return if row.verified {
            Err(
                "checked: missing, and verified is true: on which day was the source opened?"
                    .into(),
            )
        } else {
            Ok(())
        };
    };
    if !row.verified {
        return Err(
            "checked: there is a day, and verified is false: was the source opened or not?".into(),
        );
    }
    let year = year_of_day(day).ok_or_else(|| format!("checked: {day:?} is no day, YYYY-MM-DD"))?;
    if year < 2026 {
        return Err(format!("checked: {day} lies before 2026-01-01"));
    }
    let registry_year = registry_date.get(..4).and_then(|year| year.parse().ok());
    if registry_year.is_some_and(|registry: u16| year > registry.saturating_add(MOST_YEARS)) {
        return Err(format!(
            "checked: {day} lies more than {MOST_YEARS} years after the registry of {registry_date}"
        ));
    }
    Ok(())
}

/// The year of a day of the Gregorian calendar.
fn year_of_day(text: &str) -> Option<u16> {
    let bytes = text.as_bytes();
    let digits = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse().ok())?
    };
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day): (u16, u16, u16) = (
        digits(text.get(..4)?)?,
        digits(text.get(5..7)?)?,
        digits(text.get(8..)?)?,
    );
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    (1..=days).contains(&day).then_some(year)
}

/// Lower-case ASCII letters and digits, in words parted by single hyphens.
pub(super) fn is_key(text: &str) -> bool {
    text.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}
