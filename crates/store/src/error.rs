//! Why something could not be kept or read.

use std::path::PathBuf;

/// Why something could not be kept or read. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has kept the database locked for as long as this one was willing to wait.
    #[error("{} is locked by another process; try again when it is done", path.display())]
    Locked {
        /// The database.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("{}: the disk is full; free space and try again", path.display())]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// A newer program wrote it.
    #[error(
        "{} was written by a newer version (schema {found}, this program knows {known}); update this program",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest one that is known here.
        known: i64,
    },
    /// This user may not.
    #[error("{}: {because}; run it as the user who keeps the registry, or give --state another folder", path.display())]
    Permission {
        /// The database.
        path: PathBuf,
        /// What is not permitted.
        because: String,
    },
    /// What it holds is no record, or no database.
    #[error("{} is damaged: {because}; put a backup in its place", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        because: String,
    },
    /// Something else than a step has changed it, and a step would hide that.
    #[error(
        "{}: {what} was changed by other means; portolan registry audit --verify tells what, then put a backup in its place",
        path.display()
    )]
    Changed {
        /// The database.
        path: PathBuf,
        /// What of it: a record, the end of the audit trail.
        what: String,
    },
    /// Anything else that the database says.
    #[error("{}: {because}", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What it says.
        because: String,
    },
}
