//! One entry under `expect` or `deny`: a table, or the short form.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::source::{Mistake, Source};
use super::{sorted, value};
use crate::finding::Severity;
use crate::listener::Scope;
use crate::policy::{Demand, Expected, Rule};

/// The keys of every rule.
const COMMON: [&str; 4] = ["name", "port", "transport", "severity"];

/// The keys of `expect` alone.
const OF_EXPECT: [&str; 9] = [
    "program",
    "unit",
    "container",
    "user",
    "protocol",
    "product",
    "address",
    "scope",
    "required",
];

/// A rule as it was read.
pub(super) struct Written {
    pub(super) rule: Rule,
    /// Whether its name was written; otherwise it is made of the rule's words.
    pub(super) named: bool,
}

/// Reads one entry under `verb`, which is "expect" or "deny".
pub(super) fn read(
    source: &Source<'_>,
    protocols: &[&str],
    verb: &'static str,
    entry: &Spanned<DeValue<'_>>,
) -> Result<Written, Mistake> {
    match entry.get_ref() {
        DeValue::Table(table) => of_table(source, protocols, verb, entry, table),
        _ if verb == "deny" => {
            let (ports, transport) = value::ports(source, "an entry of deny", entry)?;
            let mut rule = Rule {
                name: String::new(),
                ports,
                transport,
                demand: Demand::Nothing,
                severity: Severity::Alert,
                origin: source.origin(entry.span().start),
            };
            rule.name = format!("deny {}", rule.place());
            let named = false;
            Ok(Written { rule, named })
        }
        _ => {
            let what = "expect is an array of tables; write [[expect]] and below it port = 443";
            Err(source.mistake(entry.span().start, what))
        }
    }
}

fn of_table(
    source: &Source<'_>,
    protocols: &[&str],
    verb: &'static str,
    entry: &Spanned<DeValue<'_>>,
    table: &DeTable<'_>,
) -> Result<Written, Mistake> {
    let at = entry.span().start;
    let origin = source.origin(at);
    let (mut name, mut ports, mut transport) = (None, None, None);
    let mut severity = Severity::Alert;
    let (mut expected, mut scope_at) = (Expected::default(), 0);
    for (key, value) in sorted(table) {
        let word = key.get_ref().as_ref();
        if verb == "deny" && OF_EXPECT.contains(&word) {
            let what = format!(
                "a deny has no {word}, for nothing at all may listen there; leave it out, or make it an [[expect]]"
            );
            return Err(source.mistake(key.span().start, what));
        }
        let owned = || value::text(source, word, value).map(|text| Some(text.to_owned()));
        match word {
            "name" => name = Some(value::name(source, value)?),
            "port" => ports = Some(value::ports(source, "port", value)?),
            "transport" => {
                transport = Some((value::transport(source, value)?, value.span().start));
            }
            "severity" => severity = value::severity(source, value)?,
            "program" => expected.program = owned()?,
            "unit" => expected.unit = owned()?,
            "container" => expected.container = owned()?,
            "user" => expected.user = Some(value::user(source, value)?),
            "protocol" => expected.protocol = Some(value::protocol(source, protocols, value)?),
            "product" => expected.product = owned()?,
            "address" => expected.address = Some(value::address(source, value)?),
            "scope" => {
                expected.scope = Some(value::scope(source, value)?);
                scope_at = value.span().start;
            }
            "required" => expected.required = value::boolean(source, word, value)?,
            other => {
                let known: Vec<&str> = match verb {
                    "deny" => COMMON.to_vec(),
                    _ => COMMON.iter().chain(&OF_EXPECT).copied().collect(),
                };
                let what = format!(
                    "there is no key {:?} in [[{verb}]]; {}",
                    value::excerpt(other),
                    value::nearest(other, &known)
                );
                return Err(source.mistake(key.span().start, what));
            }
        }
    }
    let Some((ports, carried)) = ports else {
        let what = format!("this [[{verb}]] has no port; write port = 443 below it");
        return Err(source.mistake(at, what));
    };
    let transport = match (carried, transport) {
        (Some(carried), Some((own, at))) if carried != own => {
            let what = format!("port says {carried} and transport {own}; leave one of the two out");
            return Err(source.mistake(at, what));
        }
        (carried, own) => carried.or(own.map(|(own, _)| own)),
    };
    if let (Some(address), Some(widest)) = (expected.address, expected.scope)
        && Scope::of(address) > widest
    {
        let (scope, widest) = (Scope::of(address).as_str(), widest.as_str());
        let what = format!(
            "no listener is like that: at {address} its scope is {scope}, wider than {widest}; write scope = {scope:?}, or leave the line out"
        );
        return Err(source.mistake(scope_at, what));
    }
    let mut rule = Rule {
        name: String::new(),
        ports,
        transport,
        demand: match verb {
            "deny" => Demand::Nothing,
            _ => Demand::Listener(expected),
        },
        severity,
        origin,
    };
    let named = name.is_some();
    rule.name = name.unwrap_or_else(|| format!("{verb} {}", rule.place()));
    Ok(Written { rule, named })
}
