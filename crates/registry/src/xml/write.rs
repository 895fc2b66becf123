//! Writes a document in the vocabulary that it was read in.

use std::io::{self, Write};

use super::document::{Document, PersonEntry};
use super::prose::{Inline, Prose, Xref};
use super::record::Record;
use super::{NAMESPACE, decode};

impl Document<'_> {
    /// Writes the document; reading it back gives an equal one.
    ///
    /// Shape: UTF-8, two blanks for each level, elements of a record in one order. A character that
    ///        XML cannot hold, which no file that was read has, becomes U+FFFD.
    ///
    /// # Errors
    /// Where the output cannot be written.
    pub fn write(&self, mut output: impl Write) -> io::Result<()> {
        let mut page = Page::default();
        page.0.push_str("<?xml version='1.0' encoding='UTF-8'?>\n");
        page.0.push_str("<registry");
        page.attribute("xmlns", Some(NAMESPACE));
        page.attribute("id", self.id.as_deref());
        page.0.push_str(">\n");
        page.text(1, "title", self.title.as_deref());
        page.text(1, "category", self.category.as_deref());
        page.text(1, "updated", self.updated.as_deref());
        for xref in &self.xrefs {
            page.line_xref(1, xref);
        }
        for expert in &self.experts {
            page.prose(1, "expert", None, expert);
        }
        for note in &self.notes {
            page.prose(
                1,
                "note",
                Some(("title", note.title.as_deref())),
                &note.prose,
            );
        }
        for record in &self.records {
            page.record(record);
            // What is written so far need not be kept.
            if page.0.len() > 1 << 16 {
                output.write_all(page.0.as_bytes())?;
                page.0.clear();
            }
        }
        for note in &self.footnotes {
            page.prose(
                1,
                "footnote",
                Some(("anchor", note.anchor.as_deref())),
                &note.prose,
            );
        }
        if !self.people.is_empty() {
            page.0.push_str("  <people>\n");
            for person in &self.people {
                page.person(person);
            }
            page.0.push_str("  </people>\n");
        }
        page.0.push_str("</registry>\n");
        output.write_all(page.0.as_bytes())?;
        output.flush()
    }
}

/// What is written so far.
#[derive(Default)]
struct Page(String);

impl Page {
    fn record(&mut self, record: &Record<'_>) {
        self.0.push_str("  <record");
        self.attribute("date", record.date.as_deref());
        self.attribute("updated", record.updated.as_deref());
        self.0.push_str(">\n");
        self.text(2, "name", record.name.as_deref());
        self.text(2, "protocol", record.protocol.as_deref());
        if let Some(assignee) = &record.assignee {
            self.0.push_str("    <assignee>\n");
            for xref in assignee {
                self.line_xref(3, xref);
            }
            self.0.push_str("    </assignee>\n");
        }
        for xref in &record.xrefs {
            self.line_xref(2, xref);
        }
        if let Some(description) = &record.description {
            self.prose(2, "description", None, description);
        }
        self.text(2, "number", record.number.as_deref());
        self.text(2, "sc", record.service_code.as_deref());
        if let Some(unauthorized) = &record.unauthorized {
            self.prose(2, "unauthorized", None, unauthorized);
        }
        for note in &record.notes {
            self.prose(2, "note", None, note);
        }
        self.0.push_str("  </record>\n");
    }

    fn person(&mut self, person: &PersonEntry<'_>) {
        self.0.push_str("    <person");
        self.attribute("id", Some(&person.id));
        self.0.push_str(">\n");
        self.text(3, "name", person.name.as_deref());
        self.text(3, "org", person.organisation.as_deref());
        for uri in &person.uris {
            self.text(3, "uri", Some(uri));
        }
        self.text(3, "updated", person.updated.as_deref());
        self.0.push_str("    </person>\n");
    }

    /// An element with nothing but text, on a line of its own; nothing where it is absent.
    fn text(&mut self, depth: usize, element: &str, text: Option<&str>) {
        let Some(text) = text else { return };
        self.indent(depth);
        if text.is_empty() {
            self.0.extend(["<", element, "/>\n"]);
        } else {
            self.0.extend(["<", element, ">"]);
            self.escaped(text, Place::Content);
            self.0.extend(["</", element, ">\n"]);
        }
    }

    fn prose(
        &mut self,
        depth: usize,
        element: &str,
        attribute: Option<(&str, Option<&str>)>,
        prose: &Prose<'_>,
    ) {
        self.indent(depth);
        self.0.extend(["<", element]);
        if let Some((name, value)) = attribute {
            self.attribute(name, value);
        }
        self.0.push('>');
        self.inlines(prose);
        self.0.extend(["</", element, ">\n"]);
    }

    fn inlines(&mut self, prose: &Prose<'_>) {
        for inline in &prose.inlines {
            match inline {
                Inline::Text(text) => self.escaped(text, Place::Content),
                Inline::Break => self.0.push_str("<br/>"),
                Inline::Xref(xref) => self.xref(xref),
                Inline::Paragraph(inner) => {
                    self.0.push_str("<paragraph>");
                    self.inlines(inner);
                    self.0.push_str("</paragraph>");
                }
            }
        }
    }

    fn line_xref(&mut self, depth: usize, xref: &Xref<'_>) {
        self.indent(depth);
        self.xref(xref);
        self.0.push('\n');
    }

    fn xref(&mut self, xref: &Xref<'_>) {
        self.0.push_str("<xref");
        self.attribute("type", Some(xref.kind.as_str()));
        self.attribute("data", xref.data.as_deref());
        self.attribute("section", xref.section.as_deref());
        if xref.label.is_empty() {
            self.0.push_str("/>");
        } else {
            self.0.push('>');
            self.escaped(&xref.label, Place::Content);
            self.0.push_str("</xref>");
        }
    }

    fn attribute(&mut self, name: &str, value: Option<&str>) {
        let Some(value) = value else { return };
        self.0.extend([" ", name, "=\""]);
        self.escaped(value, Place::Attribute);
        self.0.push('"');
    }

    fn indent(&mut self, depth: usize) {
        self.0.extend(std::iter::repeat_n("  ", depth));
    }

    fn escaped(&mut self, text: &str, place: Place) {
        let in_attribute = place == Place::Attribute;
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' if in_attribute => self.0.push_str("&quot;"),
                '\n' if in_attribute => self.0.push_str("&#10;"),
                '\t' if in_attribute => self.0.push_str("&#9;"),
                // As itself it would be read as a line feed.
                '\r' => self.0.push_str("&#13;"),
                other if decode::is_allowed(other) => self.0.push(other),
                _ => self.0.push(char::REPLACEMENT_CHARACTER),
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Content,
    Attribute,
}
