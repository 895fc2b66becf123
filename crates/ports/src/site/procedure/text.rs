//! What a text may be: bounded, without anything that steers a terminal, on one line where one is
//! enough.

use std::borrow::Cow;

use portolan_registry::neutral;

use crate::site::fields::Form;
use crate::site::{Fields, Refusal, Scope};

/// What one text may hold, in bytes.
const TEXT: usize = 4_096;
/// What a text may hold to which the procedures add, in bytes.
pub(super) const LOG: usize = 65_536;
/// A login name, in bytes: beyond `LOGIN_NAME_MAX` of Linux.
const LOGIN: usize = 256;

/// Holds every text of `fields` against its bounds.
pub(super) fn check_fields(fields: &Fields) -> Result<(), Refusal> {
    for (name, text, form) in fields.texts() {
        let (most, lines) = match form {
            Form::Line => (TEXT, false),
            Form::Lines => (TEXT, true),
            Form::Log => (LOG, true),
        };
        check(name, text, most, lines)?;
    }
    let scope = fields.scope.to_string();
    if scope.parse::<Scope>().as_ref() != Ok(&fields.scope) {
        return Err(Refusal::site(
            "the scope is not the name of a host or a group",
            "write all, group:NAME or host:NAME",
        ));
    }
    Ok(())
}

/// Holds a reason, or whatever else is said beside the fields, against its bounds.
pub(super) fn check_line(name: &str, text: &str) -> Result<(), Refusal> {
    check(name, text, TEXT, false)
}

/// Holds a login name against its bounds.
pub(super) fn check_login(name: &str) -> Result<(), Refusal> {
    check("login name", name, LOGIN, false)
}

fn check(name: &str, text: &str, most: usize, lines: bool) -> Result<(), Refusal> {
    if text.len() > most {
        let because = format!("{name} has {} bytes, and may have {most}", text.len());
        return Err(Refusal::site(because, "shorten it"));
    }
    if !lines && text.contains(['\n', '\r']) {
        let because = format!("{name} has more than one line");
        return Err(Refusal::site(because, "write it on one"));
    }
    let steers = |c: &char| matches!(neutral(c.encode_utf8(&mut [0; 4])), Cow::Owned(_));
    let Some(c) = text.chars().filter(|c| *c != '\n').find(steers) else {
        return Ok(());
    };
    let because = match c.is_control() {
        true => format!("{name} has a control character"),
        false => format!(
            "{name} has a character that is not seen, U+{:04X}",
            u32::from(c)
        ),
    };
    Err(Refusal::site(because, "leave it out"))
}
