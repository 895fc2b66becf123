//! SARIF 2.1.0 (OASIS Standard, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), as code
//! scanning reads it: each rule of the policy is a rule, each violation a result at the place where
//! its rule is written. What could not be judged is no result but a notification, and makes the
//! invocation unsuccessful. The sections that the comments name are the standard's.

mod location;

use std::collections::HashMap;
use std::path::Path;

use portolan_ports::Severity;
use portolan_survey::check::since::{Earlier, Identity};
use portolan_survey::check::{Basis, Check, SITE_REGISTRY, UnseenRule, Violation, ViolationKind};
use portolan_survey::document::to_json;
use serde_json::{Map, Value, json};

use super::subject::{gap, state, subject};
use crate::print::one_line;

/// The form that the document says of itself (§3.13.3).
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The document of everything that a check found; beside an earlier one each result says whether it
/// is new. `observed_at` is in RFC 3339, in UTC. A policy file below `base`, the folder in
/// which the check runs, is named relative to it, as a repository's files are.
///
/// # Errors
/// None but serde's, which has none for such a document.
pub(crate) fn document(
    check: &Check,
    earlier: Option<&Earlier>,
    observed_at: &str,
    base: &Path,
) -> Result<String, serde_json::Error> {
    let rules = Rules::of(check);
    let result = |violation: &Violation| {
        let mut result = result(violation, &check.host, base, &rules);
        if let Some(earlier) = earlier {
            result.insert(
                "baselineState".to_owned(),
                json!(state_since(earlier, violation)),
            );
        }
        Value::Object(result)
    };
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver(check, &rules) },
            "automationDetails": { "id": format!("portolan-check/{}/", segment(&check.host)) },
            "invocations": [invocation(check, observed_at, base, &rules)],
            "columnKind": "unicodeCodePoints",
            "results": check
                .violations
                .iter()
                .map(result)
                .collect::<Vec<Value>>(),
        }],
    });
    to_json(&log, true)
}

/// Where each rule stands in `tool.driver.rules` (§3.19.23).
struct Rules<'a> {
    places: HashMap<&'a str, usize>,
    /// The one that stands behind them, for what no rule speaks of.
    unlisted: Option<(&'a str, usize)>,
    /// The one that stands behind all, for the site registry where there is one.
    site: Option<usize>,
}

impl<'a> Rules<'a> {
    fn of(check: &'a Check) -> Self {
        let rules = check.rules.iter().enumerate();
        let places: HashMap<&str, usize> = rules.map(|(at, (name, _))| (&**name, at)).collect();
        let unlisted = |violation: &&Violation| violation.kind == ViolationKind::Unlisted;
        let told = check.violations.iter().find(unlisted).map(|v| &*v.rule);
        let unknown = |name: &&str| !places.contains_key(name);
        let of_rules = |unseen: &&UnseenRule| unseen.origin.origin().is_some();
        let unseen = check.unseen.iter().filter(of_rules);
        let mut unseen = unseen.map(|unseen| &*unseen.rule);
        let unlisted = told.or_else(|| unseen.find(unknown));
        let behind = check.rules.len() + usize::from(unlisted.is_some());
        Self {
            unlisted: unlisted.map(|name| (name, check.rules.len())),
            site: check.assignments.map(|_| behind),
            places,
        }
    }

    /// `None` where the name is none of the policy's: then only the name is said.
    fn place(&self, name: &str, basis: &Basis, kind: Option<ViolationKind>) -> Option<usize> {
        // A rule may be called as the site registry is.
        if basis.origin().is_none() {
            return self.site;
        }
        let unlisted = self.unlisted.filter(|(unlisted, _)| *unlisted == name);
        let unlisted = unlisted.map(|(_, place)| place);
        match kind {
            Some(ViolationKind::Unlisted) => unlisted,
            _ => self.places.get(name).copied().or(unlisted),
        }
    }
}

fn driver(check: &Check, rules: &Rules<'_>) -> Value {
    let own = check.rules.iter().map(|(name, origin)| {
        let place = format!("rule {} of the policy, at {origin}", one_line(name));
        descriptor(name, "Rule of the policy", &place)
    });
    let unlisted = rules.unlisted.map(|(name, _)| {
        let why = "a listener of which no rule of the policy speaks";
        descriptor(name, "Nothing listens that no rule speaks of", why)
    });
    let site = rules.site.map(|_| {
        let why = "what listens departs from the site registry";
        descriptor(
            SITE_REGISTRY,
            "What listens is what the site registry says",
            why,
        )
    });
    json!({
        "name": "portolan",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": own.chain(unlisted).chain(site).collect::<Vec<Value>>(),
        "notifications": [
            {
                "id": UNSEEN,
                "shortDescription": { "text": "A rule could not be judged" },
            },
            {
                "id": GAP,
                "shortDescription": { "text": "Something beyond single rules could not be seen" },
            },
        ],
    })
}

/// Places in `tool.driver.notifications`.
const UNSEEN: &str = "unseen";
const GAP: &str = "gap";

/// A reportingDescriptor (§3.49). GitHub shows all three texts, and wants them.
fn descriptor(name: &str, title: &str, text: &str) -> Value {
    let short = message(&format!("{title}: {}", one_line(name)));
    let full = message(text);
    json!({
        "id": one_line(name),
        "shortDescription": short,
        "fullDescription": full,
        "help": full,
    })
}

/// A result (§3.27).
fn result(violation: &Violation, host: &str, base: &Path, rules: &Rules<'_>) -> Map<String, Value> {
    let Violation {
        kind,
        rule,
        ports,
        transport,
        because,
        ..
    } = violation;
    let about = subject(*ports, *transport, violation.listener.as_ref());
    let place = rules.place(rule, &violation.origin, Some(*kind));
    let text = format!("{about} on {host} {}: {because}", state(*kind));
    let fingerprint = Identity::of_violation(violation).fingerprint();
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), json!(one_line(rule)));
    if let Some(place) = place {
        result.insert("ruleIndex".to_owned(), json!(place));
    }
    result.insert("level".to_owned(), json!(level(violation.severity)));
    result.insert("message".to_owned(), message(&text));
    let mut location = location::of(&violation.origin, base);
    location.insert(
        "logicalLocations".to_owned(),
        json!([{
            "fullyQualifiedName": format!("{}/{about}", segment(host)),
            "kind": "resource",
        }]),
    );
    result.insert("locations".to_owned(), json!([location]));
    result.insert(
        "partialFingerprints".to_owned(),
        json!({
            "portolanIdentity/v1": fingerprint,
            // The only one that GitHub compares. Made of the line, it would take two listeners that
            // break one rule for one.
            "primaryLocationLineHash": fingerprint,
        }),
    );
    result
}

/// What became of a result since the earlier check (§3.27.24).
fn state_since(earlier: &Earlier, violation: &Violation) -> &'static str {
    match earlier.knows_violation(violation) {
        true => "unchanged",
        false => "new",
    }
}

/// An invocation (§3.20): this run of the check.
fn invocation(check: &Check, observed_at: &str, base: &Path, rules: &Rules<'_>) -> Value {
    let unseen = check
        .unseen
        .iter()
        .map(|rule| notification(rule, base, rules));
    let gaps = check.gaps.iter().map(|found| {
        json!({
            "descriptor": { "id": GAP, "index": 1 },
            "level": "warning",
            "message": message(&format!("could not be seen: {}", gap(found))),
        })
    });
    json!({
        // What was not judged was not found in order either (§3.20.14).
        "executionSuccessful": check.unseen.is_empty(),
        "endTimeUtc": observed_at,
        "machine": one_line(&check.host),
        "toolExecutionNotifications": unseen.chain(gaps).collect::<Vec<Value>>(),
    })
}

/// A notification (§3.58) about a rule that could not be judged.
fn notification(unseen: &UnseenRule, base: &Path, rules: &Rules<'_>) -> Value {
    let about = subject(unseen.ports, unseen.transport, unseen.listener.as_ref());
    let mut associated = Map::new();
    associated.insert("id".to_owned(), json!(one_line(&unseen.rule)));
    if let Some(place) = rules.place(&unseen.rule, &unseen.origin, None) {
        associated.insert("index".to_owned(), json!(place));
    }
    let text = format!("{about} could not be judged: {}", unseen.because);
    json!({
        "descriptor": { "id": UNSEEN, "index": 0 },
        "associatedRule": associated,
        "level": "error",
        "message": message(&text),
        "locations": [location::of(&unseen.origin, base)],
    })
}

/// How grave, in the standard's words (§3.27.10).
const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Alert => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A message (§3.11) of text that is no markup: braces are doubled, or they would be placeholders
/// (§3.11.5), and no word becomes an embedded link (§3.11.6).
fn message(text: &str) -> Value {
    let text = one_line(text).replace('{', "{{").replace('}', "}}");
    json!({ "text": text.replace("](", "] (") })
}

/// A foreign word as one part of a hierarchical string (§3.5.4), where slashes separate.
fn segment(text: &str) -> String {
    one_line(text).replace('/', "-")
}

#[cfg(test)]
mod tests;
