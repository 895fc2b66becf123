//! Plain text of fixed width, in the manner of IANA's own.

use std::io;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Extract;
use crate::{csv, one_line};

/// The widest that each column gets, in [`csv::HEADER`]'s order; what is longer wraps.
const WIDEST: [usize; 12] = [15, 11, 9, 40, 24, 24, 12, 12, 20, 10, 28, 40];

/// Between two columns.
const GAP: &str = "  ";

/// The width that the title is centred in, that of an RFC's page.
const PAGE: usize = 72;

/// Writes a centred title, the date and one table of twelve columns.
///
/// Shape:  columns are as wide as the rows need, up to [`WIDEST`]; a longer cell goes on in the
///         lines below, in its own column. Nothing in the text steers a terminal.
/// Cost:   two passes over the rows, the first for the widths.
/// Source: IANA's own text form, which has these columns in about 400 characters.
///
/// # Errors
/// Where the output cannot be written.
pub fn write(extract: &Extract<'_>, output: &mut dyn io::Write) -> io::Result<()> {
    let preface = extract.preface();
    writeln!(output)?;
    centred(extract.title(), output)?;
    writeln!(output)?;
    writeln!(output, "Last Updated: {}", one_line(preface.date))?;
    writeln!(output, "Rows:         {}", preface.rows)?;
    if let Some(remark) = preface.remark() {
        writeln!(output, "Note:         {remark}")?;
    }
    writeln!(output)?;
    let widths = widths(extract);
    let mut table = Table {
        widths,
        lines: std::array::from_fn(|_| Vec::new()),
    };
    table.put(csv::HEADER, output)?;
    let rule = widths.map(|width| "-".repeat(width)).join(GAP);
    writeln!(output, "{rule}")?;
    for row in extract.rows() {
        table.put(csv::cells(&row, &row.port_text()), output)?;
    }
    Ok(())
}

fn centred(text: &str, output: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        output,
        "{}{text}",
        " ".repeat(PAGE.saturating_sub(text.len()) / 2)
    )
}

/// As wide as the widest line and the header's longest word, and not wider than is good.
fn widths(extract: &Extract<'_>) -> [usize; 12] {
    let word = |head: &str| head.split(' ').map(str::len).max().unwrap_or(0);
    let mut widths = csv::HEADER.map(word);
    for row in extract.rows() {
        let port = row.port_text();
        for ((width, cell), widest) in widths.iter_mut().zip(csv::cells(&row, &port)).zip(WIDEST) {
            // A byte is never wider than a column, so most cells need no closer look.
            if cell.len() > *width && *width < widest {
                let longest = lines(cell).map(|line| width_of(&line)).max().unwrap_or(0);
                *width = (*width).max(longest.min(widest));
            }
        }
    }
    widths
}

/// The cell's own lines, neutral and without the white space around them.
fn lines(cell: &str) -> impl Iterator<Item = String> {
    cell.split('\n')
        .map(one_line)
        .filter(|line| !line.is_empty())
}

/// The columns, and the wrapped cells of the row at hand.
struct Table {
    widths: [usize; 12],
    lines: [Vec<String>; 12],
}

impl Table {
    fn put(&mut self, cells: [&str; 12], output: &mut dyn io::Write) -> io::Result<()> {
        for ((wrapped, cell), width) in self.lines.iter_mut().zip(cells).zip(self.widths) {
            wrapped.clear();
            for line in lines(cell) {
                wrap(&line, width, wrapped);
            }
        }
        let height = self.lines.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let mut text = String::new();
        for number in 0..height {
            text.clear();
            let mut owed = 0;
            for (wrapped, width) in self.lines.iter().zip(self.widths) {
                let cell = wrapped.get(number).map_or("", String::as_str);
                if !cell.is_empty() {
                    text.extend(std::iter::repeat_n(' ', owed));
                    owed = 0;
                    text.push_str(cell);
                }
                owed += width.saturating_sub(width_of(cell)) + GAP.len();
            }
            writeln!(output, "{text}")?;
        }
        Ok(())
    }
}

/// Breaks at spaces where there are some, else between brackets or after hyphens, else anywhere.
fn wrap(line: &str, width: usize, into: &mut Vec<String>) {
    let mut rest = line;
    while width_of(rest) > width {
        let fitting = fitting(rest, width);
        let head = &rest[..fitting];
        let space = head.rfind(' ').filter(|at| *at > 0);
        let bracket = head.rfind("][").map(|at| at + 1);
        let hyphen = head.rfind('-').map(|at| at + 1);
        let cut = if rest[fitting..].starts_with([' ', '[']) {
            fitting
        } else {
            space.or(bracket).or(hyphen).unwrap_or(fitting)
        };
        into.push(rest[..cut].trim_end().to_owned());
        rest = rest[cut..].trim_start();
    }
    into.push(rest.to_owned());
}

/// How many bytes of the text fit into the width; at least one character.
fn fitting(text: &str, width: usize) -> usize {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > width && at > 0 {
            return at;
        }
    }
    text.len()
}

/// Most cells are ASCII, whose width is their length.
fn width_of(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.width()
    }
}
