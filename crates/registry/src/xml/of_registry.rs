//! A document from any registry: cells taken apart into typed references again.

use std::borrow::Cow;

use super::document::{Document, PersonEntry};
use super::prose::{Prose, Xref, XrefKind};
use super::record::Record;
use crate::person::Person;
use crate::{Assignment, Column, Registry, Transport};

impl<'a> Document<'a> {
    /// A document of these rows of a registry, with everyone whom the registry knows.
    ///
    /// Shape: what the CSV form does not tell (experts, notes, footnotes, what a label points at)
    ///        is not in it. `[RFC6335]`, `[1]`, addresses and drafts become typed references, and
    ///        any other text in brackets a label. Reading the written document gives the same
    ///        rows, but for a text with a blank before an indented line, which XML wraps there.
    #[must_use]
    pub fn of(registry: &'a Registry, rows: impl IntoIterator<Item = Assignment<'a>>) -> Self {
        let plain = |text: &'static str| Some(Cow::Borrowed(text));
        Self {
            id: plain("service-names-port-numbers"),
            title: plain("Service Name and Transport Protocol Port Number Registry"),
            category: plain("Service Names and Transport Protocol Port Numbers"),
            updated: given(registry.date()),
            records: rows.into_iter().map(record).collect(),
            people: registry.people().map(person).collect(),
            ..Self::default()
        }
    }
}

fn given(text: &str) -> Option<Cow<'_, str>> {
    (!text.is_empty()).then_some(Cow::Borrowed(text))
}

fn record(row: Assignment<'_>) -> Record<'_> {
    let cell = |column| row.cell(column);
    let (assignee, contact) = (cell(Column::Assignee), cell(Column::Contact));
    let people = brackets(contact).map(to_person);
    let references = brackets(cell(Column::Reference)).map(to_reference);
    Record {
        date: given(cell(Column::RegistrationDate)),
        updated: given(cell(Column::ModificationDate)),
        name: given(row.service_name()),
        protocol: row.transport.map(Transport::as_str).map(Cow::Borrowed),
        assignee: (assignee != contact).then(|| brackets(assignee).map(to_person).collect()),
        xrefs: people.chain(references).collect(),
        description: Some(Prose::plain(row.description())),
        number: row.ports.map(|_| row.port_text().into()),
        service_code: given(cell(Column::ServiceCode)),
        unauthorized: prose(row.unauthorized_use()),
        notes: prose(row.notes()).into_iter().collect(),
    }
}

fn prose(text: &str) -> Option<Prose<'_>> {
    (!text.is_empty()).then(|| Prose::plain(text))
}

fn person(person: Person<'_>) -> PersonEntry<'_> {
    PersonEntry {
        id: person.id.into(),
        name: given(person.name),
        organisation: given(person.organisation),
        uris: person.uri.lines().map(Cow::Borrowed).collect(),
        updated: given(person.updated),
    }
}

/// What stands in brackets side by side; text without brackets counts as if it had some.
fn brackets(cell: &str) -> impl Iterator<Item = &str> {
    let mut rest = cell;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut depth = 0usize;
        let end = rest.char_indices().find_map(|(at, c)| {
            match c {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            (depth == 0).then_some(at)
        });
        match end {
            Some(end) if end > 0 => {
                let inside = &rest[1..end];
                rest = &rest[end + 1..];
                Some(inside)
            }
            _ => Some(std::mem::take(&mut rest)),
        }
    })
}

fn xref<'a>(kind: XrefKind<'a>, data: impl Into<Cow<'a, str>>) -> Xref<'a> {
    Xref {
        kind,
        data: Some(data.into()),
        section: None,
        label: Cow::Borrowed(""),
    }
}

fn to_person(text: &str) -> Xref<'_> {
    xref(XrefKind::Person, text)
}

fn to_reference(text: &str) -> Xref<'_> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(tail) = text.strip_prefix("RFC") {
        let (number, section) = tail.split_once(", ").unwrap_or((tail, ""));
        if is_number(number) {
            return Xref {
                label: if section.is_empty() { "" } else { text }.into(),
                ..xref(XrefKind::Rfc, format!("rfc{number}"))
            };
        }
    }
    if is_number(text) {
        xref(XrefKind::Note, text)
    } else if text.starts_with("http://") || text.starts_with("https://") {
        xref(XrefKind::Uri, text)
    } else if text.starts_with("draft-") || text.starts_with("RFC-") {
        xref(XrefKind::Draft, text)
    } else {
        Xref {
            data: None,
            label: text.into(),
            ..xref(XrefKind::Text, "")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_recognised() {
        let kinds = |cell| {
            brackets(cell)
                .map(to_reference)
                .map(|xref| {
                    (
                        xref.kind.as_str().to_owned(),
                        xref.data.unwrap_or_default().into_owned(),
                        xref.label.into_owned(),
                    )
                })
                .collect::<Vec<_>>()
        };
        let xref = |kind: &str, data: &str, label: &str| {
            (kind.to_owned(), data.to_owned(), label.to_owned())
        };
        assert_eq!(
            kinds(
                "[RFC6335][RFC8765, Section 6.1][1][draft-x-01][https://x.example/a][n/a [b]]free"
            ),
            [
                xref("rfc", "rfc6335", ""),
                xref("rfc", "rfc8765", "RFC8765, Section 6.1"),
                xref("note", "1", ""),
                xref("draft", "draft-x-01", ""),
                xref("uri", "https://x.example/a", ""),
                xref("text", "", "n/a [b]"),
                xref("text", "", "free"),
            ]
        );
    }
}
