//! The audit trail's rows.

use portolan_registry::one_line;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, SqliteConnection};

use super::{CHUNK, Entry, last_number, stored};
use crate::audit::{Audited, NO_HASH};
use crate::store::{Sqlite, Trouble};

/// The end of the trail, to which the next entry is bound.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// The number of the last entry; 0 where there is none.
    pub(super) number: u64,
    pub(super) hash: String,
}

impl Head {
    /// The end, where it is the one that the file's header tells of: a trail that lost its end is not
    /// gone on with, which would hide the loss.
    ///
    /// # Errors
    /// [`Trouble::Changed`] where it is another, or its last entry was changed.
    pub(super) async fn held(sqlite: &mut Sqlite) -> Result<Self, Trouble> {
        let head = Self::read(sqlite.connection()).await?;
        let (header, expected) = sqlite.header_generation(head.number).await?;
        if header != expected {
            return Err(Trouble::Changed("the end of its audit trail".to_owned()));
        }
        let before = i64::try_from(head.number).unwrap_or(i64::MAX) - 1;
        let last = after_number(sqlite.connection(), None, before).await?;
        let is_whole = |row: &SqliteRow| {
            audited(row).is_ok_and(|entry| {
                entry.number == head.number && entry.expected_hash() == entry.hash
            })
        };
        if head.number > 0 && !last.first().is_some_and(is_whole) {
            return Err(Trouble::Changed("the end of its audit trail".to_owned()));
        }
        Ok(head)
    }

    pub(super) async fn read(connection: &mut SqliteConnection) -> Result<Self, Trouble> {
        let last: Option<(i64, String)> =
            sqlx::query_as("SELECT number, hash FROM site_audit ORDER BY number DESC LIMIT 1")
                .fetch_optional(connection)
                .await?;
        Ok(match last {
            Some((number, hash)) => Self {
                number: number.unsigned_abs(),
                hash,
            },
            None => Self {
                number: 0,
                hash: NO_HASH.to_owned(),
            },
        })
    }

    /// The next entry; this is the end of the trail after it.
    pub(super) fn next(&mut self, entry: &Entry, record: u64, content: String) -> Audited {
        let mut next = Audited {
            number: self.number + 1,
            entry: entry.clone(),
            record,
            content,
            previous: std::mem::take(&mut self.hash),
            hash: String::new(),
        };
        next.hash = next.expected_hash();
        self.number = next.number;
        self.hash.clone_from(&next.hash);
        next
    }
}

/// Keeps entries that follow one another, which leaves none.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    entries: &mut Vec<Audited>,
) -> Result<(), Trouble> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries.drain(..) {
        rows.push((stored(entry.number)?, stored(entry.record)?, entry));
    }
    let mut query = QueryBuilder::new(
        "INSERT INTO site_audit
             (number, taken_at, taken_by, step, why, record, content, previous, hash) ",
    );
    query.push_values(rows, |mut row, (number, record, entry)| {
        row.push_bind(number)
            .push_bind(entry.entry.at)
            .push_bind(entry.entry.by)
            .push_bind(entry.entry.step)
            .push_bind(entry.entry.why)
            .push_bind(record)
            .push_bind(entry.content)
            .push_bind(entry.previous)
            .push_bind(entry.hash);
    });
    query.build().execute(connection).await?;
    Ok(())
}

/// The entries about a record, or all; oldest first.
pub(super) async fn entries(
    sqlite: &mut Sqlite,
    record: Option<u64>,
) -> Result<Vec<Audited>, Trouble> {
    sqlite.begin_read().await?;
    let found = entries_of(sqlite.connection(), record).await;
    sqlite.rollback().await;
    found
}

async fn entries_of(
    connection: &mut SqliteConnection,
    record: Option<u64>,
) -> Result<Vec<Audited>, Trouble> {
    let mut entries = Vec::new();
    let mut after = i64::MIN;
    loop {
        let rows = after_number(connection, record, after).await?;
        if rows.is_empty() {
            return Ok(entries);
        }
        after = last_number(after, &rows)?;
        for row in &rows {
            let entry = audited(row).map_err(|because| {
                Trouble::Damaged(format!("an entry of its audit trail is none: {because}"))
            })?;
            entries.push(entry);
        }
    }
}

/// The next entries after one, as many as are fetched at a time.
pub(super) async fn after_number(
    connection: &mut SqliteConnection,
    record: Option<u64>,
    after: i64,
) -> Result<Vec<SqliteRow>, Trouble> {
    let rows = match record {
        None => sqlx::query(
            "SELECT number, taken_at, taken_by, step, why, record, content, previous, hash
             FROM site_audit WHERE number > $1 ORDER BY number LIMIT $2",
        ),
        Some(_) => sqlx::query(
            "SELECT number, taken_at, taken_by, step, why, record, content, previous, hash
             FROM site_audit WHERE number > $1 AND record = $3 ORDER BY number LIMIT $2",
        ),
    };
    let rows = rows.bind(after).bind(CHUNK);
    let rows = match record {
        None => rows,
        Some(record) => rows.bind(stored(record)?),
    };
    Ok(rows.fetch_all(connection).await?)
}

/// The last entry about a record.
pub(super) async fn last_about(
    connection: &mut SqliteConnection,
    record: u64,
) -> Result<Option<SqliteRow>, Trouble> {
    let row = sqlx::query(
        "SELECT number, taken_at, taken_by, step, why, record, content, previous, hash
         FROM site_audit WHERE record = $1 ORDER BY number DESC LIMIT 1",
    )
    .bind(stored(record)?)
    .fetch_optional(connection)
    .await?;
    Ok(row)
}

/// The number of an entry's row; the database has it as an integer, whatever else the row holds.
pub(super) fn number(row: &SqliteRow) -> Result<i64, Trouble> {
    Ok(row.try_get(0)?)
}

/// The entry of a row.
///
/// # Errors
/// Why it is none, in one line.
pub(super) fn audited(row: &SqliteRow) -> Result<Audited, String> {
    decoded(row).map_err(|error| one_line(&error.to_string()))
}

fn decoded(row: &SqliteRow) -> Result<Audited, sqlx::Error> {
    Ok(Audited {
        // Both are never negative: what a hostile file holds there fits no hash.
        number: row.try_get::<i64, _>(0)?.unsigned_abs(),
        entry: Entry {
            at: row.try_get(1)?,
            by: row.try_get(2)?,
            step: row.try_get(3)?,
            why: row.try_get(4)?,
        },
        record: row.try_get::<i64, _>(5)?.unsigned_abs(),
        content: row.try_get(6)?,
        previous: row.try_get(7)?,
        hash: row.try_get(8)?,
    })
}
