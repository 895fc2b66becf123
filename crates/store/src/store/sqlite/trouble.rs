//! What goes wrong, before it is said of a file; and SQLite's codes in the words of [`Error`].
//!
//! Source: <https://www.sqlite.org/rescode.html>.

use std::io;
use std::path::Path;

use portolan_registry::one_line;
use rustix::io::Errno;

use crate::Error;

/// What goes wrong with a database.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The database says so.
    Database(sqlx::Error),
    /// What it holds cannot be.
    Damaged(String),
    /// This was changed by something else than a step.
    Changed(String),
    /// What is asked for cannot be kept.
    Unkept(String),
    /// A newer program has been at it, with this schema.
    Newer(i64),
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl Trouble {
    /// Whether a connection that only reads met a journal that a crash left behind.
    pub(super) fn wants_rollback(&self) -> bool {
        matches!(self, Self::Database(error) if code(error) == Some(READONLY_ROLLBACK))
    }

    /// The error, said of a database.
    pub(crate) fn on(self, path: &Path) -> Error {
        let path = path.to_owned();
        match self {
            Self::Damaged(because) => Error::Damaged { path, because },
            Self::Changed(what) => Error::Changed { path, what },
            Self::Unkept(because) => Error::Database { path, because },
            Self::Newer(found) => Error::Newer {
                path,
                found,
                known: super::schema::KNOWN,
            },
            Self::Database(error) => said(&path, &error),
        }
    }
}

/// The error of a system call on a file of the database, or beside it.
pub(super) fn of_call(path: &Path, what: &str, error: &io::Error) -> Error {
    let path = path.to_owned();
    let errno = Errno::from_io_error(error);
    match errno {
        Some(Errno::NOSPC | Errno::DQUOT) => Error::Full { path },
        Some(Errno::ACCESS | Errno::PERM | Errno::ROFS) => Error::Permission {
            path,
            because: format!("this user may not {what}"),
        },
        _ => Error::Database {
            path,
            because: format!("cannot {what}: {}", one_line(&error.to_string())),
        },
    }
}

fn code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

fn said(path: &Path, error: &sqlx::Error) -> Error {
    let because = match error.as_database_error() {
        Some(error) => one_line(error.message()),
        None => one_line(&error.to_string()),
    };
    let code = code(error);
    let path = path.to_owned();
    match code.map(|code| code & 0xff) {
        Some(BUSY | LOCKED) => Error::Locked { path },
        Some(FULL) => Error::Full { path },
        // SQLite does not say why a journal could not be made or synced.
        Some(CANTOPEN | IOERR) if is_full(&path) => Error::Full { path },
        Some(_) if code == Some(READONLY_ROLLBACK) => Error::Permission {
            path,
            because: "a step was interrupted, and this user may not undo it".to_owned(),
        },
        Some(_) if code == Some(READONLY_DBMOVED) => Error::Database {
            path,
            because: "the file was moved or replaced; try again".to_owned(),
        },
        Some(CANTOPEN) => Error::Permission {
            path,
            because: "this user may not open it".to_owned(),
        },
        Some(PERM | READONLY | AUTH) => Error::Permission {
            path,
            because: "this user may not write it".to_owned(),
        },
        Some(CORRUPT | NOTADB) => Error::Damaged { path, because },
        _ => match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Error::Damaged { path, because }
            }
            _ => Error::Database { path, because },
        },
    }
}

/// Whether the file system has no space or no file left for this user.
fn is_full(path: &Path) -> bool {
    let folder = path.parent().unwrap_or(path);
    rustix::fs::statvfs(folder)
        .is_ok_and(|left| left.f_bavail == 0 || (left.f_files > 0 && left.f_favail == 0))
}

const PERM: i32 = 3;
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READONLY: i32 = 8;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const AUTH: i32 = 23;
const NOTADB: i32 = 26;
const READONLY_ROLLBACK: i32 = 776;
const READONLY_DBMOVED: i32 = 1032;
