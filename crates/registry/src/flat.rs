//! The flat table: a registry as one run of bytes without pointers, read in place.
//!
//! | section | size in bytes | holds |
//! |---|---|---|
//! | head | 36 | magic, counts, the date |
//! | rows | 68 each | ten cells and the typed columns, in file order |
//! | spans | 12 each | ports of every row that has some, by first port |
//! | names | 4 each | row numbers of named rows, by folded name, then name |
//! | people | 30 each | five cells for each person, by id |
//! | heap | the rest | the text of all cells, UTF-8 |
//!
//! All numbers are little-endian and unaligned, so that the table can lie anywhere: in the
//! program's read-only data, where a look-up touches only the pages that it needs, or in memory.

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::assignment::{Assignment, Origin};
use crate::person::Person;
use crate::{PortRange, Transport};

mod index;

/// Changes with every change of the layout.
pub(crate) const MAGIC: [u8; 8] = *b"ptlnreg2";

#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Head {
    pub(crate) magic: [u8; 8],
    pub(crate) rows: U32,
    pub(crate) spans: U32,
    pub(crate) names: U32,
    pub(crate) people: U32,
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
    /// 0 for the file, 1 for the newer source, 2 for a site's own registry.
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
        std::str::from_utf8(self.bytes(heap)).unwrap_or_default()
    }

    /// The text's bytes, unchecked: for comparing.
    pub(crate) fn bytes(self, heap: &[u8]) -> &[u8] {
        let start = self.offset.get() as usize;
        heap.get(start..start + usize::from(self.length.get()))
            .unwrap_or_default()
    }

    /// The text at `start..end` of the heap.
    pub(crate) fn at(start: usize, end: usize) -> Result<Self, TooLarge> {
        let offset = u32::try_from(start).map_err(|_| TooLarge)?;
        let length = u16::try_from(end - start).map_err(|_| TooLarge)?;
        Ok(Self {
            offset: offset.into(),
            length: length.into(),
        })
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
        let origin = match self.origin {
            0 => Origin::File,
            1 => Origin::Newer,
            _ => Origin::Site,
        };
        let cells = self.cells.map(|cell| cell.text(heap));
        Assignment {
            range_of_one: self.has_port == 2,
            ..Assignment::new(cells, ports, transport, origin)
        }
    }

    pub(crate) fn is_named(&self) -> bool {
        self.cells[0].length.get() > 0
    }

    /// As [`Assignment::covers`].
    pub(crate) fn covers(&self, transport: Transport) -> bool {
        self.transport == 0 || self.transport == transport as u8 + 1
    }

    pub(crate) fn name<'a>(&self, heap: &'a [u8]) -> &'a str {
        self.cells[0].text(heap)
    }

    fn name_bytes<'a>(&self, heap: &'a [u8]) -> &'a [u8] {
        self.cells[0].bytes(heap)
    }
}

/// Someone whom the registry knows, as cells.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct PersonCells {
    cells: [Cell; 5],
}

impl PersonCells {
    pub(crate) fn id<'a>(&self, heap: &'a [u8]) -> &'a str {
        self.cells[0].text(heap)
    }

    pub(crate) fn view<'a>(&self, heap: &'a [u8]) -> Person<'a> {
        let [id, name, organisation, uri, updated] = self.cells.map(|cell| cell.text(heap));
        Person {
            id,
            name,
            organisation,
            uri,
            updated,
        }
    }
}

/// The sections of a table, each for itself.
pub(crate) struct Parts {
    pub(crate) rows: Vec<Row>,
    pub(crate) spans: Vec<Span>,
    pub(crate) names: Vec<U32>,
    pub(crate) people: Vec<PersonCells>,
    pub(crate) heap: Vec<u8>,
    pub(crate) date: Cell,
}

impl Parts {
    /// All sections in one piece, as [`crate::Registry::open`] takes them.
    pub(crate) fn lay_out(&self) -> Result<Vec<u8>, TooLarge> {
        let count = |n: usize| u32::try_from(n).map(U32::new).map_err(|_| TooLarge);
        let head = Head {
            magic: MAGIC,
            rows: count(self.rows.len())?,
            spans: count(self.spans.len())?,
            names: count(self.names.len())?,
            people: count(self.people.len())?,
            heap: count(self.heap.len())?,
            date: self.date,
            unused: 0.into(),
        };
        let sections = [
            head.as_bytes(),
            self.rows.as_bytes(),
            self.spans.as_bytes(),
            self.names.as_bytes(),
            self.people.as_bytes(),
            &self.heap,
        ];
        Ok(sections.concat())
    }
}

/// Collects rows and lays them out as a flat table.
///
/// Cost: one copy of each text; a text equal to the one before it in its row or to the same
/// column of the row before is kept once.
#[derive(Default)]
pub struct Builder {
    rows: Vec<Row>,
    people: Vec<PersonCells>,
    heap: Vec<u8>,
    newest: Cell,
    newest_text: Vec<u8>,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Builder({} rows)", self.rows.len())
    }
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
    /// An empty table with room for so many rows, and so many bytes of text unless that comes
    /// with [`Builder::lay_over`].
    pub(crate) fn with_room(rows: usize, text: usize) -> Self {
        Self {
            rows: Vec::with_capacity(rows),
            heap: Vec::with_capacity(text),
            ..Self::default()
        }
    }

    /// Makes the text in which the cells lie the heap: a file, and what was added behind it.
    pub(crate) fn lay_over(&mut self, file: Vec<u8>, added: &[u8]) {
        self.heap = file;
        self.heap.extend_from_slice(added);
    }

    /// Adds a row at the end.
    ///
    /// # Errors
    /// [`TooLarge`] where the texts no longer fit.
    pub fn push(&mut self, row: &Assignment<'_>) -> Result<(), TooLarge> {
        let before = self.rows.last().map_or([Cell::default(); 10], |r| r.cells);
        let mut cells = [Cell::default(); 10];
        for index in 0..cells.len() {
            let text = row.cells[index];
            if text.is_empty() {
                continue;
            }
            let same = |cell: Cell| cell.bytes(&self.heap) == text.as_bytes();
            // With the row's own text, not with the copy just written, which would have to be
            // waited for.
            cells[index] = if index > 0 && text == row.cells[index - 1] {
                cells[index - 1]
            } else if same(before[index]) {
                before[index]
            } else {
                self.keep(text)?
            };
        }
        for place in [4, 5] {
            self.date(cells[place], row.cells[place].as_bytes());
        }
        self.place(cells, row.ports, row.transport, row.range_of_one);
        if let Some(last) = self.rows.last_mut() {
            last.origin = match row.origin {
                Origin::File => 0,
                Origin::Newer => 1,
                Origin::Site => 2,
            };
        }
        Ok(())
    }

    /// Takes note of a date, of which the newest says how new the registry is.
    #[inline]
    pub(crate) fn date(&mut self, cell: Cell, text: &[u8]) {
        let head = |text: &[u8]| text.first_chunk().map(|head| u64::from_be_bytes(*head));
        // Nearly all are older by year or month, which one comparison tells.
        if let (Some(head), Some(newest)) = (head(text), head(&self.newest_text))
            && head < newest
        {
            return;
        }
        if text > self.newest_text.as_slice() {
            self.newest = cell;
            self.newest_text.clear();
            self.newest_text.extend_from_slice(text);
        }
    }

    /// Adds a row whose cells lie in the text.
    pub(crate) fn place(
        &mut self,
        cells: [Cell; 10],
        ports: Option<PortRange>,
        transport: Option<Transport>,
        range_of_one: bool,
    ) {
        let (first, last) = ports.map_or((0, 0), |p| (p.first(), p.last()));
        self.rows.push(Row {
            cells,
            first: first.into(),
            last: last.into(),
            has_port: u8::from(ports.is_some()) + u8::from(range_of_one),
            transport: transport.map_or(0, |t| t as u8 + 1),
            origin: 0,
            unused: 0,
        });
    }

    /// Adds someone to whom `[id]` in contacts and assignees refers.
    ///
    /// # Errors
    /// [`TooLarge`] where the texts no longer fit.
    pub fn person(&mut self, person: &Person<'_>) -> Result<(), TooLarge> {
        let Person {
            id,
            name,
            organisation,
            uri,
            updated,
        } = *person;
        let mut cells = [Cell::default(); 5];
        for (cell, text) in cells.iter_mut().zip([id, name, organisation, uri, updated]) {
            *cell = self.keep(text)?;
        }
        self.people.push(PersonCells { cells });
        Ok(())
    }

    /// Appends a text to the heap.
    pub(crate) fn keep(&mut self, text: &str) -> Result<Cell, TooLarge> {
        let start = self.heap.len();
        let cell = Cell::at(start, start + text.len())?;
        self.heap.extend_from_slice(text.as_bytes());
        Ok(cell)
    }

    /// How many rows it has so far.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Indexes the rows and lays the table out in one piece. `date` says how new the registry is;
    /// without it the newest date of any row does.
    ///
    /// # Errors
    /// [`TooLarge`] where the table no longer fits its offsets.
    pub fn finish(self, date: Option<&str>) -> Result<Vec<u8>, TooLarge> {
        self.parts(date)?.lay_out()
    }

    /// As [`Builder::finish`], each section where it is: one copy less for what stays in memory.
    pub(crate) fn parts(mut self, date: Option<&str>) -> Result<Parts, TooLarge> {
        let date = match date {
            Some(date) => self.keep(date)?,
            None => self.newest,
        };
        let heap = &self.heap;
        // Stable: of two with one id the first is found.
        self.people
            .sort_by(|a, b| a.cells[0].bytes(heap).cmp(b.cells[0].bytes(heap)));
        Ok(Parts {
            spans: self.spans(),
            names: index::names(&self.rows, &self.heap),
            rows: self.rows,
            people: self.people,
            heap: self.heap,
            date,
        })
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
}
