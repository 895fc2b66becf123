//! The site registry as a file for look-ups: read where it lies, a few bytes of it, without opening
//! the database. It is made from the database after a step, and knows which state it was made of.

use std::path::Path;

use portolan_ports::site::{Record, Scope};
use portolan_registry::PortRange;

/// An index that is as new as the database beside it.
#[derive(Debug)]
pub struct Index {
    _file: (),
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
    },
}

impl Index {
    /// Opens the index of a folder; `None` where the folder has no database.
    ///
    /// Cost: one failed open(2) where there is no database; else a handful of system calls.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn open(folder: &Path) -> Result<Option<Self>, IndexError> {
        let _ = folder;
        todo!("open")
    }

    /// The records that hold one of `ports` and are valid in one of `scopes`, by number, and how many
    /// hold one in other scopes.
    ///
    /// # Errors
    /// [`IndexError`], also where what is read is no record.
    pub fn covering(
        &self,
        ports: PortRange,
        scopes: &[Scope],
    ) -> Result<(Vec<Record>, u64), IndexError> {
        let _ = (ports, scopes);
        todo!("covering")
    }

    /// The records with this service name, in any scope; case and hyphens do not matter.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn named(&self, name: &str) -> Result<Vec<Record>, IndexError> {
        let _ = name;
        todo!("named")
    }

    /// Service names that begin like `name`, from the neighbourhood of where it would stand; at most
    /// 32. For telling the nearest ones.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn beside(&self, name: &str) -> Result<Vec<String>, IndexError> {
        let _ = name;
        todo!("beside")
    }

    /// Every record, by number.
    ///
    /// # Errors
    /// [`IndexError`].
    pub fn records(&self) -> Result<Vec<Record>, IndexError> {
        todo!("records")
    }

    /// Writes the index of `records`, which are the database's in the state `generation`, into a
    /// folder, whole or not at all.
    ///
    /// # Errors
    /// [`std::io::Error`]; look-ups then ask the database, which is slower and as right.
    pub fn write(folder: &Path, records: &[Record], generation: u64) -> std::io::Result<()> {
        let _ = (folder, records, generation);
        todo!("write")
    }
}
