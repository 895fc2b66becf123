//! The site registry as a source: which records speak of a port of this host.

use std::path::Path;

use portolan_ports::Gap;
use portolan_ports::site::{Here, Record};
use portolan_registry::{Port, PortRange};

/// A site registry that is read: the index of a database, or records in memory.
///
/// It may be asked of the same port often: what was read is kept.
#[derive(Debug)]
pub struct SiteRegistry {
    here: Here,
    _records: Vec<Record>,
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

    /// These records, as read from a file.
    #[must_use]
    pub fn of(records: Vec<Record>, here: Here) -> Self {
        Self {
            here,
            _records: records,
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
        let _ = port;
        todo!("covering")
    }

    /// How many records hold one of these ports on other hosts alone.
    pub fn elsewhere(&self, ports: PortRange) -> u64 {
        let _ = ports;
        todo!("elsewhere")
    }

    /// The records with this service name, on any host; case and hyphens do not matter.
    pub fn named(&self, name: &str) -> &[Record] {
        let _ = name;
        todo!("named")
    }

    /// Service names near this one, for whoever made a slip.
    pub fn beside(&self, name: &str) -> Vec<String> {
        let _ = name;
        todo!("beside")
    }

    /// Every record, by number. Cost: reads all of them.
    pub fn records(&self) -> &[Record] {
        todo!("records")
    }

    /// What could not be read, so far.
    pub fn gaps(&self) -> Vec<Gap> {
        todo!("gaps")
    }
}
