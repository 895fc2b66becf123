//! The flat table: a registry as one run of bytes without pointers, read in place.
//!
//! | section | size in bytes | holds |
//! |---|---|---|
//! | head | 32 | magic, counts, the date |
//! | rows | 68 each | ten cells and the typed columns, in file order |
//! | spans | 12 each | ports of every row that has some, by first port |
//! | names | 4 each | row numbers of named rows, by folded name, then name |
//! | heap | the rest | the text of all cells, UTF-8 |
//!
//! All numbers are little-endian and unaligned, so that the table can lie anywhere: in the
//! program's read-only data, where a look-up touches only the pages that it needs, or in memory.

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::assignment::{Assignment, Origin};
use crate::name;
use crate::{PortRange, Transport};

/// Changes with every change of the layout.
pub(crate) const MAGIC: [u8; 8] = *b"ptlnreg1";

#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Head {
    pub(crate) magic: [u8; 8],
    pub(crate) rows: U32,
    pub(crate) spans: U32,
    pub(crate) names: U32,
    pub(crate) heap: U32,
    pub(crate) date: Cell,
    pub(crate) unused: U16,
}

/// A text in the heap.
#[derive(Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Cell {
    offset: U32,
    length: U16,
}

#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Row {
    cells: [Cell; 10],
    first: U16,
    last: U16,
    /// 0 without a port, 1 with, 2 with one that the file writes as a range of one.
    has_port: u8,
    /// 0 without one, else 1 + the transport's place in `Transport::ALL`.
    transport: u8,
    /// 0 for the file, 1 for the newer source.
    origin: u8,
    unused: u8,
}

/// The ports of one row. `reach` is the highest `last` of this span and all before it, which
/// bounds how far back a search for the spans around a port has to go.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Span {
    pub(crate) first: U16,
    pub(crate) last: U16,
    pub(crate) reach: U16,
    unused: U16,
    pub(crate) row: U32,
}

impl Cell {
    /// The text; empty where the cell points outside, which no table of ours does.
    pub(crate) fn text(self, heap: &[u8]) -> &str {
        let start = self.offset.get() as usize;
        heap.get(start..start + usize::from(self.length.get()))
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
}

impl Row {
    pub(crate) fn view<'a>(&self, heap: &'a [u8]) -> Assignment<'a> {
        let ports = (self.has_port != 0)
            .then(|| PortRange::new(self.first.get(), self.last.get()))
            .flatten();
        let transport = usize::from(self.transport)
            .checked_sub(1)
            .and_then(|i| Transport::ALL.get(i))
            .copied();
        let origin = if self.origin == 0 {
            Origin::File
        } else {
            Origin::Newer
        };
        let cells = self.cells.map(|cell| cell.text(heap));
        Assignment {
            range_of_one: self.has_port == 2,
            ..Assignment::new(cells, ports, transport, origin)
        }
    }

    pub(crate) fn name<'a>(&self, heap: &'a [u8]) -> &'a str {
        self.cells[0].text(heap)
    }
}

/// Collects rows and lays them out as a flat table.
///
/// Cost: one copy of each text; a text equal to the one before it in its row or to the same
/// column of the row before is kept once.
#[derive(Debug, Default)]
pub struct Builder {
    rows: Vec<Row>,
    heap: Vec<u8>,
    newest: String,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({}-{})", self.first, self.last)
    }
}

/// The table would be larger than its 32-bit offsets reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the registry holds more than 4 GiB of text")]
pub struct TooLarge;

impl Builder {
    /// Adds a row at the end.
    ///
    /// # Errors
    /// [`TooLarge`] where the texts no longer fit.
    pub fn push(&mut self, row: &Assignment<'_>) -> Result<(), TooLarge> {
        let before = self.rows.last().map(|r| r.cells);
        let mut cells = [Cell::default(); 10];
        for index in 0..cells.len() {
            let text = row.cells[index];
            let same = |cell: Cell| cell.text(&self.heap) == text;
            let known = (index > 0)
                .then(|| cells[index - 1])
                .filter(|cell| same(*cell))
                .or_else(|| before.map(|b| b[index]).filter(|cell| same(*cell)));
            cells[index] = match known {
                Some(cell) => cell,
                None => self.keep(text)?,
            };
        }
        for date in [row.cells[4], row.cells[5]] {
            if date > self.newest.as_str() {
                date.clone_into(&mut self.newest);
            }
        }
        let (first, last) = row.ports.map_or((0, 0), |p| (p.first(), p.last()));
        self.rows.push(Row {
            cells,
            first: first.into(),
            last: last.into(),
            has_port: u8::from(row.ports.is_some()) + u8::from(row.range_of_one),
            transport: row.transport.map_or(0, |t| t as u8 + 1),
            origin: u8::from(row.origin == Origin::Newer),
            unused: 0,
        });
        Ok(())
    }

    fn keep(&mut self, text: &str) -> Result<Cell, TooLarge> {
        let offset = u32::try_from(self.heap.len()).map_err(|_| TooLarge)?;
        let length = u16::try_from(text.len()).map_err(|_| TooLarge)?;
        self.heap.extend_from_slice(text.as_bytes());
        Ok(Cell {
            offset: offset.into(),
            length: length.into(),
        })
    }

    /// Lays out the table. `date` says how new the registry is; without it the newest date of
    /// any row does.
    ///
    /// # Errors
    /// [`TooLarge`] where the table no longer fits its offsets.
    pub fn finish(mut self, date: Option<&str>) -> Result<Vec<u8>, TooLarge> {
        let newest = std::mem::take(&mut self.newest);
        let date = self.keep(date.unwrap_or(&newest))?;
        let spans = self.spans();
        let names = self.names();
        let count = |n: usize| u32::try_from(n).map(U32::new).map_err(|_| TooLarge);
        let head = Head {
            magic: MAGIC,
            rows: count(self.rows.len())?,
            spans: count(spans.len())?,
            names: count(names.len())?,
            heap: count(self.heap.len())?,
            date,
            unused: 0.into(),
        };
        let mut table = head.as_bytes().to_vec();
        table.extend_from_slice(self.rows.as_bytes());
        table.extend_from_slice(spans.as_bytes());
        table.extend_from_slice(names.as_bytes());
        table.extend_from_slice(&self.heap);
        Ok(table)
    }

    fn spans(&self) -> Vec<Span> {
        let mut spans: Vec<Span> = (0u32..)
            .zip(&self.rows)
            .filter(|(_, row)| row.has_port != 0)
            .map(|(number, row)| Span {
                first: row.first,
                last: row.last,
                reach: row.last,
                unused: 0.into(),
                row: number.into(),
            })
            .collect();
        spans.sort_by_key(|span| (span.first.get(), span.row.get()));
        let mut reach = 0;
        for span in &mut spans {
            reach = reach.max(span.last.get());
            span.reach = reach.into();
        }
        spans
    }

    fn names(&self) -> Vec<U32> {
        let mut names: Vec<(String, &str, u32)> = (0u32..)
            .zip(&self.rows)
            .map(|(number, row)| (row.name(&self.heap), number))
            .map(|(name, number)| (name::folded(name).collect(), name, number))
            .filter(|(folded, _, _): &(String, _, _)| !folded.is_empty())
            .collect();
        names.sort_unstable();
        names
            .into_iter()
            .map(|(_, _, number)| number.into())
            .collect()
    }
}
