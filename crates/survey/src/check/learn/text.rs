//! TOML text (<https://toml.io/en/v1.0.0>) out of words that may be hostile.

use portolan_registry::one_line;

/// How wide a comment gets, in characters.
const WIDTH: usize = 100;

/// The most characters of a foreign word that a comment shows.
const MOST_SHOWN: usize = 80;

/// A basic string. What could steer whoever looks at the file is written as `\uXXXX`, which every
/// reader of TOML turns back.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            _ if c.is_alphanumeric() => out.push(c),
            _ if u32::from(c) <= 0xffff => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            _ => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// A foreign word for a comment: on one line, harmless, and not too long.
pub(super) fn plain(text: &str) -> String {
    let shown: String = text.chars().take(MOST_SHOWN).collect();
    let cut = if shown.len() < text.len() { "…" } else { "" };
    format!("{}{cut}", one_line(&shown))
}

/// Adds a comment, in lines of at most [`WIDTH`] where its words allow that.
pub(super) fn comment(out: &mut String, text: &str) {
    let hanging = if text.starts_with("- ") { "#  " } else { "#" };
    let mut width = 0;
    for word in text.split_whitespace() {
        let long = word.chars().count() + 1;
        if width == 0 || width + long > WIDTH {
            if width > 0 {
                out.push('\n');
            }
            let start = if width == 0 { "#" } else { hanging };
            out.push_str(start);
            width = start.len();
        }
        out.push(' ');
        out.push_str(word);
        width += long;
    }
    out.push('\n');
}

/// A foreign word as part of a name: letters, digits, dots, hyphens and underscores.
pub(super) fn slug(text: &str) -> String {
    let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let text: String = text
        .chars()
        .take(40)
        .map(|c| if kept(c) { c } else { '-' })
        .collect();
    text.trim_matches(['-', '.']).to_owned()
}

/// `a`, `a and b`, `a, b and c`; the first few of many.
pub(super) fn join(words: &[String]) -> String {
    const MOST: usize = 6;
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] if words.len() <= MOST => format!("{} and {last}", first.join(", ")),
        _ => format!(
            "{} and {} more",
            words[..MOST].join(", "),
            words.len() - MOST
        ),
    }
}
