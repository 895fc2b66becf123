//! Text in aligned columns that fit the terminal.
//!
//! Written here and not taken from a table library because the listing of thousands of sockets
//! is held against `ss` in CPU time, and laying out cells must cost next to nothing.

use unicode_width::UnicodeWidthStr;

use super::{Output, Tone};

/// Rows of cells. The last column takes what room is left and wraps there.
#[derive(Debug)]
pub(crate) struct Columns<const N: usize> {
    heads: [&'static str; N],
    rows: Vec<[(String, Tone); N]>,
}

/// Between two columns.
const GAP: usize = 2;

/// The narrowest that a last column is wrapped to.
const NARROWEST: usize = 16;

impl<const N: usize> Columns<N> {
    /// No rows yet. A column without a head still aligns.
    pub(crate) const fn new(heads: [&'static str; N]) -> Self {
        Self {
            heads,
            rows: Vec::new(),
        }
    }

    /// Adds a row. Cells must be neutral and without line feeds.
    pub(crate) fn push(&mut self, cells: [(String, Tone); N]) {
        self.rows.push(cells);
    }

    /// The rows as lines, each behind `indent` spaces.
    pub(crate) fn text(&self, indent: usize, output: &Output) -> String {
        let mut widths: [usize; N] = self.heads.map(UnicodeWidthStr::width);
        for row in &self.rows {
            for (width, (cell, _)) in widths.iter_mut().zip(row) {
                *width = (*width).max(width_of(cell));
            }
        }
        self.fit(&mut widths, indent, output);
        let mut text = String::new();
        if self.heads.iter().any(|head| !head.is_empty()) {
            let heads = self.heads.map(|head| (head.to_owned(), Tone::Faint));
            put(&mut text, &heads, &widths, indent, output);
        }
        for row in &self.rows {
            put(&mut text, row, &widths, indent, output);
        }
        text
    }

    /// Where the rows are wider than the terminal, takes the excess from the widest columns.
    fn fit(&self, widths: &mut [usize; N], indent: usize, output: &Output) {
        let Some(room) = output.width() else { return };
        let room = room.saturating_sub(indent + GAP * (N - 1));
        loop {
            let total: usize = widths.iter().sum();
            let widest = widths.iter_mut().max();
            match widest {
                Some(width) if total > room && *width > NARROWEST => {
                    *width = NARROWEST.max(*width - (total - room));
                }
                _ => return,
            }
        }
    }
}

/// Most cells are ASCII, whose width is their length.
fn width_of(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.width()
    }
}

/// Puts one row, each cell wrapped to its column's width.
fn put<const N: usize>(
    text: &mut String,
    row: &[(String, Tone); N],
    widths: &[usize; N],
    indent: usize,
    output: &Output,
) {
    let mut wrapped: [Vec<&str>; N] = std::array::from_fn(|i| wrap(&row[i].0, widths[i]));
    let lines = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    for cell in &mut wrapped {
        cell.resize(lines, "");
    }
    for line in 0..lines {
        let start = text.len();
        text.extend(std::iter::repeat_n(' ', indent));
        let mut owed = 0;
        for (i, cell) in wrapped.iter().enumerate() {
            if !cell[line].is_empty() {
                text.extend(std::iter::repeat_n(' ', owed));
                owed = 0;
                text.push_str(&output.paint(row[i].1, cell[line]));
            }
            owed += widths[i].saturating_sub(width_of(cell[line])) + GAP;
        }
        if text.len() == start + indent {
            text.truncate(start);
        }
        text.push('\n');
    }
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
    use super::wrap;

    #[test]
    fn breaks_at_spaces_and_in_long_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("python-http-server", 14), ["python-http-", "server"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap("", 4), [""]);
    }
}
