//! Taking steps on the site registry: the store, the procedures, and what a request collides with.

use std::path::Path;

use portolan_ports::site::{Decision, Fields, Procedure, Record, Refusal, Step};
use portolan_store::audit::{Audited, Verified};
use portolan_store::{About, Error};

use crate::Sources;
use crate::suggest::reason::Reason;

/// Who takes a step, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// When, in RFC 3339, UTC, to the second.
    pub at: String,
    /// Who: the login name.
    pub by: String,
    /// Why, in words.
    pub why: String,
}

/// Takes steps on a site registry.
#[derive(Debug)]
pub struct Registrar {
    _store: (),
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken, and is kept.
    Taken(Decision),
    /// It was refused, and nothing has changed.
    Refused(Refusal),
}

impl Registrar {
    /// Opens the registry of a folder of state for writing, and makes it where there is none.
    ///
    /// # Errors
    /// [`Error`].
    pub fn open(folder: &Path, procedure: Procedure) -> Result<Self, Error> {
        let _ = (folder, procedure);
        todo!("open")
    }

    /// Opens it for reading alone; `None` where there is none.
    ///
    /// # Errors
    /// [`Error`].
    pub fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let _ = folder;
        todo!("read")
    }

    /// Takes a step on the record with the number `subject`, or a new one. `version` is the one that
    /// whoever takes it has read.
    ///
    /// # Errors
    /// [`Error`]; nothing was changed then.
    pub fn step(
        &mut self,
        sources: &Sources<'_>,
        subject: Option<u64>,
        version: Option<u64>,
        step: &Step,
        signature: &Signature,
    ) -> Result<Outcome, Error> {
        let _ = (sources, subject, version, step, signature);
        todo!("step")
    }

    /// Takes over all of these, or none; the refusal comes with the place of its record.
    ///
    /// # Errors
    /// [`Error`]; nothing was changed then.
    pub fn import(
        &mut self,
        sources: &Sources<'_>,
        records: Vec<Record>,
        signature: &Signature,
    ) -> Result<Result<Vec<Decision>, (usize, Refusal)>, Error> {
        let _ = (sources, records, signature);
        todo!("import")
    }

    /// The records that `about` names, by number.
    ///
    /// # Errors
    /// [`Error`].
    pub fn find(&mut self, about: &About) -> Result<Vec<Record>, Error> {
        let _ = about;
        todo!("find")
    }

    /// Every record, by number.
    ///
    /// # Errors
    /// [`Error`].
    pub fn records(&mut self) -> Result<Vec<Record>, Error> {
        todo!("records")
    }

    /// The audit trail, oldest first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn audit(&mut self, record: Option<u64>) -> Result<Vec<Audited>, Error> {
        let _ = record;
        todo!("audit")
    }

    /// Whether the trail is whole.
    ///
    /// # Errors
    /// [`Error`].
    pub fn verify(&mut self) -> Result<Verified, Error> {
        todo!("verify")
    }

    /// Closes the store; after a step the index for look-ups is written anew first. Why it could not
    /// be, as one line: look-ups are slower then, and as right.
    #[must_use]
    pub fn close(self) -> Option<String> {
        todo!("close")
    }
}

/// What a request would collide with, and what else whoever asks should know: IANA's registry, what
/// is known, other records, this host's policy, what listens here, where systems take ports
/// themselves. For a name alone there is nothing of a machine to ask.
///
/// Cost: as [`suggest::check`](crate::suggest::check).
#[must_use]
pub fn conflicts(sources: &Sources<'_>, fields: &Fields, own: Option<u64>) -> Vec<Reason> {
    let _ = (sources, fields, own);
    todo!("conflicts")
}
