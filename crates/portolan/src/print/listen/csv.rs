//! Listeners as comma-separated values, RFC 4180.
//!
//! Cells are for spreadsheets and terminals alike: bytes that steer a terminal are written out, and
//! a text that a spreadsheet would take for a formula gets an apostrophe before it. JSON has the
//! raw text.

use portolan_inspect::Snapshot;
use portolan_survey::Sources;

use super::column::{ALL, Value};
use super::row::rows;
use super::{Layout, neutral};

/// The first line has the columns' names; then comes one for each listener and owner. Without a
/// choice of columns all are there, those of `details` only with them.
pub(crate) fn text(
    seen: &Snapshot,
    sources: &Sources<'_>,
    layout: &Layout,
    details: bool,
) -> String {
    let mut columns = layout.columns.clone();
    if columns.is_empty() {
        let usual = ALL.into_iter();
        columns.extend(usual.filter(|column| details || !column.needs_details()));
    }
    let mut text = String::new();
    if !layout.no_header {
        let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
        text.push_str(&names.join(","));
        text.push_str("\r\n");
    }
    for row in rows(seen, sources, true, &layout.order) {
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            put(&mut text, &column.value(&row, sources));
        }
        text.push_str("\r\n");
    }
    text
}

fn put(text: &mut String, value: &Value<'_>) {
    let Value::Text(raw) = value else {
        text.push_str(&value.to_string());
        return;
    };
    let shown = neutral(raw);
    let guard = if raw.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    if shown.contains([',', '"']) {
        text.push_str(&format!("\"{guard}{}\"", shown.replace('"', "\"\"")));
    } else {
        text.push_str(guard);
        text.push_str(&shown);
    }
}
