//! Where the registry is kept, and in which order it is written.
//!
//! ```text
//! STATE/registry/
//!   lock                              held by whoever updates
//!   snapshots/2026-11-20-1a2b3c4d.csv every file ever taken, as it was fetched
//!   snapshots/.incoming               what is being fetched; no snapshot yet
//!   current.flat                      the table that look-ups read
//!   current.toml                      where it came from
//! ```
//!
//! Each file is written beside its place, synced, and renamed into it; then the folder is synced.
//! The snapshot goes first, `current.flat` decides, `current.toml` follows. Names of unfinished
//! files are fixed, so that what a crash left is overwritten by the next update.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use portolan_registry::Registry;
use serde::{Deserialize, Serialize};

use super::Refusal;
use super::installed::{self, Installed};

/// What is remembered of the registry in force.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    /// The address or file it came from.
    pub(super) source: String,
    /// The server's entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) etag: Option<String>,
    /// The server's date, as it wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_modified: Option<String>,
    /// SHA-256 of the snapshot.
    pub(super) sha256: String,
    /// How new the registry is.
    pub(super) date: String,
    /// How many rows it has.
    pub(super) rows: usize,
    /// The day on which it was taken.
    pub(super) fetched: String,
    /// The day on which the source last said that this is what it has.
    pub(super) checked: String,
    /// The snapshot's name.
    pub(super) snapshot: String,
}

/// The most bytes of `current.toml` that are read.
const MOST_RECORD_BYTES: u64 = 1 << 16;

/// The folder, locked for this update.
#[derive(Debug)]
pub(super) struct Folder {
    registry: PathBuf,
    snapshots: PathBuf,
    incoming: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder where it is missing, and locks it. The lock ends with the process.
    pub(super) fn lock(state: &Path) -> Result<Self, Refusal> {
        let registry = state.join("registry");
        let snapshots = registry.join("snapshots");
        fs::create_dir_all(&snapshots).map_err(|e| failed("make the folder", &snapshots, e))?;
        let path = registry.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|e| failed("open", &path, e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Refusal::Busy),
            Err(TryLockError::Error(error)) => return Err(failed("lock", &path, error)),
        }
        Ok(Self {
            incoming: snapshots.join(".incoming"),
            registry,
            snapshots,
            _lock: lock,
        })
    }

    /// What `current.toml` says; `None` where it is missing or makes no sense, which costs no more
    /// than a download.
    pub(super) fn record(&self) -> Option<Record> {
        let file = File::open(self.registry.join("current.toml")).ok()?;
        let mut text = String::new();
        file.take(MOST_RECORD_BYTES)
            .read_to_string(&mut text)
            .ok()?;
        toml::from_str(&text).ok()
    }

    /// The file that is being fetched.
    pub(super) fn incoming(&self) -> &Path {
        &self.incoming
    }

    /// An empty file for what is being fetched.
    pub(super) fn receive(&self) -> Result<File, Refusal> {
        File::create(&self.incoming).map_err(|e| failed("write", &self.incoming, e))
    }

    /// Says which operation on which file failed.
    pub(super) fn failed(&self, doing: &'static str, path: &Path, source: io::Error) -> Refusal {
        failed(doing, path, source)
    }

    /// Puts the fetched registry in force.
    pub(super) fn keep(&self, new: &Registry, record: &Record) -> Result<(), Refusal> {
        // For writing, without which Windows syncs nothing.
        let fetched = File::options()
            .write(true)
            .open(&self.incoming)
            .map_err(|e| failed("open", &self.incoming, e))?;
        let snapshot = self.snapshots.join(&record.snapshot);
        fetched
            .sync_all()
            .map_err(|e| failed("write", &self.incoming, e))?;
        fs::rename(&self.incoming, &snapshot).map_err(|e| failed("write", &snapshot, e))?;
        sync(&self.snapshots)?;
        self.answer_with(new, &record.sha256, &record.checked)?;
        self.remember(record)
    }

    /// Remembers that the source still has the registry in force.
    pub(super) fn confirm(
        &self,
        installed: &Installed,
        today: &str,
        mut record: Record,
    ) -> Result<(), Refusal> {
        let before = self.record();
        if let Some(before) = before.filter(|before| before.sha256 == record.sha256) {
            record.fetched = before.fetched;
            record.snapshot = before.snapshot;
        }
        record.checked = today.to_owned();
        self.answer_with(&installed.registry, installed.sha256(), today)?;
        self.remember(&record)
    }

    fn answer_with(&self, registry: &Registry, sha256: &str, checked: &str) -> Result<(), Refusal> {
        let table = registry.table().map_err(|_| Refusal::TableTooLarge)?;
        let trailer = installed::trailer(&table, sha256, checked);
        self.replace("current.flat", &[&table, &trailer])
    }

    fn remember(&self, record: &Record) -> Result<(), Refusal> {
        let path = self.registry.join("current.toml");
        let text =
            toml::to_string(record).map_err(|e| failed("write", &path, io::Error::other(e)))?;
        let head =
            "# The registry in force. Written by `portolan registry update`; do not edit.\n\n";
        self.replace("current.toml", &[head.as_bytes(), text.as_bytes()])
    }

    /// Writes the parts beside the file, then puts them in its place at once.
    fn replace(&self, name: &str, parts: &[&[u8]]) -> Result<(), Refusal> {
        let path = self.registry.join(name);
        let beside = self.registry.join(format!(".{name}.new"));
        let wrong = |error| failed("write", &path, error);
        let mut file = File::create(&beside).map_err(wrong)?;
        for part in parts {
            file.write_all(part).map_err(wrong)?;
        }
        file.sync_all().map_err(wrong)?;
        fs::rename(&beside, &path).map_err(wrong)?;
        sync(&self.registry)
    }
}

impl Drop for Folder {
    /// What was refused is not kept. Nobody else writes this name while the lock is held.
    fn drop(&mut self) {
        let _gone_already = fs::remove_file(&self.incoming);
    }
}

/// A rename outlives a power failure once its folder is synced.
#[cfg(unix)]
fn sync(folder: &Path) -> Result<(), Refusal> {
    File::open(folder)
        .and_then(|f| f.sync_all())
        .map_err(|e| failed("write", folder, e))
}

/// Windows opens no folder as a file; its journal keeps renames in order.
#[cfg(not(unix))]
fn sync(_folder: &Path) -> Result<(), Refusal> {
    Ok(())
}

fn failed(doing: &'static str, path: &Path, source: io::Error) -> Refusal {
    Refusal::Folder {
        doing,
        path: path.to_path_buf(),
        source,
    }
}
