//! Holding the audit trail and the records against each other.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::keep::Columns;
use super::trail::{after_number, audited};
use super::{CHUNK, content};
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

/// A record's row, whole.
type Row = (
    i64,
    i64,
    String,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    String,
    Option<i64>,
    String,
);

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
        let Some(last) = rows.last() else { break };
        after = last.0;
        for row in rows {
            chain.add(&audited(row));
        }
    }
    let (header, expected) = sqlite.header_generation(chain.number).await?;
    if header != expected {
        chain.fault(
            chain.number + 1,
            format!("should end the trail or follow: the file's header names {header} as the last"),
        );
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
        let expected = self.number + 1;
        if number != expected {
            let because = match number > expected {
                true if number - expected == 1 => "is missing".to_owned(),
                true => format!("is missing, and so are all up to {}", number - 1),
                false => format!("is missing; {number} stands in its place"),
            };
            self.fault(expected, because);
        }
        if entry.expected_hash() != entry.hash {
            self.fault(number, "was changed: its hash is not that of what it says");
        }
        // After a hole this cannot hold, and is said already.
        if number == expected && entry.previous != self.verified.head {
            self.fault(number, "does not follow the entry before it");
        }
        self.number = number;
        self.verified.entries += 1;
        self.verified.head.clone_from(&entry.hash);
        self.note(entry);
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
            let rows: Vec<Row> = sqlx::query_as(
                "SELECT id, version, status, name, first_port, last_port, reach, scope, reuses,
                        content
                 FROM site_record WHERE id > $1 ORDER BY id LIMIT $2",
            )
            .bind(after)
            .bind(CHUNK)
            .fetch_all(&mut *connection)
            .await?;
            let Some(last) = rows.last() else { break };
            after = last.0;
            for row in &rows {
                self.hold(row);
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
    fn hold(&mut self, row: &Row) {
        let id = row.0.unsigned_abs();
        let Some(last) = self.records.get_mut(&id) else {
            self.fault(
                self.number + 1,
                format!("should tell of record {id}, about which there is no entry"),
            );
            return;
        };
        last.seen = true;
        let number = last.number;
        if digest(&row.9) != last.content {
            self.fault(number, format!("left record {id} otherwise than it is now"));
        } else if !repeats(row) {
            self.fault(
                number,
                format!("left record {id} otherwise than its columns have it"),
            );
        }
    }
}

/// Whether a row's columns repeat its content.
fn repeats(row: &Row) -> bool {
    let (id, version, status, name, first_port, last_port, reach, scope, reuses, content) = row;
    content::read(content).is_ok_and(|record| {
        let columns = Columns::of(&record);
        i64::try_from(record.id) == Ok(*id)
            && i64::try_from(record.version) == Ok(*version)
            && record.reuses.map(i64::try_from) == reuses.map(Ok)
            && columns.status == status
            && columns.name == *name
            && columns.first_port == *first_port
            && columns.last_port == *last_port
            && columns.reach == *reach
            && columns.scope == *scope
    })
}

fn digest(text: &str) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).into()
}
