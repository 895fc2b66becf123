//! The database.

use std::path::Path;
use std::time::Duration;

use crate::Error;
use crate::site::Site;

/// What is remembered, in whichever database.
#[derive(Debug)]
pub struct Store {
    _backend: (),
}

impl Store {
    /// The file below a folder of state.
    pub const FILE: &'static str = "portolan.db";

    /// Opens the database of a folder for writing; makes folder and database where there are none.
    /// One of an older version is brought forward, after a backup beside it. Another process's lock
    /// is waited for, up to `patience`.
    ///
    /// # Errors
    /// Every [`Error`]; a newer version's database is left as it is.
    pub async fn open(folder: &Path, patience: Duration) -> Result<Self, Error> {
        let _ = (folder, patience);
        todo!("open")
    }

    /// Opens the database of a folder for reading alone; `None` where there is none. One of an older
    /// version is read as it is.
    ///
    /// # Errors
    /// As for [`Store::open`].
    pub async fn read(folder: &Path, patience: Duration) -> Result<Option<Self>, Error> {
        let _ = (folder, patience);
        todo!("read")
    }

    /// The site registry.
    pub fn site(&mut self) -> Site<'_> {
        todo!("site")
    }

    /// Closes it, and waits until the thread that worked for it has ended.
    pub async fn close(self) {
        todo!("close")
    }
}
