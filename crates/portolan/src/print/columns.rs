//! Text in aligned columns that fit the terminal.
//!
//! Written here and not taken from a table library because the listing of thousands of sockets
//! is held against `ss` in CPU time, and laying out cells must cost next to nothing.

use unicode_width::UnicodeWidthStr;

use super::{Output, Tone};

/// What stands in one place of a table: neutral, without line feeds.
pub(crate) type Cell = (String, Tone);

/// Rows of as many cells as the command line asks for. The last column takes what room is left.
#[derive(Debug)]
pub(crate) struct Grid {
    heads: Vec<String>,
    cells: Vec<Cell>,
}

/// Rows of as many cells as the code says.
#[derive(Debug)]
pub(crate) struct Columns<const N: usize>(Grid);

/// Between two columns.
pub(super) const GAP: usize = 2;

/// The narrowest that columns are wrapped to; the later ones for many columns.
const NARROWEST: [usize; 3] = [16, 10, 5];

impl<const N: usize> Columns<N> {
    /// No rows yet. A column without a head still aligns.
    pub(crate) fn new(heads: [&'static str; N]) -> Self {
        Self(Grid::new(heads.map(str::to_owned).to_vec()))
    }

    /// Adds a row. Cells must be neutral and without line feeds.
    pub(crate) fn push(&mut self, cells: [Cell; N]) {
        self.0.cells.extend(cells);
    }

    /// The rows as lines, each behind `indent` spaces.
    pub(crate) fn text(&self, indent: usize, output: &Output) -> String {
        self.0.text(indent, output)
    }
}

impl Grid {
    /// No rows yet; a column without a head still aligns.
    pub(crate) const fn new(heads: Vec<String>) -> Self {
        let cells = Vec::new();
        Self { heads, cells }
    }

    /// Adds the next cell of the row, or the first one of the next row. A row that is not whole
    /// is not shown.
    pub(crate) fn push(&mut self, cell: Cell) {
        self.cells.push(cell);
    }

    /// The rows as lines, each behind `indent` spaces.
    pub(crate) fn text(&self, indent: usize, output: &Output) -> String {
        let width = self.heads.len().max(1);
        let rows = self.cells.chunks_exact(width);
        let mut widths: Vec<usize> = self.heads.iter().map(|head| width_of(head)).collect();
        for row in rows.clone() {
            for (width, (cell, _)) in widths.iter_mut().zip(row) {
                *width = (*width).max(width_of(cell));
            }
        }
        fit(&mut widths, indent, output);
        self.laid(&widths, indent, output)
    }

    /// The same in columns of these widths.
    pub(crate) fn laid(&self, widths: &[usize], indent: usize, output: &Output) -> String {
        let width = self.heads.len().max(1);
        let rows = self.cells.chunks_exact(width);
        let line: usize = widths.iter().sum::<usize>() + GAP * width + indent;
        let mut text = String::with_capacity(line * (rows.len() + 1));
        if self.heads.iter().any(|head| !head.is_empty()) {
            let heads: Vec<Cell> = self
                .heads
                .iter()
                .map(|h| (h.clone(), Tone::Faint))
                .collect();
            put(&mut text, &heads, widths, indent, output);
        }
        for row in rows {
            put(&mut text, row, widths, indent, output);
        }
        text
    }
}

/// Where the rows are wider than the terminal, takes the excess from the widest columns: first down
/// to a width that reads well, and further only where that is not enough.
fn fit(widths: &mut [usize], indent: usize, output: &Output) {
    let Some(room) = output.width() else { return };
    let room = room.saturating_sub(indent + GAP * widths.len().saturating_sub(1));
    for narrowest in NARROWEST {
        loop {
            let excess = widths.iter().sum::<usize>().saturating_sub(room);
            match widths.iter_mut().max() {
                Some(width) if excess > 0 && *width > narrowest => {
                    *width = narrowest.max(width.saturating_sub(excess));
                }
                _ => break,
            }
        }
    }
}

/// Most cells are ASCII, whose width is their length.
pub(super) fn width_of(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.width()
    }
}

/// Puts one row, each cell wrapped to its column's width.
fn put(text: &mut String, row: &[Cell], widths: &[usize], indent: usize, output: &Output) {
    let cells = row.iter().zip(widths);
    if cells
        .clone()
        .all(|((cell, _), width)| width_of(cell) <= *width)
    {
        return put_line(
            text,
            cells.map(|((c, tone), w)| (c.as_str(), *tone, *w)),
            indent,
            output,
        );
    }
    let wrapped: Vec<Vec<&str>> = cells.map(|((cell, _), width)| wrap(cell, *width)).collect();
    let lines = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    for line in 0..lines {
        let cells = wrapped.iter().zip(row).zip(widths);
        let parts = cells.map(|((cell, (_, tone)), width)| {
            (cell.get(line).copied().unwrap_or(""), *tone, *width)
        });
        put_line(text, parts, indent, output);
    }
}

/// Puts one line; what is empty at its end leaves no spaces.
fn put_line<'a>(
    text: &mut String,
    parts: impl Iterator<Item = (&'a str, Tone, usize)>,
    indent: usize,
    output: &Output,
) {
    let start = text.len();
    text.extend(std::iter::repeat_n(' ', indent));
    let mut owed = 0;
    for (part, tone, width) in parts {
        if !part.is_empty() {
            text.extend(std::iter::repeat_n(' ', owed));
            owed = 0;
            if tone == Tone::Plain || !output.coloured() {
                text.push_str(part);
            } else {
                text.push_str(&output.paint(tone, part));
            }
        }
        owed += width.saturating_sub(width_of(part)) + GAP;
    }
    if text.len() == start + indent {
        text.truncate(start);
    }
    text.push('\n');
}

/// Breaks at spaces where there are some, else after hyphens, else anywhere.
pub(super) fn wrap(text: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while width_of(rest) > width && width > 0 {
        let fitting = fitting(rest, width);
        let space = rest[..fitting].rfind(' ').filter(|at| *at > 0);
        let hyphen = rest[..fitting].rfind('-').map(|at| at + 1);
        let cut = if rest[fitting..].starts_with(' ') {
            fitting
        } else {
            space.or(hyphen).unwrap_or(fitting)
        };
        lines.push(&rest[..cut]);
        rest = rest[cut..].trim_start_matches(' ');
    }
    lines.push(rest);
    lines
}

/// The text, or as much of its beginning as fits with an ellipsis behind it.
pub(super) fn cut(text: &str, width: usize) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    let fits = fitting(text, width.saturating_sub(1));
    format!("{}…", text[..fits].trim_end())
}

/// Sentences broken between words, the lines after the first behind two spaces more than it has.
/// As they are where there is no width to keep.
pub(crate) fn folded(text: &str, width: Option<usize>) -> String {
    let Some(width) = width else {
        return text.to_owned();
    };
    let mut folded = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        let begins = line.len() - line.trim_start_matches(' ').len();
        let (indent, line) = line.split_at(begins);
        for (place, part) in words(line, width, begins).into_iter().enumerate() {
            match place {
                0 => folded.push_str(indent),
                _ => {
                    folded.push('\n');
                    folded.push_str(indent);
                    folded.push_str("  ");
                }
            }
            folded.push_str(part);
        }
        folded.push_str(end);
    }
    folded
}

/// A line in parts, the first for so much less than the width, the others for two less than that. A
/// word is broken where it alone is too wide.
pub(super) fn words(line: &str, width: usize, indent: usize) -> Vec<&str> {
    let first = width.saturating_sub(indent).max(LEAST_TEXT);
    if width_of(line) <= first {
        return vec![line];
    }
    let rest = first.saturating_sub(2);
    let mut parts = Vec::new();
    let (mut start, mut end) = (0, 0);
    for (at, word) in line.split(' ').scan(0, |at, word| {
        let here = *at;
        *at += word.len() + 1;
        Some((here, word))
    }) {
        let room = if parts.is_empty() { first } else { rest };
        if end > start && width_of(&line[start..at + word.len()]) > room {
            parts.push(&line[start..end]);
            start = at;
        }
        end = at + word.len();
    }
    parts.push(&line[start..]);
    parts
}

/// However narrow a terminal is, so much of a sentence stands in a line.
const LEAST_TEXT: usize = 20;

/// How many bytes of the text fit into the width; at least one character.
fn fitting(text: &str, width: usize) -> usize {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if used > width && at > 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{cut, folded, wrap};

    #[test]
    fn breaks_at_spaces_and_in_long_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("python-http-server", 14), ["python-http-", "server"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn what_is_too_long_is_cut_with_an_ellipsis() {
        assert_eq!(cut("Payments", 8), "Payments");
        assert_eq!(cut("Payments of the shop", 13), "Payments of…");
        assert_eq!(cut("日本語", 5), "日本…");
    }

    #[test]
    fn a_sentence_is_broken_between_words() {
        let text = "  one two three four five six\nshort\n";
        assert_eq!(folded(text, None), text);
        assert_eq!(
            folded(text, Some(24)),
            "  one two three four\n    five six\nshort\n"
        );
        let long = "an --option-that-is-longer-than-the-line stays whole";
        assert_eq!(
            folded(long, Some(20)),
            "an\n  --option-that-is-longer-than-the-line\n  stays whole"
        );
    }
}
