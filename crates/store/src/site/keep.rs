//! Keeping what a step makes of the records.

use std::collections::HashSet;
use std::path::Path;

use portolan_ports::site::{Decision, Record};
use sqlx::SqliteConnection;

use super::find::{Key, matching, named};
use super::trail::{self, Head};
use super::{About, Entry, Found, content, stored, verify};
use crate::Change;
use crate::audit::Audited;
use crate::site_index::Seal;
use crate::store::{Sqlite, Trouble};

/// The part of [`Site::steps`](super::Site::steps) inside the transaction, which it begins and, if
/// all is well, ends.
pub(super) async fn take<R>(
    sqlite: &mut Sqlite,
    entry: &Entry,
    abouts: &[About],
    decide: &mut (dyn FnMut(usize, &Found) -> Result<Decision, R> + Send),
) -> Result<Result<Taken, (usize, R)>, Trouble> {
    sqlite.begin_write().await?;
    let path = sqlite.path().to_owned();
    let head = Head::held(sqlite).await?;
    let mut keeper = Keeper::new(sqlite.connection(), head).await?;
    let before = keeper.head.number;
    // Nobody else writes the file from the beginning of the transaction to its end.
    let state = state_of(&path, before);
    let mut decisions = Vec::with_capacity(abouts.len());
    for (place, about) in abouts.iter().enumerate() {
        let found = found(keeper.connection, about).await?;
        keeper.hold(&found).await?;
        let mut decision = match decide(place, &found) {
            Ok(decision) => decision,
            Err(refused) => return Ok(Err((place, refused))),
        };
        for record in &mut decision.records {
            keeper.keep(record, entry).await?;
        }
        decisions.push(decision);
    }
    trail::append(keeper.connection, &mut keeper.entries).await?;
    let Head { number, .. } = keeper.head;
    // What changes nothing does not touch the file.
    if number != before {
        sqlite.set_generation(number).await?;
    }
    sqlite.commit().await?;
    let change = (number != before).then(|| {
        let states = state.zip(state_of(&path, number));
        let records = decisions.iter().flat_map(|decision| &decision.records);
        Change::new(states, records)
    });
    Ok(Ok((decisions, change)))
}

/// In which state the database is, its last entry having this number. The file is not opened, which
/// this process must not do while it has it open in SQLite.
fn state_of(database: &Path, number: u64) -> Option<Seal> {
    Seal::of_generation(database.parent()?, number).ok()
}

/// What was decided, and what of it the index has to follow.
type Taken = (Vec<Decision>, Option<Change>);

/// What a step is decided on: what `about` names, and what has the subject's name or ports.
async fn found(connection: &mut SqliteConnection, about: &About) -> Result<Found, Trouble> {
    let mut others = named(connection, about).await?;
    let place = others
        .iter()
        .position(|record| Some(record.id) == about.record);
    let subject = place.map(|place| others.remove(place));
    if let Some(subject) = &subject {
        others.extend(matching(connection, None, &Key::of(subject)).await?);
        others.retain(|record| record.id != subject.id);
        others.sort_by_key(|record| record.id);
        others.dedup_by_key(|record| record.id);
    }
    Ok(Found { subject, others })
}

struct Keeper<'c> {
    connection: &'c mut SqliteConnection,
    head: Head,
    /// Entries that are not in the database yet: nothing reads them before the end, and many at a
    /// time are kept faster.
    entries: Vec<Audited>,
    next_id: u64,
    /// The records that are as their last entry says: held, or kept by this very transaction.
    sound: HashSet<u64>,
}

impl<'c> Keeper<'c> {
    async fn new(connection: &'c mut SqliteConnection, head: Head) -> Result<Self, Trouble> {
        let (last,): (Option<i64>,) = sqlx::query_as("SELECT MAX(id) FROM site_record")
            .fetch_one(&mut *connection)
            .await?;
        let next_id = last.unwrap_or(0).unsigned_abs() + 1;
        Ok(Self {
            connection,
            head,
            entries: Vec::new(),
            next_id,
            sound: HashSet::new(),
        })
    }

    /// Refuses to decide on records that were changed by other means.
    async fn hold(&mut self, found: &Found) -> Result<(), Trouble> {
        let all = found.subject.iter().chain(&found.others);
        let new: Vec<u64> = all
            .map(|record| record.id)
            .filter(|id| !self.sound.contains(id))
            .collect();
        verify::hold_found(self.connection, new.iter().copied()).await?;
        self.sound.extend(new);
        Ok(())
    }

    /// Keeps a record, with its number and version given, and an audit entry about it.
    async fn keep(&mut self, record: &mut Record, entry: &Entry) -> Result<(), Trouble> {
        let before = (record.id != 0).then_some(record.version);
        if before.is_none() {
            record.id = self.next_id;
            self.next_id += 1;
        }
        record.version = record
            .version
            .checked_add(1)
            .ok_or_else(|| Trouble::Unkept(format!("record {} has no next version", record.id)))?;
        let content = content::write(record).map_err(|because| {
            Trouble::Unkept(format!("record {} cannot be kept: {because}", record.id))
        })?;
        let columns = Columns::of(record);
        let query = match before {
            None => sqlx::query(
                "INSERT INTO site_record (id, version, status, name, first_port, last_port, reach,
                                          scope, reuses, content)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            ),
            Some(_) => sqlx::query(
                "UPDATE site_record SET version = $2, status = $3, name = $4, first_port = $5,
                     last_port = $6, reach = $7, scope = $8, reuses = $9, content = $10
                 WHERE id = $1 AND version = $11",
            ),
        };
        let query = query
            .bind(stored(record.id)?)
            .bind(stored(record.version)?)
            .bind(columns.status)
            .bind(&columns.name)
            .bind(columns.first_port)
            .bind(columns.last_port)
            .bind(columns.reach)
            .bind(&columns.scope)
            .bind(record.reuses.map(stored).transpose()?)
            .bind(&content);
        let query = match before {
            None => query,
            Some(version) => query.bind(stored(version)?),
        };
        let kept = query.execute(&mut *self.connection).await?;
        if kept.rows_affected() != 1 {
            return Err(Trouble::Unkept(format!(
                "record {} is no longer as it was read; read it again",
                record.id
            )));
        }
        self.sound.insert(record.id);
        self.entries.push(self.head.next(entry, record.id, content));
        if self.entries.len() == ENTRIES {
            trail::append(self.connection, &mut self.entries).await?;
        }
        Ok(())
    }
}

/// How many entries are kept at a time; each has nine parts, and a query of PostgreSQL no more than
/// 65,535.
const ENTRIES: usize = 100;

/// What a row repeats of its record for searching.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) status: &'static str,
    pub(super) name: Option<String>,
    pub(super) first_port: Option<i64>,
    pub(super) last_port: Option<i64>,
    pub(super) reach: Option<i64>,
    pub(super) scope: String,
}

impl Columns {
    pub(super) fn of(record: &Record) -> Self {
        let Key { name, ports } = Key::of(record);
        Self {
            status: record.status.as_str(),
            name,
            first_port: ports.map(|ports| i64::from(ports.first())),
            last_port: ports.map(|ports| i64::from(ports.last())),
            reach: ports.map(|ports| i64::from(ports.count().next_power_of_two())),
            scope: record.fields.scope.to_string(),
        }
    }
}
