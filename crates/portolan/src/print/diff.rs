//! What changed between two registries, as text.

use portolan_registry::diff::{Change, Diff, Kind};

use super::registry::grouped;
use super::{Columns, Output, Tone, one_line};

pub(crate) fn text(diff: &Diff<'_>, output: &Output) -> String {
    let mut text = columns(&diff.changes, 0, output);
    let counts: Vec<String> = Kind::ALL
        .into_iter()
        .map(|kind| (diff.count(kind), kind))
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| format!("{} {}", grouped(count), words(kind)))
        .collect();
    let counts = if counts.is_empty() {
        "no difference".to_owned()
    } else {
        counts.join(", ")
    };
    let summary = format!(
        "{} to {}: {counts}",
        one_line(diff.older),
        one_line(diff.newer)
    );
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&format!("{}\n", output.paint(Tone::Strong, &summary)));
    text
}

/// One line for each change: place, kind, and what changed.
pub(super) fn columns(changes: &[Change<'_>], indent: usize, output: &Output) -> String {
    let mut columns = Columns::new(["", "", ""]);
    for change in changes {
        let tone = match change.kind {
            Kind::Added => Tone::Good,
            Kind::Removed => Tone::Bad,
            Kind::Split | Kind::Shrunk | Kind::Grown | Kind::Merged | Kind::Dated => Tone::Faint,
            _ => Tone::Plain,
        };
        columns.push([
            (change.place().to_string(), Tone::Strong),
            (words(change.kind), tone),
            (one_line(&change.said()), Tone::Plain),
        ]);
    }
    if changes.is_empty() {
        String::new()
    } else {
        columns.text(indent, output)
    }
}

fn words(kind: Kind) -> String {
    kind.as_str().replace('_', " ")
}
