//! Assignees and contacts as names and organisations, where the registry knows its people.

use std::borrow::Cow;

use portolan_registry::{Person, Registry};

/// The cell with every `[Id]` that the registry knows in words. Unknown ones stay as written, and
/// so does a cell of which nobody is known.
///
/// Mail addresses are told only where they were asked for: the registry is public, but whoever
/// shows an answer to others need not publish them once more.
pub(super) fn called<'a>(cell: &'a str, registry: &Registry, mail: bool) -> Cow<'a, str> {
    let mut text = String::new();
    let (mut rest, mut anybody, mut after_person) = (cell, false, false);
    while let Some((before, (id, after))) = next_id(rest) {
        append(&mut text, before.trim(), " ");
        after_person &= before.trim().is_empty();
        let separator = if after_person { ", " } else { " " };
        match registry.person(id) {
            Some(person) => {
                append(&mut text, &in_words(&person, mail), separator);
                anybody = true;
            }
            None => append(&mut text, &format!("[{id}]"), separator),
        }
        (rest, after_person) = (after, true);
    }
    append(&mut text, rest.trim(), " ");
    if anybody { text.into() } else { cell.into() }
}

/// What stands before the first `[Id]`, the id, and what comes after it.
fn next_id(text: &str) -> Option<(&str, (&str, &str))> {
    let (before, rest) = text.split_once('[')?;
    Some((before, rest.split_once(']')?))
}

fn append(text: &mut String, part: &str, separator: &str) {
    if !text.is_empty() && !part.is_empty() {
        text.push_str(separator);
    }
    text.push_str(part);
}

fn in_words(person: &Person<'_>, mail: bool) -> String {
    match person.mail().filter(|_| mail) {
        Some(address) => format!("{} <{address}>", person.called()),
        None => person.called(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = r#"<registry xmlns="http://www.iana.org/assignments" id="service-names-port-numbers">
      <updated>2026-02-13</updated>
      <record><name>a</name><protocol>tcp</protocol><number>7</number></record>
      <people>
        <person id="Ada"><name>Ada Example</name><org>Sons</org><uri>mailto:ada&amp;example.org</uri></person>
        <person id="Bob_B"/>
      </people>
    </registry>"#;

    #[test]
    fn whoever_is_known_is_named() {
        let registry = Registry::read(REGISTRY.as_bytes()).unwrap();
        for (cell, without, with) in [
            ("", "", ""),
            ("[Nobody]", "[Nobody]", "[Nobody]"),
            ("[Nobody] [Other]", "[Nobody] [Other]", "[Nobody] [Other]"),
            ("[Ada", "[Ada", "[Ada"),
            (
                "[Ada]",
                "Ada Example (Sons)",
                "Ada Example (Sons) <ada@example.org>",
            ),
            (
                "[Ada][Nobody][Bob_B]",
                "Ada Example (Sons), [Nobody], Bob B",
                "Ada Example (Sons) <ada@example.org>, [Nobody], Bob B",
            ),
            (
                "heirs of [Bob_B] or [Ada] now",
                "heirs of Bob B or Ada Example (Sons) now",
                "heirs of Bob B or Ada Example (Sons) <ada@example.org> now",
            ),
        ] {
            assert_eq!(called(cell, &registry, false), without);
            assert_eq!(called(cell, &registry, true), with);
        }
    }
}
