//! What a search found, as text.

use portolan_survey::search::Found;

use super::{Columns, Output, Tone, one_line};

pub(crate) fn text(found: &Found<'_>, most: usize, output: &Output) -> String {
    let most = if most == 0 { usize::MAX } else { most };
    let mut columns = Columns::new(["PORT", "SERVICE NAME", "DESCRIPTION"]);
    for hit in found.rows.iter().take(most) {
        let row = &hit.assignment;
        let name = if row.is_named() {
            row.service_name()
        } else {
            "-"
        };
        columns.push([
            (row.place().to_string(), Tone::Strong),
            (one_line(name), Tone::Plain),
            (one_line(row.description()), Tone::Plain),
        ]);
    }
    let mut text = if found.rows.is_empty() {
        String::new()
    } else {
        columns.text(0, output)
    };
    if found.rows.len() > most {
        let left = found.rows.len() - most;
        text.push_str(&format!("... and {left} more rows; --most 0 shows all\n"));
    }
    if !found.facts.is_empty() {
        let mut columns = Columns::new(["", "", ""]);
        for fact in found.facts.iter().take(most) {
            columns.push([
                (fact.ports.to_string(), Tone::Strong),
                (fact.kind.as_str().replace('_', " "), Tone::Plain),
                (one_line(fact.text), Tone::Plain),
            ]);
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!(
            "{}\n",
            output.paint(Tone::Strong, "What is known")
        ));
        text.push_str(&columns.text(2, output));
    }
    text
}
