//! The site registry, kept.

use std::slice;

use portolan_ports::site::{Decision, Record, Scope};
use portolan_registry::PortRange;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::audit::Verified;
use crate::store::{Sqlite, Trouble};
use crate::{Change, Error, Store};

pub(crate) mod content;
mod find;
mod keep;
mod sound;
mod trail;
mod verify;

/// The site registry of a [`Store`].
#[derive(Debug)]
pub struct Site<'s> {
    store: &'s mut Store,
}

/// Which records are asked for: those that any of these names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The number of a record, and what reuses it.
    pub record: Option<u64>,
    /// A service name, in any case.
    pub name: Option<String>,
    /// Ports: every record that speaks of one of them.
    pub ports: Option<PortRange>,
    /// Where the claim is one host's: what is found by name or ports, and cannot meet this scope
    /// ([`Scope::may_meet`]), may be left out. `None` leaves nothing out.
    pub scope: Option<Scope>,
}

/// The records that a step is decided on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The record on which it is taken.
    pub subject: Option<Record>,
    /// The others.
    pub others: Vec<Record>,
}

/// What the audit trail keeps of a step besides the record: who, when, what, why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, in RFC 3339, UTC, to the second.
    pub at: String,
    /// Who: the login name.
    pub by: String,
    /// What: [`Step::as_str`](portolan_ports::site::Step::as_str).
    pub step: String,
    /// Why, in words.
    pub why: String,
}

impl<'s> Site<'s> {
    pub(crate) fn new(store: &'s mut Store) -> Self {
        Self { store }
    }
}

impl Site<'_> {
    /// Takes a step, in one transaction: finds the records, lets `decide` say what becomes of them,
    /// keeps that with an audit entry for each, and returns it with the numbers and versions given.
    /// What `decide` refuses changes nothing.
    ///
    /// `found` of `decide` holds the subject (`about.record`) and every other record that `about`
    /// names, or that has the subject's name or ports. No other process changes a record in between.
    /// It may be called again where the database wants the transaction repeated.
    ///
    /// # Errors
    /// Every [`Error`]; nothing was changed then.
    pub async fn step<R>(
        &mut self,
        about: &About,
        entry: &Entry,
        decide: &mut (dyn FnMut(&Found) -> Result<Decision, R> + Send),
    ) -> Result<Result<Decision, R>, Error> {
        let mut decide = |_: usize, found: &Found| decide(found);
        let taken = self
            .steps(entry, slice::from_ref(about), &mut decide)
            .await?;
        Ok(match taken {
            Ok(mut decisions) => Ok(decisions.swap_remove(0)),
            Err((_, refused)) => Err(refused),
        })
    }

    /// Takes the same step of many in one transaction: all of them or none, as an import wants it.
    /// Each is decided on what those before it made of the records.
    ///
    /// # Errors
    /// Every [`Error`], and the first refusal with its place; nothing was changed then.
    pub async fn steps<R>(
        &mut self,
        entry: &Entry,
        abouts: &[About],
        decide: &mut (dyn FnMut(usize, &Found) -> Result<Decision, R> + Send),
    ) -> Result<Result<Vec<Decision>, (usize, R)>, Error> {
        let sqlite = self.store.sqlite();
        let _turn = sqlite.turn().await?;
        let taken = keep::take(sqlite, entry, abouts, decide).await;
        if !matches!(taken, Ok(Ok(_))) {
            sqlite.rollback().await;
        }
        let taken = told(sqlite, taken)?;
        Ok(taken.map(|(decisions, change)| {
            self.store.change = change;
            decisions
        }))
    }

    /// What the last step changed, for [`Index::follow`](crate::Index::follow); `None` where it changed
    /// nothing, where it was asked before, and where no step was taken.
    pub fn changed(&mut self) -> Option<Change> {
        self.store.change.take()
    }

    /// The records that `about` names, by number.
    ///
    /// # Errors
    /// Every [`Error`].
    pub async fn find(&mut self, about: &About) -> Result<Vec<Record>, Error> {
        let sqlite = self.store.sqlite();
        let found = find::named(sqlite.connection(), about).await;
        told(sqlite, found)
    }

    /// Every record, by number.
    ///
    /// # Errors
    /// Every [`Error`].
    pub async fn records(&mut self) -> Result<Vec<Record>, Error> {
        let sqlite = self.store.sqlite();
        let found = find::all(sqlite).await;
        told(sqlite, found)
    }

    /// The audit trail, oldest first: of one record, or of all.
    ///
    /// # Errors
    /// Every [`Error`].
    pub async fn audit(
        &mut self,
        record: Option<u64>,
    ) -> Result<Vec<crate::audit::Audited>, Error> {
        let sqlite = self.store.sqlite();
        let found = trail::entries(sqlite, record).await;
        told(sqlite, found)
    }

    /// Computes the whole chain anew, and holds every record against the last entry about it; looks
    /// whether the database's pages, references and schema are as they should be.
    ///
    /// # Errors
    /// Every [`Error`]; what does not fit is no error but in the answer.
    pub async fn verify(&mut self) -> Result<Verified, Error> {
        let sqlite = self.store.sqlite();
        let verified = verify::verify(sqlite).await;
        told(sqlite, verified)
    }

    /// Which state of the registry this is: the number of the last audit entry; 0 where there is
    /// none. The same number stands in the database file's header, where [`Index`](crate::Index)
    /// finds it.
    ///
    /// # Errors
    /// Every [`Error`].
    pub async fn generation(&mut self) -> Result<u64, Error> {
        let sqlite = self.store.sqlite();
        let head = trail::Head::read(sqlite.connection()).await;
        told(sqlite, head.map(|head| head.number))
    }
}

fn told<T>(sqlite: &Sqlite, outcome: Result<T, Trouble>) -> Result<T, Error> {
    outcome.map_err(|trouble| trouble.on(sqlite.path()))
}

/// How many rows are fetched at a time where all are wanted.
const CHUNK: i64 = 4096;

/// The number of the last of these rows, which all follow `after`, each the one before it.
///
/// In a damaged file they may not, whatever was asked for; who went on would never end.
fn last_number(after: i64, rows: &[SqliteRow]) -> Result<i64, Trouble> {
    rows.iter().try_fold(after, |before, row| {
        let number: i64 = row.try_get(0)?;
        match number > before {
            true => Ok(number),
            false => Err(Trouble::Damaged("its rows are out of order".to_owned())),
        }
    })
}

/// A number as databases keep them.
fn stored(number: u64) -> Result<i64, Trouble> {
    i64::try_from(number).map_err(|_| Trouble::Unkept(format!("{number} is too large a number")))
}
