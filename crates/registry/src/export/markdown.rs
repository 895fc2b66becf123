//! A table in GitHub Flavored Markdown.

use std::io;

use super::Extract;
use crate::csv;
use crate::neutral::steers;

/// Writes a heading, the date and one table.
///
/// Shape:  a row is a line; a line feed inside a cell becomes `<br>`. What Markdown or HTML would
///         take for markup is escaped, and what would steer a terminal is spelled out.
/// Source: GitHub Flavored Markdown 0.29, §4.10 (tables) and §6.1 (backslash escapes).
///
/// # Errors
/// Where the output cannot be written.
pub fn write(extract: &Extract<'_>, output: &mut dyn io::Write) -> io::Result<()> {
    let preface = extract.preface();
    writeln!(output, "# {}\n", extract.title())?;
    let mut date = String::new();
    escape(preface.date, &mut date);
    writeln!(output, "Last updated: {date}. Rows: {}.\n", preface.rows)?;
    if let Some(remark) = preface.remark() {
        writeln!(output, "{remark}\n")?;
    }
    let mut line = String::new();
    for cell in csv::HEADER {
        line.push_str("| ");
        line.push_str(cell);
        line.push(' ');
    }
    writeln!(output, "{line}|")?;
    writeln!(output, "{}|", "| --- ".repeat(csv::HEADER.len()))?;
    for row in extract.rows() {
        line.clear();
        for cell in csv::cells(&row, &row.port_text()) {
            line.push_str("| ");
            escape(cell, &mut line);
            if !cell.is_empty() {
                line.push(' ');
            }
        }
        writeln!(output, "{line}|")?;
    }
    Ok(())
}

fn escape(text: &str, to: &mut String) {
    let mut fresh = false;
    for c in text.chars() {
        // Indentation behind a line feed would be shown as nothing.
        fresh = c == '\n' || fresh && c == ' ';
        if fresh && c == ' ' {
            continue;
        }
        match c {
            '\n' => to.push_str("<br>"),
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '~' | '$' => to.extend(['\\', c]),
            // Spelled out as `\u{..}`, the backslash escaped in its turn.
            c if steers(c) => to.extend(std::iter::once('\\').chain(c.escape_default())),
            c => to.push(c),
        }
    }
}
