//! The site registry as a file for look-ups: read where it lies, a few bytes of it, without opening
//! the database. It is made from the database after a step, and knows which state it was made of.
//!
//! It is no second truth: one that does not fit the database's header, to the number of the last
//! audit entry, is not read. Its bytes are taken for hostile all the same.

mod bytes;
mod database;
mod form;
mod ports;
mod write;

use std::cmp::Ordering;
use std::fs::File;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use portolan_ports::site::{Here, Record};
use portolan_registry::PortRange;

use crate::site::content;
use bytes::{Bytes, Shared};
use database::Seal;
use form::{Bearer, Header, MOST_RECORD, Name, Sections, Wide, fold, key};

/// The file below a folder of state.
const FILE: &str = "site.index";

/// How the names of files begin that are going to be the index.
const NEW: &str = ".site.index.";

/// How many names [`Index::beside`] tells on each side.
const NEAR: u64 = 16;

/// An index that is as new as the database beside it.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    bytes: Bytes,
    header: Header,
    sections: Sections,
    ports: ports::Table,
    wide: OnceLock<Vec<Wide>>,
}

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
    /// Cost: one failed open(2) where there is no database; else a handful of system calls.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn open(folder: &Path) -> Result<Option<Self>, IndexError> {
        let Some(database) = Seal::read(folder)? else {
            return Ok(None);
        };
        let database = database.ok_or(IndexError::Stale)?;
        let path = folder.join(FILE);
        // Whatever keeps an index from being read, the database can be asked instead.
        let file = File::open(&path).map_err(|_| IndexError::Stale)?;
        let about = file.metadata().map_err(|_| IndexError::Stale)?;
        if !about.is_file() {
            return Err(IndexError::Stale);
        }
        let index = Self::read(path, Bytes::File(Shared::new(file)), about.len())?;
        match index.header.seal() == database {
            true => Ok(Some(index)),
            false => Err(IndexError::Stale),
        }
    }

    /// An index in memory, of whichever database.
    ///
    /// # Errors
    /// [`IndexError::Stale`] where these bytes are none.
    pub fn of(bytes: Vec<u8>) -> Result<Self, IndexError> {
        let length = bytes.len() as u64;
        Self::read(PathBuf::from("an index"), Bytes::Memory(bytes), length)
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

    /// The bytes of an index of these records, of no database. For [`Index::of`].
    ///
    /// # Errors
    /// A record that cannot be kept.
    pub fn bytes(records: &[Record]) -> Result<Vec<u8>, Error> {
        write::bytes(records, 0, Seal::default())
    }

    fn bearers(&self, folded: &str) -> Result<Vec<Record>, Error> {
        let place = self.place(folded)?;
        if folded.is_empty() || place >= self.header.names.get() {
            return Ok(Vec::new());
        }
        let row = self.name(place)?;
        if self.compare(&row, folded)? != Ordering::Equal {
            return Ok(Vec::new());
        }
        let first = row.first_bearer.get();
        let end = first.checked_add(u64::from(row.bearers.get()));
        if end.is_none_or(|end| end > self.header.bearers.get()) {
            return Err(damaged("a name is borne by records that are not there"));
        }
        let at = self.sections.bearers + first * size_of::<Bearer>() as u64;
        let bearers: Vec<Bearer> = self.bytes.rows(at, row.bearers.get() as usize)?;
        let mut records = Vec::new();
        for bearer in bearers {
            let record = self.record(bearer.at.get(), bearer.length.get())?;
            if fold(&record.fields.service_name) == folded {
                records.push(record);
            }
        }
        records.sort_by_key(|record| record.id);
        Ok(records)
    }

    fn around(&self, folded: &str) -> Result<Vec<String>, Error> {
        let place = self.place(folded)?;
        let first = place.saturating_sub(NEAR);
        let last = self.header.names.get().min(place + NEAR);
        let below = (first..place).rev();
        below
            .chain(place..last)
            .map(|place| self.spelled(&self.name(place)?))
            .collect()
    }

    /// Where a name stands among the sorted ones, or would.
    fn place(&self, folded: &str) -> Result<u64, Error> {
        let (mut low, mut high) = (0, self.header.names.get());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.compare(&self.name(middle)?, folded)? {
                Ordering::Less => low = middle + 1,
                Ordering::Equal | Ordering::Greater => high = middle,
            }
        }
        Ok(low)
    }

    fn compare(&self, row: &Name, folded: &str) -> Result<Ordering, Error> {
        match row.key.cmp(&key(folded)) {
            // What is longer than a key, or has a zero in it, is told apart by the whole.
            Ordering::Equal => Ok(fold(&self.spelled(row)?).as_str().cmp(folded)),
            apart => Ok(apart),
        }
    }

    fn name(&self, place: u64) -> Result<Name, Error> {
        self.bytes
            .row(self.sections.names + place * size_of::<Name>() as u64)
    }

    fn spelled(&self, row: &Name) -> Result<String, Error> {
        let bytes = self.slice(
            (self.sections.spelled, self.header.spelled.get()),
            row.spelled_at.get(),
            u64::from(row.spelled_length.get()),
        )?;
        String::from_utf8(bytes).map_err(|_| damaged("a name is no text"))
    }

    fn all(&self) -> Result<Vec<Record>, Error> {
        let heap = self.header.heap.get();
        let bytes = self.slice((self.sections.heap, heap), 0, heap)?;
        let lines = bytes.split(|byte| *byte == b'\n');
        let mut records: Vec<Record> = lines
            .filter(|line| !line.is_empty())
            .map(record_of)
            .collect::<Result<_, _>>()?;
        records.sort_by_key(|record| record.id);
        Ok(records)
    }

    /// The record that lies at a place of the heap.
    fn record(&self, at: u64, length: u32) -> Result<Record, Error> {
        if length > MOST_RECORD {
            return Err(damaged("a record is larger than 1 MiB"));
        }
        let heap = (self.sections.heap, self.header.heap.get());
        record_of(&self.slice(heap, at, u64::from(length))?)
    }

    /// Bytes of a section, which begins at `begin` and has so many. Nothing is allocated before it is
    /// known that the file has as many.
    fn slice(&self, (begin, size): (u64, u64), at: u64, length: u64) -> Result<Vec<u8>, Error> {
        let end = at.checked_add(length);
        if end.is_none_or(|end| end > size) {
            return Err(damaged("it points behind its own end"));
        }
        let length = usize::try_from(length).map_err(|_| damaged("it is too large"))?;
        let mut bytes = vec![0; length];
        self.bytes.read(begin + at, &mut bytes)?;
        Ok(bytes)
    }

    fn unreadable(&self, error: &Error) -> IndexError {
        IndexError::unreadable(&self.path, error)
    }
}

fn record_of(bytes: &[u8]) -> Result<Record, Error> {
    let text = std::str::from_utf8(bytes).map_err(|_| damaged("a record is no text"))?;
    content::read(text).map_err(|because| damaged(&because))
}

fn damaged(because: &str) -> Error {
    Error::new(ErrorKind::InvalidData, format!("it is damaged: {because}"))
}

#[cfg(test)]
mod tests;
