//! The bytes of an index, read where they lie.

use std::fs::File;
use std::io::{Error, ErrorKind};

use zerocopy::{FromBytes, IntoBytes};

/// The bytes of an index, in a file or in memory.
#[derive(Debug)]
pub(super) enum Bytes {
    File(Shared),
    Memory(Vec<u8>),
}

impl Bytes {
    /// Fills `into` with what lies from `at` on.
    pub(super) fn read(&self, at: u64, into: &mut [u8]) -> Result<(), Error> {
        match self {
            Self::File(file) => file.read(at, into),
            Self::Memory(bytes) => {
                let from = usize::try_from(at).ok();
                let found = from
                    .and_then(|from| bytes.get(from..)?.get(..into.len()))
                    .ok_or(ErrorKind::UnexpectedEof)?;
                into.copy_from_slice(found);
                Ok(())
            }
        }
    }

    /// A row.
    pub(super) fn row<T: FromBytes + IntoBytes>(&self, at: u64) -> Result<T, Error> {
        let mut row = T::new_zeroed();
        self.read(at, row.as_mut_bytes())?;
        Ok(row)
    }

    /// So many rows. The caller has checked that the file has as many.
    pub(super) fn rows<T: FromBytes + IntoBytes + Clone>(
        &self,
        at: u64,
        count: usize,
    ) -> Result<Vec<T>, Error> {
        let mut rows = vec![T::new_zeroed(); count];
        self.read(at, rows.as_mut_slice().as_mut_bytes())?;
        Ok(rows)
    }
}

/// A file that is read at any place, by any thread.
#[cfg(unix)]
#[derive(Debug)]
pub(super) struct Shared(File);

#[cfg(unix)]
impl Shared {
    pub(super) const fn new(file: File) -> Self {
        Self(file)
    }

    pub(super) fn read(&self, at: u64, into: &mut [u8]) -> Result<(), Error> {
        std::os::unix::fs::FileExt::read_exact_at(&self.0, into, at)
    }
}

/// A file that is read at any place, by one thread after the other.
#[cfg(not(unix))]
#[derive(Debug)]
pub(super) struct Shared(std::sync::Mutex<File>);

#[cfg(not(unix))]
impl Shared {
    pub(super) const fn new(file: File) -> Self {
        Self(std::sync::Mutex::new(file))
    }

    pub(super) fn read(&self, at: u64, into: &mut [u8]) -> Result<(), Error> {
        use std::io::{Read, Seek, SeekFrom};
        let mut file = self.0.lock().map_err(|_| ErrorKind::Other)?;
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(into)
    }
}
