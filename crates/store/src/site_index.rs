//! The site registry as a file for look-ups: read where it lies, a few bytes of it, without opening
//! the database. It is made from the database after a step, and knows which state it was made of.
//!
//! A step need not make it anew: what the last few changed stands in a small patch beside it, and a
//! record there takes the place of the index's own in every answer.
//!
//! It is no second truth: one that does not fit the database's header, to the number of the last
//! audit entry, is not read. Its bytes are taken for hostile all the same.

mod bytes;
mod database;
mod follow;
mod form;
mod names;
mod patch;
mod ports;
mod write;

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use portolan_ports::site::{Here, Record};
use portolan_registry::PortRange;

use crate::regular;
use crate::site::content;
use bytes::{Bytes, Shared};
pub(crate) use database::Seal;
pub use follow::Change;
use form::{Header, MOST_RECORD, Number, Sections, Wide, fold};
use patch::Patch;

/// The file below a folder of state.
const FILE: &str = "site.index";

/// How the names of files begin that are going to be the index or its patch.
const NEW: &str = ".site.index.";

/// How many names [`Index::beside`] tells on each side.
const NEAR: usize = 16;

/// An index that is as new as the database beside it.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    bytes: Bytes,
    header: Header,
    sections: Sections,
    ports: ports::Table,
    wide: OnceLock<Vec<Wide>>,
    /// What came after; empty where nothing did.
    patch: Patch,
}

/// Which file a database is, and when it was last written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State(Seal);

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// There is a database, and the index is missing, of another state, of another form or damaged:
    /// the database has to be asked.
    #[error("the index is not of the database's state")]
    Stale,
    /// Database or index cannot be read.
    #[error("cannot read {path}: {because}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        because: String,
        /// Whether it is for want of a permission.
        denied: bool,
    },
}

impl IndexError {
    fn unreadable(path: &Path, error: &Error) -> Self {
        Self::Unreadable {
            path: path.display().to_string(),
            because: error.to_string(),
            denied: error.kind() == ErrorKind::PermissionDenied,
        }
    }
}

impl Index {
    /// Opens the index of a folder; `None` where the folder has no database.
    ///
    /// To be called only while this process does not have the database open in SQLite: the
    /// database's header is read here, and closing a file drops the process's locks on it.
    ///
    /// Cost: one failed open(2) where there is no database; else a handful of system calls, and three
    /// more where there is a patch.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn open(folder: &Path) -> Result<Option<Self>, IndexError> {
        let Some(database) = Seal::read(folder)? else {
            return match Self::has_records(folder) {
                false => Ok(None),
                // It may just have been made: then it is there to be asked, and else it tells that.
                true => Err(IndexError::Stale),
            };
        };
        let database = database.ok_or(IndexError::Stale)?;
        Self::at(folder, database).map(Some)
    }

    /// Whether an index in a folder has records, of whichever database: then there was one.
    #[must_use]
    pub fn has_records(folder: &Path) -> bool {
        let path = folder.join(FILE);
        let read = || {
            let file = regular::open(&path).ok()?;
            let length = file.metadata().ok()?.len();
            Self::read(path.clone(), Bytes::File(Shared::new(file)), length).ok()
        };
        read().is_some_and(|index| index.header.numbers.get() > 0)
    }

    /// The index of a folder, and its patch where it takes one, if that is of this state.
    fn at(folder: &Path, state: Seal) -> Result<Self, IndexError> {
        let path = folder.join(FILE);
        // Whatever keeps an index from being read, the database can be asked instead.
        let file = regular::open(&path).map_err(|_| IndexError::Stale)?;
        let about = file.metadata().map_err(|_| IndexError::Stale)?;
        let mut index = Self::read(path, Bytes::File(Shared::new(file)), about.len())?;
        if index.header.seal() != state {
            let patch = Patch::read(folder).ok_or(IndexError::Stale)?;
            if patch.seal() != Some(state) || !patch.is_of(&index.header) {
                return Err(IndexError::Stale);
            }
            index.patch = patch;
        }
        Ok(index)
    }

    /// An index in memory, of whichever database.
    ///
    /// # Errors
    /// [`IndexError::Stale`] where these bytes are none.
    pub fn of(bytes: Vec<u8>) -> Result<Self, IndexError> {
        let length = bytes.len() as u64;
        Self::read(PathBuf::from("an index"), Bytes::Memory(bytes), length)
    }

    /// An index in memory with a patch of it, of whichever database.
    ///
    /// # Errors
    /// [`IndexError::Stale`] where the bytes are none, or the patch is of another index.
    pub fn of_patched(bytes: Vec<u8>, patch: Vec<u8>) -> Result<Self, IndexError> {
        let mut index = Self::of(bytes)?;
        let patch = Patch::of(patch).filter(|patch| patch.is_of(&index.header));
        index.patch = patch.ok_or(IndexError::Stale)?;
        Ok(index)
    }

    fn read(path: PathBuf, bytes: Bytes, length: u64) -> Result<Self, IndexError> {
        let header: Header = bytes.row(0).map_err(|_| IndexError::Stale)?;
        let sections = header.check(length).ok_or(IndexError::Stale)?;
        Ok(Self {
            path,
            bytes,
            header,
            sections,
            ports: ports::Table::new(),
            wide: OnceLock::new(),
            patch: Patch::default(),
        })
    }

    /// The records that speak of one of `ports` and are valid here, by number, and how many hold one
    /// on other hosts alone.
    ///
    /// Cost: two reads and one for each record, where few records speak of a port; a few more where
    /// thousands do.
    ///
    /// # Errors
    /// [`IndexError`], also where what is read is no record.
    pub fn covering(
        &self,
        ports: PortRange,
        here: &Here,
    ) -> Result<(Vec<Record>, u64), IndexError> {
        ports::covering(self, ports, here).map_err(|error| self.unreadable(&error))
    }

    /// The records with this service name, in any scope, by number; case and hyphens do not matter.
    ///
    /// Cost: a binary search, and a read for each record.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn named(&self, name: &str) -> Result<Vec<Record>, IndexError> {
        self.bearers(&fold(name))
            .map_err(|error| self.unreadable(&error))
    }

    /// The names around where this one would stand among all, itself included, as they are written;
    /// at most 32. For telling the nearest ones.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn beside(&self, name: &str) -> Result<Vec<String>, IndexError> {
        self.around(&fold(name))
            .map_err(|error| self.unreadable(&error))
    }

    /// Every record, by number.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn records(&self) -> Result<Vec<Record>, IndexError> {
        self.all().map_err(|error| self.unreadable(&error))
    }

    /// Writes the index of `records`, which are the database's in the state `generation`, into a
    /// folder, whole or not at all. The database is not opened.
    ///
    /// Cost: the size of all records, and waiting for the disk.
    ///
    /// # Errors
    /// [`std::io::Error`]; look-ups then ask the database, which is slower and as right.
    pub fn write(folder: &Path, records: &[Record], generation: u64) -> Result<(), Error> {
        let seal = Seal::of_generation(folder, generation)?;
        let bytes = write::bytes(records, generation, seal)?;
        write::install(folder, &bytes)
    }

    /// In which state the database of a folder is, for [`Index::write_of`]. The database is not opened.
    ///
    /// # Errors
    /// [`std::io::Error`]: there is none, or it may not be looked at.
    pub fn state(folder: &Path) -> Result<State, Error> {
        Seal::of_generation(folder, 0).map(State)
    }

    /// [`Index::write`], of records that were read since the database was in the state `before`. Not
    /// written, and `false`, where the database was written since, by whomever: whoever did writes an
    /// index of their own.
    ///
    /// # Errors
    /// As [`Index::write`].
    pub fn write_of(
        folder: &Path,
        before: &State,
        records: &[Record],
        generation: u64,
    ) -> Result<bool, Error> {
        if Self::state(folder)? != *before {
            return Ok(false);
        }
        let seal = before.0.with(generation);
        let bytes = write::bytes(records, generation, seal)?;
        write::install(folder, &bytes).map(|()| true)
    }

    /// The bytes of an index of these records, of no database. For [`Index::of`].
    ///
    /// # Errors
    /// A record that cannot be kept.
    pub fn bytes(records: &[Record]) -> Result<Vec<u8>, Error> {
        write::bytes(records, 0, Seal::default())
    }

    fn all(&self) -> Result<Vec<Record>, Error> {
        let heap = self.header.heap.get();
        let bytes = self.slice((self.sections.heap, heap), 0, heap)?;
        let lines = bytes.split(|byte| *byte == b'\n');
        let own = lines.filter(|line| !line.is_empty()).map(line_of);
        let mut records: BTreeMap<u64, Record> = BTreeMap::new();
        for record in own.chain(self.patch.records()) {
            let record = record?;
            records.insert(record.id, record);
        }
        Ok(records.into_values().collect())
    }

    /// Where a record of the index itself lies.
    fn number(&self, id: u64) -> Result<Option<Number>, Error> {
        let (mut low, mut high) = (0, self.header.numbers.get());
        while low < high {
            let middle = low + (high - low) / 2;
            let at = self.sections.numbers + middle * size_of::<Number>() as u64;
            let row: Number = self.bytes.row(at)?;
            match row.id.get().cmp(&id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Ok(Some(row)),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }

    /// The record that lies at a place of the heap.
    fn record(&self, at: u64, length: u32) -> Result<Record, Error> {
        if length > MOST_RECORD + SUM as u32 {
            return Err(damaged("a record is larger than 1 MiB"));
        }
        let heap = (self.sections.heap, self.header.heap.get());
        line_of(&self.slice(heap, at, u64::from(length))?)
    }

    /// Bytes of a section, which begins at `begin` and has so many. Nothing is allocated before it is
    /// known that the file has as many.
    fn slice(&self, (begin, size): (u64, u64), at: u64, length: u64) -> Result<Vec<u8>, Error> {
        let end = at.checked_add(length);
        if end.is_none_or(|end| end > size) {
            return Err(damaged("it points behind its own end"));
        }
        let length = usize::try_from(length).map_err(|_| damaged("it is too large"))?;
        let mut bytes = Vec::new();
        bytes
            .try_reserve_exact(length)
            .map_err(|_| damaged("it is too large"))?;
        bytes.resize(length, 0);
        self.bytes.read(begin + at, &mut bytes)?;
        Ok(bytes)
    }

    fn unreadable(&self, error: &Error) -> IndexError {
        IndexError::unreadable(&self.path, error)
    }
}

/// The record of a line of the heap: JSON, and its checksum.
fn line_of(line: &[u8]) -> Result<Record, Error> {
    let end = line.len().saturating_sub(SUM);
    let (text, sum) = line.split_at(end);
    match sum == form::line_sum(text).as_bytes() {
        true => record_of(text),
        false => Err(damaged("a record is not as it was written")),
    }
}

/// The length of a record's checksum, in hexadecimal digits.
const SUM: usize = 16;

fn record_of(bytes: &[u8]) -> Result<Record, Error> {
    let text = std::str::from_utf8(bytes).map_err(|_| damaged("a record is no text"))?;
    content::read(text).map_err(|because| damaged(&because))
}

fn damaged(because: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("it is damaged: {because}"))
}

#[cfg(test)]
mod tests;
