//! The schema: which version a file has, how one is made, and how an older one is brought forward.
//!
//! A new database is made under another name and moved to its place whole. An older one is brought
//! forward one version at a time, each in a transaction. Both happen under a lock, so that whoever
//! is killed in between leaves something that the next one can go on with.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};

use super::file::Files;
use super::{Mode, Sqlite, Trouble, beside};
use crate::{Error, Index};

static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");

/// The newest schema that this program knows.
pub(super) const KNOWN: i64 = 3;

/// More tables, indexes and triggers than any version has.
const MANY: i64 = 1000;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schema {
    /// Nothing.
    Empty,
    /// Tables of something else.
    Foreign,
    /// The tables of this version.
    At(i64),
}

impl Schema {
    pub(super) async fn of(sqlite: &mut Sqlite) -> Result<Self, Trouble> {
        let connection = sqlite.connection();
        // As bytes: what is not UTF-8 in a table's definition ends sqlx's thread by a panic.
        let objects: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "SELECT CAST(name AS BLOB), CAST(COALESCE(sql, '') AS BLOB)
             FROM sqlite_schema LIMIT $1",
        )
        .bind(MANY)
        .fetch_all(&mut *connection)
        .await?;
        let is_text = |bytes: &Vec<u8>| std::str::from_utf8(bytes).is_ok();
        if !objects
            .iter()
            .all(|(name, sql)| is_text(name) && is_text(sql))
        {
            return Err(Trouble::Damaged(
                "its tables are not described in text".into(),
            ));
        }
        if objects.is_empty() {
            return Ok(Self::Empty);
        }
        if !objects.iter().any(|(name, _)| name == b"_sqlx_migrations") {
            return Ok(Self::Foreign);
        }
        let (version,): (Option<i64>,) =
            sqlx::query_as("SELECT MAX(version) FROM _sqlx_migrations")
                .fetch_one(connection)
                .await?;
        let is_own = |name: &[u8]| name == b"_sqlx_migrations" || name.starts_with(b"sqlite_");
        match version {
            Some(version) => Ok(Self::At(version)),
            None if objects.iter().all(|(name, _)| is_own(name)) => Ok(Self::Empty),
            None => Err(Trouble::Damaged(
                "it has tables, and does not say of which version".into(),
            )),
        }
    }

    /// Whether there is something to read.
    pub(super) fn is_readable(self, path: &Path) -> Result<bool, Error> {
        match self {
            Self::Empty => Ok(false),
            Self::At(found) if found > KNOWN => Err(Trouble::Newer(found).on(path)),
            Self::At(_) => Ok(true),
            Self::Foreign => Err(foreign(path)),
        }
    }
}

fn foreign(path: &Path) -> Error {
    Trouble::Damaged("it holds tables of another program".to_owned()).on(path)
}

/// Makes the database of a folder that has none.
pub(super) async fn create(files: &Files, patience: Duration) -> Result<(), Error> {
    let _lock = files.lock(patience).await?;
    if files.has_database()? {
        return Ok(());
    }
    if Index::has_records(&files.folder) {
        return Err(files.lost("is gone"));
    }
    files.make_empty(&files.new)?;
    let made = async {
        let mut sqlite = Sqlite::connect(&files.new, Mode::Write, patience).await?;
        let migrated = migrate(&mut sqlite, None).await;
        sqlite.close().await;
        migrated
    };
    made.await.map_err(|trouble| trouble.on(&files.database))?;
    // Somebody may just have put a backup there; then that is the database.
    files.put(&files.new, &files.database)?;
    Ok(())
}

/// Brings a database to the version of this program; tells the backup, where one was made.
pub(super) async fn bring_forward(
    sqlite: &mut Sqlite,
    files: &Files,
    patience: Duration,
) -> Result<Option<PathBuf>, Error> {
    let told = |trouble: Trouble| trouble.on(&files.database);
    let found = Schema::of(sqlite).await.map_err(told)?;
    let current = match found {
        Schema::Foreign => return Err(foreign(&files.database)),
        Schema::At(version) if version > KNOWN => return Err(told(Trouble::Newer(version))),
        Schema::At(version) => version == KNOWN,
        Schema::Empty => false,
    };
    // It stays in the file; written by this program, it is so already.
    sqlx::query("PRAGMA journal_mode = DELETE")
        .execute(sqlite.connection())
        .await
        .map_err(|error| told(error.into()))?;
    if current {
        return Ok(None);
    }
    let _lock = files.lock(patience).await?;
    let backup = match Schema::of(sqlite).await.map_err(told)? {
        Schema::At(version) if version < KNOWN => Some(back_up(sqlite, files, version).await?),
        Schema::Empty if Index::has_records(&files.folder) => return Err(files.lost("is empty")),
        _ => None,
    };
    migrate(sqlite, None).await.map_err(told)?;
    Ok(backup)
}

/// Up to a version, or to the newest.
pub(super) async fn migrate(sqlite: &mut Sqlite, target: Option<i64>) -> Result<(), Trouble> {
    let connection = sqlite.connection();
    let done = MIGRATOR.run_direct(target, connection, false).await;
    done.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        MigrateError::VersionMissing(version) => Trouble::Newer(version),
        other => Trouble::Damaged(other.to_string()),
    })
}

/// Copies the database beside itself, under a name of its own; where there is such a copy already, which
/// a migration that was interrupted left, that is the backup.
async fn back_up(sqlite: &mut Sqlite, files: &Files, version: i64) -> Result<PathBuf, Error> {
    files.make_empty(&files.copy)?;
    let target = files.copy.to_str().ok_or_else(|| Error::Database {
        path: files.database.clone(),
        because: "its folder's name is not UTF-8".to_owned(),
    })?;
    sqlx::query("VACUUM INTO $1")
        .bind(target)
        .execute(sqlite.connection())
        .await
        .map_err(|error| Trouble::from(error).on(&files.database))?;
    File::open(&files.copy)
        .and_then(|copy| copy.sync_all())
        .map_err(|error| files.told("keep a backup of it", error))?;
    for attempt in 1_u32.. {
        let rest = match attempt {
            1 => format!(".schema-{version}.backup"),
            more => format!(".schema-{version}.backup.{more}"),
        };
        let backup = beside(&files.folder, &rest);
        if files.put(&files.copy, &backup)? {
            return Ok(backup);
        }
        // What cannot be read is none of this program's, and left alone.
        if is_same_copy(&files.copy, &backup).unwrap_or(false) {
            files.remove(&files.copy)?;
            return Ok(backup);
        }
    }
    Err(Error::Database {
        path: files.database.clone(),
        because: "there are too many backups of it".to_owned(),
    })
}

/// Whether two copies hold the same: byte for byte, but for the counters of their headers, which a copy
/// of a copy has counted up.
///
/// Source: <https://www.sqlite.org/fileformat2.html>, section 1.3: file change counter, schema cookie,
/// version-valid-for.
fn is_same_copy(one: &Path, other: &Path) -> io::Result<bool> {
    let about = fs::symlink_metadata(other)?;
    if !about.is_file() || about.len() != fs::metadata(one)?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    let mut blocks = [vec![0; BLOCK], vec![0; BLOCK]];
    let mut left = about.len();
    let mut is_first = true;
    while left > 0 {
        let length = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
        let [a, b] = &mut blocks;
        one.read_exact(&mut a[..length])?;
        other.read_exact(&mut b[..length])?;
        if is_first {
            for block in [&mut *a, &mut *b] {
                for counter in [24..28, 40..44, 92..96] {
                    block[counter].fill(0);
                }
            }
        }
        if a[..length] != b[..length] {
            return Ok(false);
        }
        is_first = false;
        left -= length as u64;
    }
    Ok(true)
}

/// So much is compared at a time.
const BLOCK: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_migration_is_the_known_schema() {
        let versions: Vec<i64> = MIGRATOR.iter().map(|one| one.version).collect();
        assert_eq!(versions, (1..=KNOWN).collect::<Vec<_>>());
    }
}
