//! The database.

use std::path::Path;
use std::time::Duration;

use crate::site::Site;
use crate::{Change, Error};

mod sqlite;

pub(crate) use sqlite::{Page, Sqlite, Trouble};

/// What is remembered, in whichever database.
#[derive(Debug)]
pub struct Store {
    backend: Backend,
    /// What the last step changed.
    pub(crate) change: Option<Change>,
}

/// The databases there are.
#[derive(Debug)]
enum Backend {
    Sqlite(Sqlite),
}

impl Store {
    /// The file below a folder of state.
    pub const FILE: &'static str = "portolan.db";

    /// Opens the database of a folder for writing; makes folder (mode 0755) and database (0644)
    /// where there are none. One of an older version is brought forward, after a backup beside it.
    /// Another process's lock is waited for, up to `patience`.
    ///
    /// Needs a tokio runtime that has its clock. Starts one thread, which [`Store::close`] ends.
    ///
    /// # Errors
    /// Every [`Error`]; a newer version's database is left as it is.
    pub async fn open(folder: &Path, patience: Duration) -> Result<Self, Error> {
        let sqlite = Sqlite::open(folder, patience).await?;
        Ok(Self {
            backend: Backend::Sqlite(sqlite),
            change: None,
        })
    }

    /// Opens the database of a folder for reading alone; `None` where there is none. One of an older
    /// version is read as it is.
    ///
    /// A step that a crash interrupted is undone first, which takes a user who may write.
    ///
    /// # Errors
    /// As for [`Store::open`].
    pub async fn read(folder: &Path, patience: Duration) -> Result<Option<Self>, Error> {
        let sqlite = Sqlite::read(folder, patience).await?;
        Ok(sqlite.map(|sqlite| Self {
            backend: Backend::Sqlite(sqlite),
            change: None,
        }))
    }

    /// The copy of the database that was made before this opening brought it to the version of this
    /// program; `None` where nothing had to be brought forward.
    #[must_use]
    pub fn backup(&self) -> Option<&Path> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.backup(),
        }
    }

    /// The site registry.
    pub fn site(&mut self) -> Site<'_> {
        Site::new(self)
    }

    /// Closes it, and waits until the thread that worked for it has ended.
    pub async fn close(self) {
        match self.backend {
            Backend::Sqlite(sqlite) => sqlite.close().await,
        }
    }

    /// The only database there is so far; a second one makes this a choice.
    pub(crate) fn sqlite(&mut self) -> &mut Sqlite {
        match &mut self.backend {
            Backend::Sqlite(sqlite) => sqlite,
        }
    }
}
