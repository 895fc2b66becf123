//! In which state the database beside an index is, told without SQLite.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::Path;

use super::IndexError;
use super::bytes::Shared;
use crate::{Store, regular};

/// Which database, in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seal {
    /// The generation as the database's header has it.
    pub(super) generation: u32,
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) modified_ns: u64,
    pub(super) length: u64,
}

impl Seal {
    /// The database of a folder; `None` where there is none, or where it is empty.
    ///
    /// A journal beside it says nothing: a step writes the database in its end alone, page 1 with the
    /// generation first. Before that the file is in the state before, and so it is where a writer died
    /// there; after it, generation and time are others. Whoever undoes what a crash left behind writes
    /// the file too, and its time is another.
    ///
    /// The header field is "user version", four bytes at offset 60, big-endian
    /// (<https://www.sqlite.org/fileformat2.html#user_version_number>). To be called only while this
    /// process does not have the database open in SQLite: closing a file drops every POSIX lock that
    /// the process has on it (fcntl(2)).
    pub(super) fn read(folder: &Path) -> Result<Option<Option<Self>>, IndexError> {
        let path = folder.join(Store::FILE);
        let file = match regular::open(&path) {
            Ok(file) => file,
            // Below what is no folder there is nothing either.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(IndexError::unreadable(&path, &error)),
        };
        let unreadable = |error: &_| IndexError::unreadable(&path, error);
        let about = file.metadata().map_err(|error| unreadable(&error))?;
        let mut version = [0; 4];
        match Shared::new(file).read(60, &mut version) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(Some(None)),
            Err(error) => return Err(unreadable(&error)),
        }
        Ok(Some(Some(Self {
            generation: u32::from_be_bytes(version),
            ..Self::of(&about)
        })))
    }

    /// The same of a database whose generation is known; it is not opened.
    pub(crate) fn of_generation(folder: &Path, generation: u64) -> std::io::Result<Self> {
        let about = std::fs::symlink_metadata(folder.join(Store::FILE))?;
        Ok(Self::of(&about).with(generation))
    }

    /// The same file at the same time, in which this is the last entry.
    pub(super) fn with(self, generation: u64) -> Self {
        Self {
            generation: Self::short(generation),
            ..self
        }
    }

    /// A generation as the database's header has it: modulo 2^31.
    pub(super) fn short(generation: u64) -> u32 {
        (generation & 0x7fff_ffff) as u32
    }

    fn of(about: &Metadata) -> Self {
        let modified = about.modified().ok();
        let since = modified.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let (device, inode) = place(about);
        Self {
            generation: 0,
            device,
            inode,
            modified_ns: since.map_or(0, |since| since.as_nanos() as u64),
            length: about.len(),
        }
    }
}

#[cfg(unix)]
fn place(about: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (about.dev(), about.ino())
}

#[cfg(not(unix))]
fn place(_: &Metadata) -> (u64, u64) {
    (0, 0)
}
