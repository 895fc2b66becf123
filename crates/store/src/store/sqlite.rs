//! SQLite: one connection, and everything about it that another database would do differently.
//!
//! The file is never opened but through SQLite once a connection has it: closing any descriptor of
//! it drops the process's locks (fcntl(2)).

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Access, AtFlags, CWD};
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use crate::{Error, Store};

mod file;
mod page;
mod schema;
mod trouble;
mod worker;

use file::{Files, Lock};
pub(crate) use page::Page;
use schema::Schema;
pub(crate) use trouble::Trouble;
use worker::Worker;

/// One connection to one file.
#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    connection: SqliteConnection,
    worker: Worker,
    backup: Option<PathBuf>,
    /// Where writers wait for their turn, and for how long; `None` where nothing is written.
    turns: Option<(Files, Duration)>,
    /// Whether a transaction may be open: one whose future was dropped is rolled back by the next.
    begun: bool,
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Read,
    Write,
}

impl Sqlite {
    pub(crate) async fn open(folder: &Path, patience: Duration) -> Result<Self, Error> {
        let files = Files::of(folder)?;
        files.make_folder()?;
        if !files.has_database()? {
            schema::create(&files, patience).await?;
        }
        files.share(&files.database);
        files.must_be_writable()?;
        let connected = Self::connect(&files.database, Mode::Write, patience).await;
        let mut sqlite = connected.map_err(|trouble| trouble.on(&files.database))?;
        match schema::bring_forward(&mut sqlite, &files, patience).await {
            Ok(backup) => {
                sqlite.backup = backup;
                sqlite.turns = Some((files, patience));
                Ok(sqlite)
            }
            Err(error) => {
                sqlite.close().await;
                Err(error)
            }
        }
    }

    pub(crate) async fn read(folder: &Path, patience: Duration) -> Result<Option<Self>, Error> {
        let files = Files::of(folder)?;
        if !files.has_database()? {
            return Ok(None);
        }
        let mut looked = Self::look(&files.database, Mode::Read, patience).await;
        if matches!(&looked, Err(trouble) if trouble.wants_rollback()) && files.is_writable() {
            // A crash left a journal: what it undoes has to be written.
            looked = Self::look(&files.database, Mode::Write, patience).await;
        }
        let (sqlite, schema) = looked.map_err(|trouble| trouble.on(&files.database))?;
        match schema.is_readable(&files.database) {
            Ok(true) => return Ok(Some(sqlite)),
            Ok(false) => sqlite.close().await,
            Err(error) => {
                sqlite.close().await;
                return Err(error);
            }
        }
        Ok(None)
    }

    /// Connects, and looks which schema there is.
    async fn look(path: &Path, mode: Mode, patience: Duration) -> Result<(Self, Schema), Trouble> {
        let mut sqlite = Self::connect(path, mode, patience).await?;
        match Schema::of(&mut sqlite).await {
            Ok(schema) => Ok((sqlite, schema)),
            Err(trouble) => {
                sqlite.close().await;
                Err(trouble)
            }
        }
    }

    /// Connects, and leaves the file as it is.
    async fn connect(path: &Path, mode: Mode, patience: Duration) -> Result<Self, Trouble> {
        let (worker, name) = Worker::new();
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(mode == Mode::Read)
            .create_if_missing(false)
            .busy_timeout(patience.min(LONGEST_PATIENCE))
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // The file may come from anywhere: nothing that stands in it is run or believed.
            .pragma("trusted_schema", "OFF")
            .pragma("cell_size_check", "ON")
            .thread_name(move |_| name.clone())
            .disable_statement_logging();
        match options.connect().await {
            Ok(connection) => Ok(Self {
                path: path.to_owned(),
                connection,
                worker,
                backup: None,
                turns: None,
                begun: false,
            }),
            Err(error) => {
                worker.ended().await;
                Err(error.into())
            }
        }
    }

    pub(crate) fn backup(&self) -> Option<&Path> {
        self.backup.as_deref()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Waits for the turn to write, which lasts until it is dropped. SQLite lets its waiters sleep
    /// for up to a tenth of a second between two looks at the lock: beside a process that takes
    /// one step right after the other they would hardly ever find it free.
    pub(crate) async fn turn(&self) -> Result<Option<Lock>, Error> {
        match &self.turns {
            Some((files, patience)) => files.lock(*patience).await.map(Some),
            None => Ok(None),
        }
    }

    /// Begins to write: nobody else can from here on, and what is read stays so.
    ///
    /// Not a transaction of sqlx: SQLite ends one by itself when the disk is full, and sqlx then
    /// takes it for open ever after.
    pub(crate) async fn begin_write(&mut self) -> Result<(), Trouble> {
        self.begin("BEGIN IMMEDIATE").await?;
        match Schema::of(self).await? {
            Schema::At(found) if found <= schema::KNOWN => Ok(()),
            Schema::At(found) => Err(Trouble::Newer(found)),
            Schema::Empty | Schema::Foreign => Err(Trouble::Damaged("its tables are gone".into())),
        }
    }

    /// Begins to read: every query sees the same state.
    pub(crate) async fn begin_read(&mut self) -> Result<(), Trouble> {
        self.begin("BEGIN").await
    }

    async fn begin(&mut self, statement: &'static str) -> Result<(), Trouble> {
        if self.begun {
            self.rollback().await;
        }
        self.begun = true;
        sqlx::query(statement).execute(&mut self.connection).await?;
        Ok(())
    }

    pub(crate) async fn commit(&mut self) -> Result<(), Trouble> {
        sqlx::query("COMMIT").execute(&mut self.connection).await?;
        self.begun = false;
        Ok(())
    }

    /// Undoes what was begun. Where that fails, SQLite has done it by itself, or closing does.
    pub(crate) async fn rollback(&mut self) {
        let undone = sqlx::query("ROLLBACK").execute(&mut self.connection).await;
        self.begun = undone.is_err() && self.begun;
    }

    /// Writes the number of the last audit entry into the file's header, at byte 60, big-endian, for
    /// those who only want to know whether something changed.
    ///
    /// Source: <https://www.sqlite.org/fileformat2.html>, section 1.3.
    pub(crate) async fn set_generation(&mut self, number: u64) -> Result<(), Trouble> {
        let number = number & HEADER_MASK;
        sqlx::query(AssertSqlSafe(format!("PRAGMA user_version = {number}")))
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// What stands there, and what stands there when the last entry has this number.
    pub(crate) async fn header_generation(&mut self, number: u64) -> Result<(u64, u64), Trouble> {
        let (found,): (i64,) = sqlx::query_as("PRAGMA user_version")
            .fetch_one(&mut self.connection)
            .await?;
        Ok((found.unsigned_abs(), number & HEADER_MASK))
    }

    pub(crate) async fn close(self) {
        // It cannot fail in a way that matters: what was not committed is undone by the next opening.
        self.connection.close().await.ok();
        self.worker.ended().await;
    }
}

/// Whether the effective user may write a file or folder (access(2)).
fn may_write(path: &Path) -> rustix::io::Result<()> {
    rustix::fs::accessat(CWD, path, Access::WRITE_OK, AtFlags::EACCESS)
}

/// The beginning of the names of the files beside the database.
fn beside(folder: &Path, rest: &str) -> PathBuf {
    folder.join(format!("{}{rest}", Store::FILE))
}

/// Longer than anybody waits; SQLite counts milliseconds in 31 bits.
const LONGEST_PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// The header's field is signed and of 32 bits; only what is not negative is used.
const HEADER_MASK: u64 = 0x7fff_ffff;
