//! Holding the audit trail and the records against each other.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::keep::Columns;
use super::trail::{after_number, audited, last_about, number};
use super::{CHUNK, content, last_number, stored};
use crate::audit::{Audited, Fault, NO_HASH, Verified};
use crate::store::{Sqlite, Trouble};

/// The last entry about a record: its number, the version it left, and its own hash, which stands
/// for the content.
struct Last {
    number: u64,
    version: u64,
    seen: bool,
    content: [u8; 32],
}

/// The work of [`Site::verify`](super::Site::verify), all of it on one state of the database.
///
/// Cost: one pass over the trail, one over the records; some 100 bytes of memory for each record.
pub(super) async fn verify(sqlite: &mut Sqlite) -> Result<Verified, Trouble> {
    sqlite.begin_read().await?;
    let verified = walk(sqlite).await;
    sqlite.rollback().await;
    verified
}

async fn walk(sqlite: &mut Sqlite) -> Result<Verified, Trouble> {
    let mut chain = Chain::new();
    let mut after = i64::MIN;
    loop {
        let rows = after_number(sqlite.connection(), None, after).await?;
        if rows.is_empty() {
            break;
        }
        after = last_number(after, &rows)?;
        for row in &rows {
            match audited(row) {
                Ok(entry) => chain.add(&entry),
                Err(because) => chain.pass_over(number(row)?.unsigned_abs(), &because),
            }
        }
    }
    let (header, expected) = sqlite.header_generation(chain.number).await?;
    if header > expected {
        let because = format!("is missing: by the file's header the last one is {header}");
        chain.fault(chain.number + 1, because);
    } else if header < expected {
        let because = format!("is the last one, which by the file's header is {header}");
        chain.fault(chain.number, because);
    }
    chain.hold_records(sqlite.connection()).await?;
    chain.verified.faults.sort_by_key(|fault| fault.number);
    Ok(chain.verified)
}

struct Chain {
    verified: Verified,
    /// The number of the last entry that was seen.
    number: u64,
    records: HashMap<u64, Last>,
}

impl Chain {
    fn new() -> Self {
        Self {
            verified: Verified {
                head: NO_HASH.to_owned(),
                ..Verified::default()
            },
            number: 0,
            records: HashMap::new(),
        }
    }

    fn fault(&mut self, number: u64, because: impl Into<String>) {
        self.verified.faults.push(Fault {
            number,
            because: because.into(),
        });
    }

    fn add(&mut self, entry: &Audited) {
        let number = entry.number;
        let follows = self.count(number);
        if entry.expected_hash() != entry.hash {
            self.fault(number, "was changed: its hash is not that of what it says");
        }
        // After a hole this cannot hold, and is said already.
        if follows && entry.previous != self.verified.head {
            self.fault(number, "does not follow the entry before it");
        }
        self.verified.head.clone_from(&entry.hash);
        self.note(entry);
    }

    /// Counts an entry that cannot be read.
    fn pass_over(&mut self, number: u64, because: &str) {
        self.count(number);
        self.fault(number, format!("is no entry: {because}"));
    }

    /// Counts an entry; whether it is the next one.
    fn count(&mut self, number: u64) -> bool {
        let expected = self.number + 1;
        if number != expected {
            let because = match number > expected {
                true if number - expected == 1 => "is missing".to_owned(),
                true => format!("is missing, and so are all up to {}", number - 1),
                false => format!("is missing; {number} stands in its place"),
            };
            self.fault(expected, because);
        }
        self.number = number;
        self.verified.entries += 1;
        number == expected
    }

    /// Takes down how the entry left its record.
    fn note(&mut self, entry: &Audited) {
        let number = entry.number;
        let version = match content::read(&entry.content) {
            Ok(record) if record.id == entry.record => record.version,
            Ok(record) => {
                let because = format!("is about record {}, not {}", record.id, entry.record);
                self.fault(number, because);
                record.version
            }
            Err(because) => {
                self.fault(number, format!("holds no record: {because}"));
                return;
            }
        };
        let last = Last {
            number,
            version,
            seen: false,
            content: digest(&entry.content),
        };
        let before = self.records.insert(entry.record, last);
        let expected = before.map_or(1, |before| before.version.saturating_add(1));
        if version != expected {
            self.fault(
                number,
                format!(
                    "leaves record {} in version {version}, which should be {expected}",
                    entry.record
                ),
            );
        }
    }

    async fn hold_records(&mut self, connection: &mut SqliteConnection) -> Result<(), Trouble> {
        let mut after = i64::MIN;
        loop {
            let rows = sqlx::query(
                "SELECT id, version, status, name, first_port, last_port, reach, scope, reuses,
                        content
                 FROM site_record WHERE id > $1 ORDER BY id LIMIT $2",
            )
            .bind(after)
            .bind(CHUNK)
            .fetch_all(&mut *connection)
            .await?;
            if rows.is_empty() {
                break;
            }
            after = last_number(after, &rows)?;
            for row in &rows {
                self.hold(row.try_get::<i64, _>(0)?.unsigned_abs(), row);
            }
        }
        let gone: Vec<(u64, u64)> = self
            .records
            .iter()
            .filter(|(_, last)| !last.seen)
            .map(|(id, last)| (*id, last.number))
            .collect();
        for (id, number) in gone {
            self.fault(number, format!("is about record {id}, which is gone"));
        }
        Ok(())
    }

    /// Holds a record's row against the last entry about it.
    fn hold(&mut self, id: u64, row: &SqliteRow) {
        let Some(last) = self.records.get_mut(&id) else {
            self.fault(
                self.number + 1,
                format!("should tell of record {id}, about which there is no entry"),
            );
            return;
        };
        last.seen = true;
        let number = last.number;
        match repeats(row, &last.content) {
            Ok(true) => {}
            Ok(false) => {
                let because = format!("left record {id} otherwise than its columns have it");
                self.fault(number, because);
            }
            Err(_) => self.fault(number, format!("left record {id} otherwise than it is now")),
        }
    }
}

/// Holds records that a step is decided on against the last entry about each, within the step's
/// transaction: a step on what was changed by other means would give that a whole trail.
///
/// Cost: two look-ups in indexes for each.
///
/// # Errors
/// The first record that is not as its last entry left it, or an entry that was changed.
pub(super) async fn hold_found(
    connection: &mut SqliteConnection,
    records: impl Iterator<Item = u64>,
) -> Result<(), Trouble> {
    for id in records {
        let entry = last_about(connection, id).await?;
        let left = entry.and_then(|row| audited(&row).ok());
        let Some(left) = left.filter(|entry| entry.expected_hash() == entry.hash) else {
            return Err(Trouble::Changed(format!(
                "the last entry about record {id}"
            )));
        };
        let row = sqlx::query(
            "SELECT id, version, status, name, first_port, last_port, reach, scope, reuses, content
             FROM site_record WHERE id = $1",
        )
        .bind(stored(id)?)
        .fetch_one(&mut *connection)
        .await?;
        if !matches!(repeats(&row, &digest(&left.content)), Ok(true)) {
            return Err(Trouble::Changed(format!("record {id}")));
        }
    }
    Ok(())
}

/// A row holds something else than the last entry about its record says.
struct Other;

/// Whether a row's columns repeat its content, which is what the last entry says.
fn repeats(row: &SqliteRow, left: &[u8; 32]) -> Result<bool, Other> {
    let content: &str = row.try_get(9).map_err(|_| Other)?;
    if digest(content) != *left {
        return Err(Other);
    }
    // What its entry holds is said of the entry where it is no record.
    let Ok(record) = content::read(content) else {
        return Ok(true);
    };
    let columns = Columns::of(&record);
    let same = || -> Result<bool, sqlx::Error> {
        Ok(i64::try_from(record.id) == Ok(row.try_get(0)?)
            && i64::try_from(record.version) == Ok(row.try_get(1)?)
            && columns.status == row.try_get::<&str, _>(2)?
            && columns.name.as_deref() == row.try_get(3)?
            && columns.first_port == row.try_get(4)?
            && columns.last_port == row.try_get(5)?
            && columns.reach == row.try_get(6)?
            && columns.scope == row.try_get::<&str, _>(7)?
            && record.reuses.map(i64::try_from) == row.try_get::<Option<i64>, _>(8)?.map(Ok))
    };
    Ok(same().unwrap_or(false))
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
