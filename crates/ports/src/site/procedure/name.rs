//! What a service name must be (RFC 6335 §5.1), and what it had better not be (§5, RFC 7605).

use portolan_registry::{Registry, check_name};

use crate::site::{Fields, Refusal};

/// Words that say what every service is (§5).
const REDUNDANT: [&str; 3] = ["port", "service", "protocol"];
/// Words for the secure half of a pair.
const SECURE: [&str; 4] = ["tls", "ssl", "secure", "insecure"];
/// Words in which a `v` and a digit are no version.
const NO_VERSION: [&str; 2] = ["ipv4", "ipv6"];

/// The syntax; no name is no fault of syntax.
pub(in crate::site) fn check(fields: &Fields) -> Result<(), Refusal> {
    let name = &fields.service_name;
    if name.is_empty() {
        return Ok(());
    }
    check_name(name).map_err(|fault| {
        let because = format!(
            "the service name {} {}",
            shown(name),
            spelt(&fault.to_string())
        );
        let next = "choose 1 to 15 letters, digits and single hyphens, a letter among them";
        Refusal::rfc("5.1", because, next)
    })
}

/// The error says "not 1 to 15 characters long", or "holds …".
fn spelt(fault: &str) -> String {
    match fault.strip_prefix("not ") {
        Some(rest) => format!("is not {rest}"),
        None => fault.to_owned(),
    }
}

fn shown(name: &str) -> String {
    let short: String = name.chars().take(40).collect();
    match short.len() < name.len() {
        true => format!("\"{short}…\""),
        false => format!("\"{short}\""),
    }
}

/// What to think about before the name is used.
pub(in crate::site) fn remarks(fields: &Fields, registry: &Registry) -> Vec<String> {
    let name = fields.service_name.to_ascii_lowercase();
    if name.is_empty() {
        return Vec::new();
    }
    let mut remarks = Vec::new();
    let parts = || name.split('-');
    if let Some(word) = parts().find(|part| REDUNDANT.contains(part)) {
        remarks.push(format!(
            "the word \"{word}\" in a service name says nothing; better leave it out (RFC 6335 section 5)"
        ));
    }
    let discovers = |text: &str| text.to_ascii_lowercase().contains("discover");
    if (discovers(&name) || discovers(&fields.description)) && !name.ends_with("-disc") {
        remarks.push(
            "the name of a service for discovery should end in -disc (RFC 6335 section 5)"
                .to_owned(),
        );
    }
    if let Some(part) = parts().find(|part| is_version(part)) {
        remarks.push(format!(
            "\"{part}\" looks like a version: one number serves all versions, and the protocol tells them apart (RFC 7605 section 7.5)"
        ));
    }
    if let Some(part) = parts().find(|part| SECURE.contains(part)) {
        remarks.push(format!(
            "\"{part}\" looks like one half of a secure and insecure pair: one number should serve both (RFC 7605 section 7.4)"
        ));
    }
    if let Some(row) = registry.named(&name).iter().find(|row| row.is_named()) {
        let at = match row.ports {
            Some(_) => format!(" at {}", row.place()),
            None => String::new(),
        };
        remarks.push(format!(
            "IANA's registry has a service {}{at}: use the name only for that service",
            row.service_name()
        ));
    }
    remarks
}

/// `v2`, `apiv2`, but not `ipv6`.
fn is_version(part: &str) -> bool {
    let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
    letters.len() < part.len()
        && letters.ends_with('v')
        && !NO_VERSION.iter().any(|word| part.ends_with(word))
}
