//! Bringing an index to the state after a step, by what the step changed.

use std::collections::BTreeMap;
use std::io::Error;
use std::path::Path;

use portolan_ports::site::Record;

use super::database::Seal;
use super::patch::{Face, Head, MOST, NOWHERE, Patch};
use super::{Index, damaged, write};
use crate::site::content;

/// What a step made of the records, and between which states of the database.
#[derive(Debug)]
pub struct Change {
    /// Before and after; `None` where one is not known.
    states: Option<(Seal, Seal)>,
    /// Each record as the step left it; where there are too many for a patch, only some.
    records: BTreeMap<u64, Record>,
}

impl Change {
    /// So many records are wanted, at most: one more than a patch takes.
    pub(crate) fn new<'r>(
        states: Option<(Seal, Seal)>,
        records: impl Iterator<Item = &'r Record>,
    ) -> Self {
        let mut changed = BTreeMap::new();
        for record in records {
            changed.insert(record.id, record.clone());
            if changed.len() > MOST {
                break;
            }
        }
        Self {
            states,
            records: changed,
        }
    }
}

impl Index {
    /// Brings the index of a folder to the state after a step, by a patch beside it. `false` where that
    /// cannot be done and the index has to be made anew: there is none of the state before, or too much
    /// has changed since it was made.
    ///
    /// It is safe at any time and beside any other process: what does not fit is stale. The database
    /// is not opened.
    ///
    /// Cost: the size of the patch, which is bounded, and a search in the index for each record;
    /// whatever the registry's size. The disk is not waited for.
    ///
    /// # Errors
    /// [`std::io::Error`]; look-ups then ask the database.
    pub fn follow(folder: &Path, change: &Change) -> Result<bool, Error> {
        let Some((before, after)) = change.states else {
            return Ok(false);
        };
        let Ok(index) = Self::at(folder, before) else {
            return Ok(false);
        };
        match index.next(after, change.records.values())? {
            Some(bytes) => write::install_patch(folder, &bytes).map(|()| true),
            None => Ok(false),
        }
    }

    /// The bytes of this index's patch after these records changed, of no database. `None` where they
    /// are too many. For [`Index::of_patched`].
    ///
    /// # Errors
    /// A record that cannot be kept, or an index that is damaged.
    pub fn patch(&self, records: &[Record]) -> Result<Option<Vec<u8>>, Error> {
        self.next(Seal::default(), records.iter())
    }

    fn next<'r>(
        &self,
        state: Seal,
        changed: impl Iterator<Item = &'r Record>,
    ) -> Result<Option<Vec<u8>>, Error> {
        let mut heads: BTreeMap<u64, (Head, Vec<u8>)> = BTreeMap::new();
        for head in self.patch.heads() {
            heads.insert(head.id.get(), (*head, self.patch.text(head)?.to_vec()));
        }
        for record in changed {
            let text = content::write(record)
                .map_err(|because| Error::other(format!("record {}: {because}", record.id)))?;
            let (old_at, old) = match heads.get(&record.id) {
                Some((head, _)) => (head.old_at.get(), head.old),
                None => self.old(record.id)?,
            };
            let head = Head::of(record, old_at, old);
            heads.insert(record.id, (head, text.into_bytes()));
            if heads.len() > MOST {
                return Ok(None);
            }
        }
        Ok(Patch::bytes(
            &self.header,
            state,
            heads.into_values().collect(),
        ))
    }

    /// Where a record lies in the index itself, and by what it is found there.
    fn old(&self, id: u64) -> Result<(u64, Face), Error> {
        let Some(row) = self.number(id)? else {
            return Ok((NOWHERE, Face::default()));
        };
        let record = self.record(row.at.get(), row.length.get())?;
        match record.id == id {
            true => Ok((row.at.get(), Face::of(&record))),
            false => Err(damaged("a number stands for another record")),
        }
    }
}
