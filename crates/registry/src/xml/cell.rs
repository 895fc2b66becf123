//! From XML's texts and references to the cells of the CSV form, as IANA makes them.

use super::prose::{Inline, Prose, Xref, XrefKind};

/// Appends the reference in brackets: `[Mark_Lottor]`, `[RFC6335]`, `[RFC8765, Section 6.1]`.
///
/// A label stands in place of everything else.
pub(super) fn bracket(xref: &Xref<'_>, out: &mut String) {
    out.push('[');
    let data = xref.data.as_deref().unwrap_or_default();
    let label = xref.label.trim();
    if !label.is_empty() {
        join(label, out);
    } else if xref.kind == XrefKind::Rfc
        && let Some(number) = data.strip_prefix("rfc")
    {
        out.push_str("RFC");
        out.push_str(number);
    } else {
        out.push_str(data);
    }
    if let (true, Some(section)) = (label.is_empty(), xref.section.as_deref()) {
        out.push_str(", ");
        if section.starts_with(|c: char| c.is_ascii_digit()) {
            out.push_str("Section ");
        }
        out.push_str(section);
    }
    out.push(']');
}

/// Appends the running text: `br` is a line feed unless one follows anyway.
pub(super) fn prose(prose: &Prose<'_>, out: &mut String) {
    let mut plain = String::new();
    let whole = match prose.as_plain() {
        Some(text) => text,
        None => {
            flatten(prose, &mut plain);
            &plain
        }
    };
    join(whole.trim(), out);
}

fn flatten(prose: &Prose<'_>, out: &mut String) {
    let mut breaks = 0;
    for inline in &prose.inlines {
        if let Inline::Break = inline {
            breaks += 1;
            continue;
        }
        let feeds = matches!(inline, Inline::Text(text) if text.trim_start_matches([' ', '\t']).starts_with('\n'));
        let due = std::mem::take(&mut breaks);
        if !feeds {
            out.extend(std::iter::repeat_n('\n', due));
        }
        match inline {
            Inline::Text(text) => out.push_str(text),
            Inline::Xref(xref) => bracket(xref, out),
            Inline::Paragraph(inner) => flatten(inner, out),
            Inline::Break => {}
        }
    }
}

/// Appends a text; where a line was wrapped and indented for the file's sake, with a blank before
/// the line feed, it becomes one line.
fn join(text: &str, out: &mut String) {
    let is_blank = |c| matches!(c, ' ' | '\t');
    let mut rest = text;
    while let Some(feed) = memchr::memchr(b'\n', rest.as_bytes()) {
        let (before, after) = (&rest[..feed], &rest[feed + 1..]);
        let indented = after.trim_start_matches(is_blank);
        if before.ends_with(is_blank) && indented.len() < after.len() {
            out.push_str(before.trim_end_matches(is_blank));
            out.push(' ');
            rest = indented;
        } else {
            out.push_str(&rest[..=feed]);
            rest = after;
        }
    }
    out.push_str(rest);
}
