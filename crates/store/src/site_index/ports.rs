//! From a port to its records.

use std::collections::BTreeSet;
use std::io::Error;
use std::sync::OnceLock;

use portolan_ports::site::{Here, Record};
use portolan_registry::{Port, PortRange};

use super::form::{Entry, PORTS, PortRow, Wide, scope_hash, scope_hashes};
use super::{Index, damaged};

/// So many entries are read at once.
const BLOCK: u32 = 256;

/// The rows of ports, read in pages of 256 and one more, each when it is first asked for.
#[derive(Debug)]
pub(super) struct Table {
    pages: [OnceLock<Box<[PortRow]>>; 256],
}

/// The entries of a port.
#[derive(Clone, Copy)]
struct Slice {
    start: u32,
    /// So many of them hold it; they come first.
    held: u32,
    end: u32,
}

impl Table {
    pub(super) const fn new() -> Self {
        Self {
            pages: [const { OnceLock::new() }; 256],
        }
    }

    fn slice(&self, index: &Index, port: Port) -> Result<Slice, Error> {
        let (page, row) = (usize::from(port >> 8), usize::from(port & 0xff));
        let rows = match self.pages[page].get() {
            Some(rows) => rows,
            None => {
                let first = page as u64 * 256;
                let at = index.sections.ports + first * size_of::<PortRow>() as u64;
                let count = (PORTS - first).min(257) as usize;
                let rows = index.bytes.rows(at, count)?.into_boxed_slice();
                self.pages[page].get_or_init(|| rows)
            }
        };
        let [own, next] = rows
            .get(row..row + 2)
            .and_then(|rows| <&[PortRow; 2]>::try_from(rows).ok())
            .ok_or_else(|| damaged("its rows of ports end too early"))?;
        let slice = Slice {
            start: own.start.get(),
            held: own.held.get(),
            end: next.start.get(),
        };
        let count = slice.end.checked_sub(slice.start);
        let is_whole = count.is_some_and(|count| slice.held <= count)
            && u64::from(slice.end) <= index.header.entries.get();
        is_whole
            .then_some(slice)
            .ok_or_else(|| damaged("its rows of ports are not in order"))
    }
}

/// What is found, each record once though it may speak of many of the ports.
struct Search<'a> {
    index: &'a Index,
    here: &'a Here,
    ports: PortRange,
    hashes: Vec<u32>,
    seen: BTreeSet<u64>,
    found: Vec<Record>,
    elsewhere: u64,
}

pub(super) fn covering(
    index: &Index,
    ports: PortRange,
    here: &Here,
) -> Result<(Vec<Record>, u64), Error> {
    let mut search = Search {
        index,
        here,
        ports,
        hashes: scope_hashes(here),
        seen: BTreeSet::new(),
        found: Vec::new(),
        elsewhere: 0,
    };
    for port in ports.ports() {
        let slice = index.ports.slice(index, port)?;
        match ports.is_single() && slice.end - slice.start > BLOCK {
            true => search.crowd(port, slice)?,
            false => search.each(slice)?,
        }
    }
    for wide in index.wide()? {
        if wide.first.get() <= ports.last() && ports.first() <= wide.last.get() {
            search.entry(&wide.entry, wide.holds.get() != 0)?;
        }
    }
    search.patched(ports)?;
    search.found.sort_by_key(|record| record.id);
    Ok((search.found, search.elsewhere))
}

impl Search<'_> {
    /// Looks at every entry.
    fn each(&mut self, slice: Slice) -> Result<(), Error> {
        let held = slice.start + slice.held;
        let mut next = slice.start;
        while next < slice.end {
            let count = (slice.end - next).min(BLOCK);
            for (entry, place) in self.index.entries(next, count)?.iter().zip(next..) {
                self.entry(entry, place < held)?;
            }
            next += count;
        }
        Ok(())
    }

    /// Finds the entries of the scopes that are valid here among thousands, and counts the others.
    fn crowd(&mut self, port: Port, slice: Slice) -> Result<(), Error> {
        let held = slice.start + slice.held;
        let mut others = u64::from(slice.held);
        for hash in self.hashes.clone() {
            for (from, end, holds) in [(slice.start, held, true), (held, slice.end, false)] {
                let mut next = self.first_of(hash, from, end)?;
                'run: while next < end {
                    let count = (end - next).min(BLOCK);
                    for entry in self.index.entries(next, count)? {
                        if entry.scope.get() != hash {
                            break 'run;
                        }
                        others = others.saturating_sub(u64::from(holds));
                        self.entry(&entry, holds)?;
                    }
                    next += count;
                }
            }
        }
        // Those that the patch replaces are told from it; what was not met above is still counted.
        let replaced = self.index.patch.heads().iter().filter(|head| {
            let old = &head.old;
            old.holds()
                && !old.is_wide()
                && old.meets(PortRange::single(port))
                && self.hashes.binary_search(&old.scope.get()).is_err()
        });
        self.elsewhere += others.saturating_sub(replaced.count() as u64);
        Ok(())
    }

    /// The first entry from `low` to `high` whose scope has this hash, or where it would stand.
    fn first_of(&self, hash: u32, mut low: u32, mut high: u32) -> Result<u32, Error> {
        while low < high {
            let middle = low + (high - low) / 2;
            let entries = self.index.entries(middle, 1)?;
            match entries
                .first()
                .is_some_and(|entry| entry.scope.get() < hash)
            {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        Ok(low)
    }

    /// What the patch has in place of the index.
    fn patched(&mut self, ports: PortRange) -> Result<(), Error> {
        for head in self.index.patch.heads() {
            if !head.now.meets(ports) {
                continue;
            }
            if self.hashes.binary_search(&head.now.scope.get()).is_ok() {
                let record = self.index.patch.record(head)?;
                if self.here.is_in(&record.fields.scope) {
                    self.found.push(record);
                    continue;
                }
            }
            self.elsewhere += u64::from(head.now.holds());
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry, holds: bool) -> Result<(), Error> {
        if self.index.patch.replaces(entry.at.get()) || !self.seen.insert(entry.at.get()) {
            return Ok(());
        }
        if self.hashes.binary_search(&entry.scope.get()).is_ok() {
            let record = self.index.record(entry.at.get(), entry.length.get())?;
            let is_meant = record.status.holds() == holds
                && scope_hash(&record.fields.scope) == entry.scope.get()
                && record.fields.ports.is_some_and(|own| {
                    own.first() <= self.ports.last() && self.ports.first() <= own.last()
                });
            if !is_meant {
                return Err(damaged("a port stands for a record of others"));
            }
            if self.here.is_in(&record.fields.scope) {
                self.found.push(record);
                return Ok(());
            }
        }
        self.elsewhere += u64::from(holds);
        Ok(())
    }
}

impl Index {
    fn entries(&self, from: u32, count: u32) -> Result<Vec<Entry>, Error> {
        let at = self.sections.entries + u64::from(from) * size_of::<Entry>() as u64;
        self.bytes.rows(at, count as usize)
    }

    fn wide(&self) -> Result<&[Wide], Error> {
        if let Some(wide) = self.wide.get() {
            return Ok(wide);
        }
        let count = usize::try_from(self.header.wide.get());
        let count = count.map_err(|_| damaged("it is too large"))?;
        let wide = self.bytes.rows(self.sections.wide, count)?;
        Ok(self.wide.get_or_init(|| wide))
    }
}
