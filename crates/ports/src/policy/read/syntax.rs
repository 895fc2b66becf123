//! What is said where a file is no TOML at all: the mistakes that people make, told in the words of
//! the policy; of all others, what the TOML reader says.

use portolan_registry::neutral;

use super::value::excerpt;

/// What is wrong at the byte `at` of `text`, for which the TOML reader says `message`. Total.
pub(crate) fn told(text: &str, at: usize, message: &str) -> String {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let before = before.rsplit('\n').next().unwrap_or_default();
    let after = after.lines().next().unwrap_or_default();
    if message == "duplicate key" {
        let word: String = after.chars().take_while(|c| is_bare(*c)).collect();
        return twice(&word);
    }
    let Some((key, "")) = before.split_once('=').map(|(k, v)| (k.trim(), v.trim())) else {
        return one_line(message);
    };
    let key = neutral(&excerpt(key)).into_owned();
    let value = after.split('#').next().unwrap_or_default().trim();
    if value.is_empty() {
        return format!("{key} has no value; write one, or leave the line out");
    }
    if value.starts_with(char::is_alphabetic) {
        let value = excerpt(value);
        return match key.as_str() {
            "required" | "allow-unlisted" => format!("{value:?} is no value; write true or false"),
            _ => format!("a text stands in quotation marks; write {key} = {value:?}"),
        };
    }
    one_line(message)
}

/// A key that stands twice where it may stand once.
fn twice(word: &str) -> String {
    match word {
        "deny" => "deny is written in two ways; write it once as a list, deny = [23, 24], or write [[deny]] above each port".to_owned(),
        "expect" => "expect stands here again; write [[expect]] above each rule, the first one too".to_owned(),
        "" => "this key stands here twice; leave one of the two out".to_owned(),
        word => format!("{} stands here twice; leave one of the two out", excerpt(word)),
    }
}

/// Whether it may stand in a key without quotation marks (TOML 1.0, "Keys").
const fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

/// What the TOML reader says, which may be several lines.
fn one_line(message: &str) -> String {
    let lines = message.lines().map(str::trim);
    lines.collect::<Vec<_>>().join(", ")
}
