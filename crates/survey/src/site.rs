//! The site registry as a source: which records speak of a port of this host.

mod database;
mod memory;
mod pages;

use std::cmp::Reverse;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use elsa::sync::FrozenMap;
use portolan_ports::site::{Here, Record};
use portolan_ports::{Gap, Unseen, Why};
use portolan_registry::{Port, PortRange};
use portolan_store::{Index, IndexError, Store};

use memory::Memory;
use pages::{Claimed, Pages};

/// A site registry that is read: the index of a database, or records in memory.
///
/// It may be asked of the same port often: what was read is kept.
#[derive(Debug)]
pub struct SiteRegistry {
    here: Here,
    /// The index, and the folder in which it lies.
    index: Option<(Index, PathBuf)>,
    /// All records, where there is no index, or where it turned out to be damaged.
    memory: OnceLock<Memory>,
    ports: Pages,
    names: FrozenMap<String, Box<[Record]>>,
    all: OnceLock<Vec<Record>>,
    gaps: Mutex<Vec<Gap>>,
}

impl SiteRegistry {
    /// The site registry of a folder of state, for this host; `None` where there is none. One that
    /// cannot be read has no records, and a gap.
    ///
    /// Where its index is stale the database is read, and the index written anew where that is
    /// permitted; no thread runs any more when it returns. `here` is asked where there is one. To be
    /// called only while this process does not have the database open elsewhere (see
    /// [`Index::open`]).
    ///
    /// Cost: as [`Index::open`]; where the index is stale, all records are read.
    #[must_use]
    pub fn open(folder: &Path, here: impl FnOnce() -> Here) -> Option<Self> {
        let read = match Index::open(folder) {
            Ok(index) => return Some(Self::new(Some((index?, folder.to_owned())), here())),
            Err(IndexError::Stale) => database::read(folder),
            Err(error) => Err(unreadable(&error)),
        };
        match read {
            Ok(records) => Some(Self::of(records?, here())),
            Err(gap) => Some(Self::unseen(gap, here())),
        }
    }

    /// Whether a folder has one: also where this user may not look, and where only the index of one is
    /// left. Cost: a stat(2), and where there is none a failed open(2).
    #[must_use]
    pub fn lies_in(folder: &Path) -> bool {
        let found = std::fs::symlink_metadata(folder.join(Store::FILE));
        found.map_or_else(
            |error| {
                let is_none =
                    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
                !is_none || Index::has_records(folder)
            },
            |_| true,
        )
    }

    /// No records, because of this.
    #[must_use]
    pub fn unseen(gap: Gap, here: Here) -> Self {
        let site = Self::of(Vec::new(), here);
        site.note(gap);
        site
    }

    /// These records, as read from a file. Cost: sorts them.
    #[must_use]
    pub fn of(records: Vec<Record>, here: Here) -> Self {
        let site = Self::new(None, here);
        site.memory.get_or_init(|| Memory::new(records));
        site
    }

    fn new(index: Option<(Index, PathBuf)>, here: Here) -> Self {
        Self {
            here,
            index,
            memory: OnceLock::new(),
            ports: Pages::new(),
            names: FrozenMap::new(),
            all: OnceLock::new(),
            gaps: Mutex::default(),
        }
    }

    /// This host, as the records name it.
    #[must_use]
    pub fn here(&self) -> &Here {
        &self.here
    }

    /// The records that hold the port, on any transport, and are valid on this host; those that hold
    /// it come first ([`Status::holds`](portolan_ports::site::Status::holds)), then the narrowest
    /// scope, then by number.
    pub fn covering(&self, port: Port) -> &[Record] {
        &self.claimed(port).here
    }

    /// How many records hold one of these ports on other hosts alone.
    pub fn elsewhere(&self, ports: PortRange) -> u64 {
        match ports.is_single() {
            true => self.claimed(ports.first()).elsewhere,
            false => self.around(ports).1,
        }
    }

    fn claimed(&self, port: Port) -> &Claimed {
        self.ports.get(port, || {
            let (mut here, elsewhere) = self.around(PortRange::single(port));
            // Numbers come last: what lies in a file has others.
            here.sort_by_cached_key(|record| {
                let scope = Reverse(record.fields.scope.clone());
                (!record.status.holds(), scope, record.id)
            });
            Claimed {
                here: here.into_boxed_slice(),
                elsewhere,
            }
        })
    }

    fn around(&self, ports: PortRange) -> (Vec<Record>, u64) {
        self.ask(
            |index| index.covering(ports, &self.here),
            |memory| memory.covering(ports, &self.here),
        )
    }

    /// The records with this service name, on any host; case and hyphens do not matter.
    pub fn named(&self, name: &str) -> &[Record] {
        match self.names.get(name) {
            Some(found) => found,
            None => {
                let found = self.ask(|index| index.named(name), |memory| memory.named(name));
                self.names.insert(name.to_owned(), found.into_boxed_slice())
            }
        }
    }

    /// Service names near this one, for whoever made a slip.
    pub fn beside(&self, name: &str) -> Vec<String> {
        self.ask(|index| index.beside(name), |memory| memory.beside(name))
    }

    /// Every record, by number. Cost: reads all of them.
    pub fn records(&self) -> &[Record] {
        if let Some(memory) = self.memory.get() {
            return memory.records();
        }
        self.all
            .get_or_init(|| self.ask(Index::records, |memory| memory.records().to_vec()))
    }

    /// What could not be read, so far.
    pub fn gaps(&self) -> Vec<Gap> {
        let gaps = self.gaps.lock();
        gaps.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the index says; where it is damaged, the database is asked from then on.
    fn ask<T>(
        &self,
        index: impl FnOnce(&Index) -> Result<T, IndexError>,
        memory: impl FnOnce(&Memory) -> T,
    ) -> T {
        let whole = self.index.as_ref().filter(|_| self.memory.get().is_none());
        let Some((source, folder)) = whole else {
            return memory(self.memory.get_or_init(Memory::default));
        };
        index(source).unwrap_or_else(|_| {
            memory(self.memory.get_or_init(|| match database::read(folder) {
                Ok(records) => Memory::new(records.unwrap_or_default()),
                Err(gap) => {
                    self.note(gap);
                    Memory::default()
                }
            }))
        })
    }

    fn note(&self, gap: Gap) {
        let gaps = self.gaps.lock();
        gaps.unwrap_or_else(PoisonError::into_inner).push(gap);
    }
}

fn unreadable(error: &IndexError) -> Gap {
    let denied = matches!(error, IndexError::Unreadable { denied: true, .. });
    Gap {
        what: Unseen::SiteRegistry,
        why: if denied { Why::Permission } else { Why::Failed },
        detail: format!(
            "{error}, so the site registry is left out; make it readable, or give --state another folder"
        ),
    }
}

#[cfg(test)]
mod tests;
