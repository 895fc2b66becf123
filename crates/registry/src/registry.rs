//! The registry: an immutable, indexed set of assignments.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::io::Read;
use std::sync::Arc;

use zerocopy::FromBytes;
use zerocopy::little_endian::U32;

use crate::assignment::Assignment;
use crate::flat::{Head, MAGIC, Parts, PersonCells, Row, Span, TooLarge};
use crate::person::Person;
use crate::{Port, Transport, csv, name};

/// An immutable, indexed set of assignments, read in place from a flat table.
///
/// Cost: opening reads the table's head; a look-up by port or name is a binary search.
#[derive(Clone)]
pub struct Registry {
    table: Table,
}

#[derive(Clone)]
enum Table {
    /// In one piece, used where it lies.
    Flat(Cow<'static, [u8]>),
    /// As it was built in this process.
    Parts(Arc<Parts>),
}

/// The bytes are not a flat table of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a registry table of this version")]
pub struct NotATable;

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Registry({} rows of {})", self.len(), self.date())
    }
}

/// The table's sections.
struct Sections<'a> {
    rows: &'a [Row],
    spans: &'a [Span],
    names: &'a [U32],
    people: &'a [PersonCells],
    heap: &'a [u8],
}

impl Registry {
    /// Opens a table that [`Builder::finish`] made.
    ///
    /// # Errors
    /// [`NotATable`] where head and length do not fit.
    pub fn open(table: impl Into<Cow<'static, [u8]>>) -> Result<Self, NotATable> {
        let table = table.into();
        sections(&table).ok_or(NotATable)?;
        Ok(Self {
            table: Table::Flat(table),
        })
    }

    /// Reads IANA's CSV form and indexes it.
    ///
    /// # Errors
    /// The first thing that is not as the registry has it, with line and column.
    pub fn from_csv(mut input: impl Read) -> Result<Self, csv::Error> {
        let mut bytes = Vec::new();
        input
            .read_to_end(&mut bytes)
            .map_err(|error| csv::Error::Read(error.into()))?;
        Ok(Self::of_parts(csv::table(bytes)?))
    }

    /// A registry over sections that were made just now.
    pub(crate) fn of_parts(parts: Parts) -> Self {
        Self {
            table: Table::Parts(Arc::new(parts)),
        }
    }

    /// The flat table's bytes, for [`Registry::open`] to take again.
    ///
    /// # Errors
    /// [`TooLarge`] where what was built in this process does not fit one table.
    pub fn table(&self) -> Result<Cow<'_, [u8]>, TooLarge> {
        match &self.table {
            Table::Flat(table) => Ok(Cow::Borrowed(table)),
            Table::Parts(parts) => parts.lay_out().map(Cow::Owned),
        }
    }

    fn sections(&self) -> Sections<'_> {
        match &self.table {
            Table::Flat(table) => sections(table).unwrap_or(Sections {
                rows: &[],
                spans: &[],
                names: &[],
                people: &[],
                heap: &[],
            }),
            Table::Parts(parts) => Sections {
                rows: &parts.rows,
                spans: &parts.spans,
                names: &parts.names,
                people: &parts.people,
                heap: &parts.heap,
            },
        }
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sections().rows.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How new it is, as `YYYY-MM-DD` or `YYYY-MM`.
    #[must_use]
    pub fn date(&self) -> &str {
        let heap = self.sections().heap;
        match &self.table {
            Table::Flat(table) => {
                Head::ref_from_prefix(table).map_or("", |(head, _)| head.date.text(heap))
            }
            Table::Parts(parts) => parts.date.text(heap),
        }
    }

    /// Every row, in the file's order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Assignment<'_>> + Clone {
        let Sections { rows, heap, .. } = self.sections();
        rows.iter().map(move |row| row.view(heap))
    }

    /// Every row whose port or range holds `port`, in the file's order.
    #[must_use]
    pub fn covering(&self, port: Port) -> Vec<Assignment<'_>> {
        let Sections {
            rows, spans, heap, ..
        } = self.sections();
        let end = spans.partition_point(|span| span.first.get() <= port);
        let mut numbers: Vec<u32> = spans[..end]
            .iter()
            .rev()
            .take_while(|span| span.reach.get() >= port)
            .filter(|span| span.last.get() >= port)
            .map(|span| span.row.get())
            .collect();
        numbers.sort_unstable();
        numbers
            .into_iter()
            .filter_map(|n| Some(rows.get(n as usize)?.view(heap)))
            .collect()
    }

    /// The spans that begin at `port` or below, the highest first.
    pub(crate) fn spans_from_below(&self, port: Port) -> impl Iterator<Item = &Span> {
        let spans = self.sections().spans;
        let end = spans.partition_point(|span| span.first.get() <= port);
        spans[..end].iter().rev()
    }

    /// The spans that begin above `port`, the lowest first.
    pub(crate) fn spans_above(&self, port: Port) -> impl Iterator<Item = &Span> {
        let spans = self.sections().spans;
        let start = spans.partition_point(|span| span.first.get() <= port);
        spans[start..].iter()
    }

    /// Whether a row gives a service name to its ports on `transport`. Cost: two fields of it.
    pub(crate) fn assigns(&self, row: u32, transport: Transport) -> bool {
        let row = self.sections().rows.get(row as usize);
        row.is_some_and(|row| row.is_named() && row.covers(transport))
    }

    /// Every row of a service name, case, hyphens and underscores aside, in the file's order.
    #[must_use]
    pub fn named(&self, service_name: &str) -> Vec<Assignment<'_>> {
        let Sections {
            rows, names, heap, ..
        } = self.sections();
        let name_of = |n: &U32| rows.get(n.get() as usize).map_or("", |row| row.name(heap));
        let start =
            names.partition_point(|n| name::compare(name_of(n), service_name) == Ordering::Less);
        let mut numbers: Vec<u32> = names[start..]
            .iter()
            .take_while(|n| name::compare(name_of(n), service_name) == Ordering::Equal)
            .map(|n| n.get())
            .collect();
        numbers.sort_unstable();
        numbers
            .into_iter()
            .filter_map(|n| Some(rows.get(n as usize)?.view(heap)))
            .collect()
    }

    /// Someone to whom contacts and assignees refer; only a registry read from XML knows people.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<Person<'_>> {
        let Sections { people, heap, .. } = self.sections();
        let place = people.partition_point(|person| person.id(heap) < id);
        let person = people.get(place)?.view(heap);
        (person.id == id).then_some(person)
    }

    /// Everyone whom the registry knows, by id.
    pub fn people(&self) -> impl ExactSizeIterator<Item = Person<'_>> + Clone {
        let Sections { people, heap, .. } = self.sections();
        people.iter().map(move |person| person.view(heap))
    }

    /// Every distinct service name, by its folded form.
    pub fn service_names(&self) -> impl Iterator<Item = &str> {
        let Sections {
            rows, names, heap, ..
        } = self.sections();
        let mut before = "";
        names
            .iter()
            .filter_map(move |n| Some(rows.get(n.get() as usize)?.name(heap)))
            .filter(move |name| std::mem::replace(&mut before, name) != *name)
    }
}

fn sections(table: &[u8]) -> Option<Sections<'_>> {
    let (head, rest) = Head::ref_from_prefix(table).ok()?;
    if head.magic != MAGIC {
        return None;
    }
    let count = |n: U32| n.get() as usize;
    let (rows, rest) = <[Row]>::ref_from_prefix_with_elems(rest, count(head.rows)).ok()?;
    let (spans, rest) = <[Span]>::ref_from_prefix_with_elems(rest, count(head.spans)).ok()?;
    let (names, rest) = <[U32]>::ref_from_prefix_with_elems(rest, count(head.names)).ok()?;
    let (people, heap) =
        <[PersonCells]>::ref_from_prefix_with_elems(rest, count(head.people)).ok()?;
    (heap.len() == count(head.heap)).then_some(Sections {
        rows,
        spans,
        names,
        people,
        heap,
    })
}
