//! The site registry as a source: which records speak of a port of this host.

mod memory;
mod pages;

use std::path::Path;
use std::sync::Mutex;

use elsa::sync::FrozenMap;
use portolan_ports::Gap;
use portolan_ports::site::{Here, Record};
use portolan_registry::{Port, PortRange};

use memory::Memory;
use pages::Pages;

/// A site registry that is read: the index of a database, or records in memory.
///
/// It may be asked of the same port often: what was read is kept.
#[derive(Debug)]
pub struct SiteRegistry {
    here: Here,
    memory: Memory,
    ports: Pages,
    names: FrozenMap<String, Box<[Record]>>,
    gaps: Mutex<Vec<Gap>>,
}

impl SiteRegistry {
    /// The site registry of a folder of state, for this host; `None` where there is none.
    ///
    /// Where its index is stale the database is read, and the index written anew where that is
    /// permitted; no thread runs any more when it returns.
    ///
    /// # Errors
    /// What could not be read, as one line.
    pub fn open(folder: &Path, here: Here) -> Result<Option<Self>, String> {
        let _ = (folder, here);
        todo!("open")
    }

    /// These records, as read from a file. Cost: sorts them.
    #[must_use]
    pub fn of(records: Vec<Record>, here: Here) -> Self {
        Self {
            here,
            memory: Memory::new(records),
            ports: Pages::new(),
            names: FrozenMap::new(),
            gaps: Mutex::default(),
        }
    }

    /// This host, as the records name it.
    #[must_use]
    pub fn here(&self) -> &Here {
        &self.here
    }

    /// The records that hold the port, on any transport, and are valid on this host; those that hold
    /// it come first ([`Status::holds`](portolan_ports::site::Status::holds)), then by number.
    pub fn covering(&self, port: Port) -> &[Record] {
        self.ports.get(port, || {
            let (mut found, _) = self.memory.covering(PortRange::single(port), &self.here);
            found.sort_by_key(|record| !record.status.holds());
            found
        })
    }

    /// How many records hold one of these ports on other hosts alone.
    pub fn elsewhere(&self, ports: PortRange) -> u64 {
        self.memory.covering(ports, &self.here).1
    }

    /// The records with this service name, on any host; case and hyphens do not matter.
    pub fn named(&self, name: &str) -> &[Record] {
        match self.names.get(name) {
            Some(found) => found,
            None => self
                .names
                .insert(name.to_owned(), self.memory.named(name).into_boxed_slice()),
        }
    }

    /// Service names near this one, for whoever made a slip.
    pub fn beside(&self, name: &str) -> Vec<String> {
        self.memory.beside(name)
    }

    /// Every record, by number. Cost: reads all of them.
    pub fn records(&self) -> &[Record] {
        self.memory.records()
    }

    /// What could not be read, so far.
    pub fn gaps(&self) -> Vec<Gap> {
        let gaps = self.gaps.lock();
        gaps.unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

#[cfg(test)]
mod tests;
