//! Command lines fit to be shown: what may be a secret is hidden, and the rest stays as it is.
//!
//! It errs towards hiding: from the first thing in an argument that looks like a secret, the rest
//! of that argument goes too, since nobody can tell where a password ends. What stays is what
//! people look at a command line for: programs, options, ports, paths.
//! It knows secrets by the names that stand before them and by their shapes. One that has neither
//! (`start.sh hunter2`) cannot be told from a word and stays.

mod name;
mod shape;

/// What stands for a secret, however long that was.
pub const HIDDEN: &str = "***";
/// How often a command line is gone through at the most; once more than something was hidden.
const MOST_PASSES: usize = 6;

/// The arguments with every secret in them replaced by [`HIDDEN`].
///
/// Shape: one element for each argument, in order; what was redacted once stays the same when
///        redacted again.
/// Cost:  a few passes over each argument; linear in its length but for the words in front of an
///        equals sign or colon.
#[must_use]
pub fn redact(arguments: &[String]) -> Vec<String> {
    let mut shown = pass(arguments);
    // What stands before a hidden part may look otherwise without it.
    for _ in 1..MOST_PASSES {
        let again = pass(&shown);
        if again == shown {
            break;
        }
        shown = again;
    }
    shown
}

fn pass(arguments: &[String]) -> Vec<String> {
    let letters = name::letters(
        arguments
            .iter()
            .flat_map(|a| words(a))
            .map(|(_, word)| word),
    );
    let mut expected = Expected::Nothing;
    let mut shown = Vec::with_capacity(arguments.len());
    for (at, argument) in arguments.iter().enumerate() {
        let (text, next) = one(argument, at == 0, expected, letters);
        shown.push(text);
        expected = next;
    }
    shown
}

/// What the words so far say of the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Nothing,
    /// A secret, whatever it looks like.
    Secret,
    /// A key or the path of the file that holds it; the path stays.
    Key,
    /// A secret, unless it is an option: what stood before was a bare word.
    Value,
    /// A user with a password behind a colon.
    User,
    /// A header field with its value behind a colon.
    Header,
}

/// One argument, and what it says of the next.
fn one(
    argument: &str,
    first: bool,
    expected: Expected,
    letters: name::Letters,
) -> (String, Expected) {
    if hides(argument, expected) {
        // A switch that takes no value may stand before an option that does.
        let next = match option(argument, false, letters) {
            Expected::Nothing | Expected::Value if shape::is_scheme(argument) => Expected::Secret,
            Expected::Value => Expected::Nothing,
            next => next,
        };
        return (HIDDEN.to_owned(), next);
    }
    if let (Expected::Header, Some(cut)) = (expected, header(argument)) {
        return (cut_at(argument, cut), Expected::Nothing);
    }
    let mut next = Expected::Nothing;
    let mut cut = [
        shape::find(argument),
        value(argument),
        attached(argument, letters),
    ]
    .into_iter()
    .flatten()
    .min();
    for (index, (start, word)) in words(argument).enumerate() {
        if cut.is_some_and(|cut| start >= cut) {
            break;
        }
        if hides(word, next) {
            cut = Some(start);
            break;
        }
        // The program's own name names no secret, whatever it is called.
        let named = first && index == 0;
        next = if named {
            Expected::Nothing
        } else {
            option(word, true, letters)
        };
    }
    let text = match (users(argument), cut) {
        (None, None) => return (argument.to_owned(), next),
        (None, Some(cut)) => return (cut_at(argument, cut), Expected::Nothing),
        (Some((start, _)), Some(cut)) if cut <= start => cut_at(argument, cut),
        // The secret that begins inside may go on behind the address's at sign.
        (Some((start, at)), Some(cut)) if cut <= at => cut_at(argument, start),
        (Some((start, at)), cut) => {
            let (before, behind) = (
                &argument[..start],
                &argument[at..cut.unwrap_or(argument.len())],
            );
            let end = if cut.is_some() { HIDDEN } else { "" };
            format!("{before}{HIDDEN}{behind}{end}")
        }
    };
    (
        text,
        if cut.is_some() {
            Expected::Nothing
        } else {
            next
        },
    )
}

/// Whether a word is hidden whole for what stood before it.
fn hides(word: &str, expected: Expected) -> bool {
    match expected {
        Expected::Nothing | Expected::Header => false,
        Expected::Secret => !word.is_empty(),
        Expected::Key => !word.is_empty() && (!name::is_path(word) || shape::is_random(word)),
        Expected::Value => !word.is_empty() && !word.starts_with('-'),
        Expected::User => word.contains(':') || word.contains('%'),
    }
}

/// What a word says of the one behind it.
fn option(word: &str, bare: bool, letters: name::Letters) -> Expected {
    let name = word.trim_start_matches('-');
    let dashes = word.len() - name.len();
    // `Authorization:` with its value in the next argument.
    if let Some(name) = name.strip_suffix([':', '=']) {
        let name = name.trim_matches(['"', '\'']);
        return when(
            name::is_secret(name) || name == "Authorization",
            Expected::Secret,
        );
    }
    if name.is_empty() || !name.bytes().all(name::is_key_byte) {
        return Expected::Nothing;
    }
    if dashes == 0 {
        let is_word =
            bare && !name.contains('.') && (name::is_secret(name) || shape::is_scheme(name));
        return when(is_word && !name::is_path(name), Expected::Value);
    }
    if dashes == 1 && name.len() == 1 {
        return match name {
            _ if letters.has(name) => Expected::Secret,
            "u" | "U" => Expected::User,
            "H" => Expected::Header,
            _ => Expected::Nothing,
        };
    }
    match name {
        "user" | "proxy-user" | "http-user" => Expected::User,
        "header" | "proxy-header" => Expected::Header,
        _ if !name::is_secret(name) || name::names_a_file(name) => Expected::Nothing,
        _ if name::is_switch(name) => Expected::Value,
        _ if name::may_be_a_path(name) => Expected::Key,
        _ => Expected::Secret,
    }
}

fn when(holds: bool, then: Expected) -> Expected {
    if holds { then } else { Expected::Nothing }
}

/// Where the value of the first secret key of a text begins: `password=x`, `"token": "x"`,
/// `Authorization: x`.
fn value(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    for (at, _) in text.match_indices(['=', ':']) {
        let key_end = text[..at]
            .trim_end_matches([' ', '"', '\'', '\\', ']'])
            .len();
        let key_start = bytes[..key_end]
            .iter()
            .rposition(|byte| !name::is_key_byte(*byte))
            .map_or(0, |before| before + 1);
        let key = &text[key_start..key_end];
        let colon = bytes[at] == b':';
        let rest = &text[at + 1..];
        // `scheme://`, `C:\`, and what is looked for in `::`.
        if key.is_empty() || (colon && (rest.starts_with("//") || rest.starts_with(':'))) {
            continue;
        }
        let start =
            at + 1 + (rest.len() - rest.trim_start_matches([' ', '"', '\'', '\\', '=']).len());
        let value = &text[start..];
        if value.is_empty() || !(name::is_secret(key) || in_header(text, key_start, key)) {
            continue;
        }
        let is_file = name::is_path(value) && (name::names_a_file(key) || !shape::is_random(value));
        let kept = is_file && name::may_be_a_path(key);
        // `http://auth-service:8080`.
        let is_port = colon && name::is_weak(key) && starts_with_port(value);
        if !kept && !is_port {
            return Some(start);
        }
    }
    None
}

/// Whether the key is the value of an attached header option: `--header=X-Pin: 1`.
fn in_header(text: &str, key_start: usize, key: &str) -> bool {
    let before = text[..key_start].trim_end_matches(['"', '\'']);
    before.ends_with("--header=")
        || before.ends_with("--proxy-header=")
        || (key.starts_with("-H") && key.len() > 2 && key_start == 0)
}

fn starts_with_port(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let end = text.as_bytes().get(digits);
    (1..=5).contains(&digits) && end.is_none_or(|byte| matches!(byte, b'/' | b' ' | b',' | b'"'))
}

/// Where the value of a header field begins; `None` where it is an address instead.
fn header(argument: &str) -> Option<usize> {
    let (name, value) = argument.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(name::is_key_byte);
    let is_port = !name.contains('-') && starts_with_port(value);
    let trimmed = value.trim_start();
    let is_header = is_name && !value.starts_with("//") && !is_port && !trimmed.is_empty();
    is_header.then(|| argument.len() - trimmed.len())
}

/// Where the secret begins that is written right behind a program's own letter: `mysql -pSECRET`.
fn attached(text: &str, letters: name::Letters) -> Option<usize> {
    words(text).find_map(|(start, word)| {
        let letter = word.strip_prefix('-').and_then(|rest| rest.get(..1))?;
        let value = word.get(2..).filter(|value| !value.is_empty())?;
        let name = value.split([':', '%']).next().unwrap_or(value);
        let is_user = matches!(letter, "u" | "U") && name.len() < value.len();
        let user = is_user && name.bytes().all(name::is_key_byte);
        (letters.has(letter) || user).then_some(start + 2)
    })
}

/// Where the user and password of an address begin, and the at sign behind them:
/// `postgres://user:secret@host/name`, `user:secret@tcp(host)/name`.
fn users(text: &str) -> Option<(usize, usize)> {
    let at = text.rfind('@')?;
    let before = &text[..at];
    let start = match (before.find("://"), colon(before)) {
        (Some(scheme), Some(colon)) if colon < scheme => word_start(before, colon),
        (Some(scheme), password) => {
            let user = &before[scheme + 3..];
            let host_first = user
                .find('/')
                .is_some_and(|slash| user.find('@').is_none_or(|other| slash < other));
            // `https://host/@name` has no user; a password may hold a slash.
            if host_first && password.is_none() {
                return None;
            }
            scheme + 3
        }
        (None, Some(colon)) => word_start(before, colon),
        (None, None) => return None,
    };
    Some((start, at))
}

/// The first colon that may stand between a user and a password.
fn colon(text: &str) -> Option<usize> {
    let next = |at: usize| text[at + 1..].chars().next();
    text.match_indices(':')
        .map(|(at, _)| at)
        .find(|at| !text[at + 1..].starts_with("//") && next(*at) != Some(' '))
}

/// Where the user begins whose password stands behind the colon.
fn word_start(text: &str, colon: usize) -> usize {
    text[..colon]
        .rfind(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\'' | ','))
        .map_or(0, |at| {
            at + text[at..].chars().next().map_or(1, char::len_utf8)
        })
}

fn cut_at(text: &str, cut: usize) -> String {
    format!("{}{HIDDEN}", text.get(..cut).unwrap_or_default())
}

/// The words of an argument, with where each begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace()
        .map(|word| (word.as_ptr().addr() - text.as_ptr().addr(), word))
}

#[cfg(test)]
mod tests;
