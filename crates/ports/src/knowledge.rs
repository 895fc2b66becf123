//! Curated, cited statements about ports: what really uses them, what to beware of.
//!
//! They lie in one run of bytes that is read in place:
//!
//! | section | size in bytes | holds |
//! |---|---|---|
//! | head | 20 | magic, how many facts, how many of them speak of more than one port, the date's length |
//! | index | 8 each | first port, last port, where the fact lies in the heap; by port |
//! | wide | 4 each | the index's numbers of facts that speak of more than one port |
//! | date | as the head says | the newest day on which a source was opened |
//! | heap | the rest | each fact: its marks, the lengths of its texts, its texts |
//!
//! Numbers are little-endian and unaligned. A look-up reads the index by halving it, the few facts
//! about ranges one by one, and in the heap only what it hands out; nothing is allocated.
//! `build.rs` compiles this file as well, to lay out what the program carries.

use portolan_registry::{Port, PortRange};

pub use crate::fact::{Fact, FactKind, TransportSet};

/// Changes with every change of the layout.
const MAGIC: [u8; 8] = *b"ptlnfct2";
const HEAD: usize = 20;
const ENTRY: usize = 8;
const WIDE: usize = 4;
/// Texts of one fact: area, text, protocol, product, source, its title, checked, disputes.
const TEXTS: usize = 8;
/// Before a fact's texts: transports, kind, the bits below, and a length for each text.
const MARKS: usize = 3 + 2 * TEXTS;
const VERIFIED: u8 = 1;
const FOREMOST: u8 = 2;

/// A set of facts, ordered by port.
///
/// Bytes that [`lay_out`] did not make hold no facts, or fewer; they never panic.
#[derive(Clone, Copy, Debug)]
pub struct Knowledge<'a> {
    table: &'a [u8],
}

/// How many facts of a kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FactCount {
    /// Whose source was opened and says it.
    pub verified: usize,
    /// Whose source was not opened.
    pub unverified: usize,
}

impl FactCount {
    /// Of either sort.
    #[must_use]
    pub const fn all(self) -> usize {
        self.verified + self.unverified
    }

    /// Counts one more.
    pub const fn add(&mut self, fact: &Fact<'_>) {
        if fact.verified {
            self.verified += 1;
        } else {
            self.unverified += 1;
        }
    }
}

impl<'a> Knowledge<'a> {
    /// Facts as [`lay_out`] lays them out. Cost: none.
    #[must_use]
    pub const fn new(table: &'a [u8]) -> Self {
        Self { table }
    }

    /// How many facts there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.sections().index.len() / ENTRY
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Every fact, by first and last port; for the same ports uses first, and what is verified
    /// before what is not.
    pub fn facts(self) -> impl Iterator<Item = Fact<'a>> {
        let sections = self.sections();
        (0..self.len()).filter_map(move |number| sections.fact(number))
    }

    /// Every fact about a port, on any transport, in the order of [`Knowledge::facts`].
    ///
    /// Cost: a binary search, and a look at the bounds of each fact about a range.
    pub fn about(self, port: Port) -> impl Iterator<Item = Fact<'a>> {
        let sections = self.sections();
        // What begins before the port and reaches it is a range; what begins at it holds it.
        let from_before = (0..sections.wide.len() / WIDE)
            .filter_map(move |place| sections.wide_number(place))
            .map(move |number| (number, sections.bounds(number)))
            .take_while(move |(_, ports)| ports.is_some_and(|ports| ports.first() < port))
            .filter(move |(_, ports)| ports.is_some_and(|ports| ports.contains(port)))
            .map(|(number, _)| number);
        let from_it = sections.lower_bound(port)
            ..port
                .checked_add(1)
                .map_or_else(|| self.len(), |next| sections.lower_bound(next));
        from_before
            .chain(from_it)
            .filter_map(move |number| sections.fact(number))
    }

    /// Whether several claim the port: verified uses of it on one transport that name different
    /// products or protocols.
    #[must_use]
    pub fn is_contested(self, port: Port) -> bool {
        let claims = || {
            self.about(port)
                .filter(|fact| fact.verified)
                .filter_map(|fact| Some((fact.transports, fact.claimant()?)))
        };
        claims()
            .enumerate()
            .any(|(number, (transports, claimant))| {
                claims()
                    .take(number)
                    .any(|(others, other)| other != claimant && others.overlaps(transports))
            })
    }

    /// How many facts of a kind there are. Cost: one pass over all of them.
    #[must_use]
    pub fn count(self, kind: FactKind) -> FactCount {
        let mut count = FactCount::default();
        for fact in self.facts().filter(|fact| fact.kind == kind) {
            count.add(&fact);
        }
        count
    }

    /// The day on which a source was last opened: how fresh "nothing on record" is. Empty without
    /// facts.
    #[must_use]
    pub fn date(self) -> &'a str {
        std::str::from_utf8(self.sections().date).unwrap_or_default()
    }

    fn sections(self) -> Sections<'a> {
        Sections::of(self.table).unwrap_or_default()
    }
}

#[derive(Clone, Copy, Default)]
struct Sections<'a> {
    index: &'a [u8],
    wide: &'a [u8],
    date: &'a [u8],
    heap: &'a [u8],
}

impl<'a> Sections<'a> {
    /// `None` where head and length do not fit.
    fn of(table: &'a [u8]) -> Option<Self> {
        let rest = table.strip_prefix(&MAGIC)?;
        let facts = u32_at(rest, 0)? as usize;
        let wide = u32_at(rest, 4)? as usize;
        let date = u32_at(rest, 8)? as usize;
        let (index, rest) = table
            .get(HEAD..)?
            .split_at_checked(facts.checked_mul(ENTRY)?)?;
        let (wide, rest) = rest.split_at_checked(wide.checked_mul(WIDE)?)?;
        let (date, heap) = rest.split_at_checked(date)?;
        Some(Self {
            index,
            wide,
            date,
            heap,
        })
    }

    fn wide_number(self, place: usize) -> Option<usize> {
        Some(u32_at(self.wide, place * WIDE)? as usize)
    }

    fn bounds(self, number: usize) -> Option<PortRange> {
        let at = number.checked_mul(ENTRY)?;
        PortRange::new(u16_at(self.index, at)?, u16_at(self.index, at + 2)?)
    }

    /// The number of the first fact that begins at `port` or after it.
    fn lower_bound(self, port: Port) -> usize {
        let (mut low, mut high) = (0, self.index.len() / ENTRY);
        while low < high {
            let middle = low.midpoint(high);
            match u16_at(self.index, middle * ENTRY) {
                Some(first) if first < port => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    fn fact(self, number: usize) -> Option<Fact<'a>> {
        let ports = self.bounds(number)?;
        let offset = u32_at(self.index, number * ENTRY + 4)? as usize;
        let (marks, mut rest) = self.heap.get(offset..)?.split_at_checked(MARKS)?;
        let mut lengths = marks.get(3..)?.chunks_exact(2);
        let mut text = || {
            let length = u16_at(lengths.next()?, 0)? as usize;
            let (text, after) = rest.split_at_checked(length)?;
            rest = after;
            std::str::from_utf8(text).ok()
        };
        let told = |text: &'a str| (!text.is_empty()).then_some(text);
        Some(Fact {
            ports,
            transports: TransportSet { bits: marks[0] },
            kind: *FactKind::ALL.get(usize::from(marks[1]))?,
            verified: marks[2] & VERIFIED != 0,
            foremost: marks[2] & FOREMOST != 0,
            area: text()?,
            text: text()?,
            protocol: told(text()?),
            product: told(text()?),
            source: text()?,
            source_title: text()?,
            checked: told(text()?),
            disputes: told(text()?),
        })
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// A text is longer than 65,535 bytes, or all are together more than 4 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// Lays facts out for [`Knowledge::new`] to read; their order does not matter. `date` is the
/// newest day on which a source was opened.
///
/// # Errors
/// [`TooLong`].
pub fn lay_out(mut facts: Vec<Fact<'_>>, date: &str) -> Result<Vec<u8>, TooLong> {
    facts.sort_by_key(|fact| {
        let told_first = (!fact.verified, !fact.foremost);
        let rank = (fact.ports, fact.kind, told_first, fact.transports);
        (rank, fact.text, fact.source)
    });
    let number = |value: usize| u32::try_from(value).map_err(|_| TooLong);
    let mut index = Vec::with_capacity(facts.len() * ENTRY);
    let mut wide = Vec::new();
    let mut heap = Vec::new();
    for (place, fact) in facts.iter().enumerate() {
        index.extend(fact.ports.first().to_le_bytes());
        index.extend(fact.ports.last().to_le_bytes());
        index.extend(number(heap.len())?.to_le_bytes());
        if !fact.ports.is_single() {
            wide.extend(number(place)?.to_le_bytes());
        }
        let texts: [&str; TEXTS] = [
            fact.area,
            fact.text,
            fact.protocol.unwrap_or_default(),
            fact.product.unwrap_or_default(),
            fact.source,
            fact.source_title,
            fact.checked.unwrap_or_default(),
            fact.disputes.unwrap_or_default(),
        ];
        heap.extend([
            fact.transports.bits,
            fact.kind as u8,
            u8::from(fact.verified) * VERIFIED + u8::from(fact.foremost) * FOREMOST,
        ]);
        for text in texts {
            let length = u16::try_from(text.len()).map_err(|_| TooLong)?;
            heap.extend(length.to_le_bytes());
        }
        for text in texts {
            heap.extend(text.as_bytes());
        }
    }
    number(heap.len())?;
    let mut table = MAGIC.to_vec();
    for value in [facts.len(), wide.len() / WIDE, date.len()] {
        table.extend(number(value)?.to_le_bytes());
    }
    for section in [index, wide, date.as_bytes().to_vec(), heap] {
        table.extend(section);
    }
    Ok(table)
}
