//! Taking steps on the site registry: the store, the procedures, and what a request collides with.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;
use portolan_ports::site::{Case, Decision, Fields, Procedure, Record, Refusal, Step, decide};
use portolan_registry::Registry;
use portolan_store::audit::{Audited, Fault, Verified};
use portolan_store::{About, Entry, Error, Found, Index, Store};
use tokio::runtime::{Builder, Runtime};

use crate::Sources;
use crate::suggest::reason::{Reason, Side};
use crate::suggest::{Criteria, check};

/// How long another process's lock is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

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

impl Signature {
    /// The day; the first of all where the time is none.
    fn today(&self) -> Date {
        let day = self.at.split('T').next().unwrap_or_default();
        day.parse().unwrap_or(Date::MIN)
    }

    fn entry(&self, step: &Step) -> Entry {
        Entry {
            at: self.at.clone(),
            by: self.by.clone(),
            step: step.as_str().to_owned(),
            why: self.why.clone(),
        }
    }
}

/// Takes steps on a site registry, each whole or not at all.
#[derive(Debug)]
pub struct Registrar {
    runtime: Runtime,
    store: Store,
    folder: PathBuf,
    procedure: Procedure,
    /// Whether the index could not follow a step, so that it has to be made anew.
    behind: bool,
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
        let runtime = runtime(folder)?;
        let store = runtime.block_on(Store::open(folder, PATIENCE))?;
        Ok(Self {
            runtime,
            store,
            folder: folder.to_owned(),
            procedure,
            behind: false,
        })
    }

    /// Opens it for reading alone; `None` where there is none.
    ///
    /// # Errors
    /// [`Error`].
    pub fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let runtime = runtime(folder)?;
        let store = runtime.block_on(Store::read(folder, PATIENCE))?;
        Ok(store.map(|store| Self {
            runtime,
            store,
            folder: folder.to_owned(),
            procedure: Procedure::default(),
            behind: false,
        }))
    }

    /// The copy that was made of the database before it was brought forward from an older version.
    #[must_use]
    pub fn backup(&self) -> Option<&Path> {
        self.store.backup()
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
        let Self {
            runtime,
            store,
            procedure,
            ..
        } = self;
        let registry = sources.registry;
        let mut decide =
            |found: &Found| decide(&case(step, version, found, signature, procedure, registry));
        let about = about(step, subject);
        let entry = signature.entry(step);
        let taken = runtime.block_on(store.site().step(&about, &entry, &mut decide))?;
        Ok(match taken {
            Ok(decision) => {
                self.follow();
                Outcome::Taken(decision)
            }
            Err(refusal) => Outcome::Refused(refusal),
        })
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
        let steps: Vec<Step> = records
            .into_iter()
            .map(|record| Step::Import(Box::new(record)))
            .collect();
        let Some(first) = steps.first() else {
            return Ok(Ok(Vec::new()));
        };
        let entry = signature.entry(first);
        let abouts: Vec<About> = steps.iter().map(|step| about(step, None)).collect();
        let Self {
            runtime,
            store,
            procedure,
            ..
        } = self;
        let registry = sources.registry;
        let mut decide = |place: usize, found: &Found| {
            let step = &steps[place];
            decide(&case(step, None, found, signature, procedure, registry))
        };
        let taken = runtime.block_on(store.site().steps(&entry, &abouts, &mut decide))?;
        self.follow();
        Ok(taken)
    }

    /// The records that `about` names, by number.
    ///
    /// # Errors
    /// [`Error`].
    pub fn find(&mut self, about: &About) -> Result<Vec<Record>, Error> {
        self.runtime.block_on(self.store.site().find(about))
    }

    /// Every record, by number.
    ///
    /// # Errors
    /// [`Error`].
    pub fn records(&mut self) -> Result<Vec<Record>, Error> {
        self.runtime.block_on(self.store.site().records())
    }

    /// The audit trail, oldest first.
    ///
    /// # Errors
    /// [`Error`].
    pub fn audit(&mut self, record: Option<u64>) -> Result<Vec<Audited>, Error> {
        self.runtime.block_on(self.store.site().audit(record))
    }

    /// Whether the trail and the database are whole, and no two records hold the same.
    ///
    /// # Errors
    /// [`Error`].
    pub fn verify(&mut self) -> Result<Verified, Error> {
        let mut verified = self.runtime.block_on(self.store.site().verify())?;
        // Records that are none are told by the trail already.
        if let Ok(records) = self.records() {
            let found = portolan_ports::site::conflicts(&records);
            let faults = found.into_iter().map(|(id, because)| Fault {
                number: 0,
                because: format!("record {id} is in conflict with another: {because}"),
            });
            verified.faults.splice(0..0, faults);
        }
        Ok(verified)
    }

    /// Has the index follow the last step, if it changed anything: right after it, so that a process
    /// that takes the next one finds the index of its state.
    fn follow(&mut self) {
        if let Some(change) = self.store.site().changed() {
            // Whatever keeps it from that, it is made anew in the end, and that tells why it cannot.
            self.behind = !Index::follow(&self.folder, &change).unwrap_or(false);
        }
    }

    /// Closes the store. Where the index for look-ups could not follow every step, which it cannot after
    /// hundreds of records, it is written anew first. Why it could not be, as one line: look-ups are
    /// slower then, and as right.
    ///
    /// Cost: where it is written anew, all records are read.
    #[must_use]
    pub fn close(mut self) -> Option<String> {
        let complaint = self.behind.then(|| self.index().err()).flatten();
        self.runtime.block_on(self.store.close());
        complaint
    }

    fn index(&mut self) -> Result<(), String> {
        let Self {
            runtime,
            store,
            folder,
            ..
        } = self;
        let told = |error| format!("{}: {error}", folder.display());
        let before = Index::state(folder).map_err(told)?;
        let read = runtime.block_on(async {
            let mut site = store.site();
            Ok::<_, Error>((site.generation().await?, site.records().await?))
        });
        let (generation, records) = read.map_err(|error| error.to_string())?;
        let written = Index::write_of(folder, &before, &records, generation);
        written.map(drop).map_err(told)
    }
}

fn runtime(folder: &Path) -> Result<Runtime, Error> {
    let built = Builder::new_current_thread().enable_time().build();
    built.map_err(|error| Error::Database {
        path: folder.to_owned(),
        because: format!("no runtime starts: {error}"),
    })
}

fn case<'a>(
    step: &'a Step,
    version: Option<u64>,
    found: &'a Found,
    signature: &'a Signature,
    procedure: &'a Procedure,
    registry: &'a Registry,
) -> Case<'a> {
    Case {
        step,
        by: &signature.by,
        why: &signature.why,
        today: signature.today(),
        subject: found.subject.as_ref(),
        version,
        others: &found.others,
        procedure,
        registry,
    }
}

/// Which records a step is decided on.
fn about(step: &Step, subject: Option<u64>) -> About {
    let of = |fields: &Fields| About {
        record: subject,
        name: Some(fields.service_name.clone()).filter(|name| !name.is_empty()),
        ports: fields.ports,
        // Of a record that is there, the others may be in a scope that it is going to leave.
        scope: subject.is_none().then(|| fields.scope.clone()),
    };
    match step {
        Step::Request(fields)
        | Step::Draft(fields)
        | Step::Reuse { fields, .. }
        | Step::ReportUse(fields) => of(fields),
        Step::Modify(fields) => of(fields),
        Step::Import(record) => of(&record.fields),
        Step::Approve { .. }
        | Step::Decline
        | Step::Ask
        | Step::Withdraw
        | Step::Deassign
        | Step::AnnounceRevocation { .. }
        | Step::CompleteRevocation
        | Step::CancelRevocation => About {
            record: subject,
            ..About::default()
        },
    }
}

/// What a request would collide with, and what else whoever asks should know: IANA's registry, what
/// is known, other records, this host's policy, what listens here, where systems take ports
/// themselves. For a name alone there is nothing of a machine to ask. `own` is the record that is
/// asked for, which does not collide with itself. Other records are judged by the request's scope, not
/// by this host.
///
/// Cost: as [`check`], and reads every record of the site registry.
#[must_use]
pub fn conflicts(sources: &Sources<'_>, fields: &Fields, own: Option<u64>) -> Vec<Reason> {
    let Some(ports) = fields.ports else {
        return Vec::new();
    };
    let criteria = Criteria {
        transports: fields.transports.clone(),
        avoid: Vec::new(),
        local: portolan_inspect::local_ranges(),
        scope: Some(fields.scope.clone()),
        own,
    };
    let mut reasons = check(sources, &criteria, ports.first()).reasons;
    reasons.retain(|reason| reason.side != Side::For);
    reasons.sort_by_key(|reason| reason.side);
    reasons
}
