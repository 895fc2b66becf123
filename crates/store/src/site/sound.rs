//! Whether the database itself is sound: its pages, its references, its schema.

use std::collections::BTreeMap;
use std::path::Path;

use portolan_registry::one_line;
use sqlx::SqliteConnection;

use crate::store::{Sqlite, Trouble};

/// The most faults of one kind that are told.
const MOST: i64 = 20;

/// What is wrong, each as the end of a sentence about the database. Cost: reads all of it.
pub(super) async fn faults(sqlite: &mut Sqlite) -> Result<Vec<String>, Trouble> {
    let mut faults = Vec::new();
    let version = sqlite.version().await?;
    let mut model = Sqlite::model(version).await?;
    let expected = objects(model.connection()).await;
    model.close().await;
    let expected = expected?;
    let found = objects(sqlite.connection()).await?;
    for (object, sql) in &expected {
        match found.get(object) {
            None => faults.push(format!("its {} is missing", object.name())),
            Some(other) if other != sql && object.1 != MIGRATIONS => {
                faults.push(format!("its {} was changed", object.name()));
            }
            Some(_) => {}
        }
    }
    let foreign = found.keys().filter(|object| !expected.contains_key(object));
    let foreign = foreign.take(usize::try_from(MOST).unwrap_or(usize::MAX));
    faults.extend(
        foreign.map(|object| format!("it has a {} that is none of its own", object.name())),
    );
    // As bytes: what is not UTF-8 ends sqlx's thread by a panic.
    let pages: Vec<(Vec<u8>,)> =
        sqlx::query_as("SELECT CAST(integrity_check AS BLOB) FROM pragma_integrity_check LIMIT $1")
            .bind(MOST)
            .fetch_all(sqlite.connection())
            .await?;
    let pages = pages.iter().map(|(line,)| shown(line));
    faults.extend(pages.filter(|line| line != "ok"));
    let strays: Vec<(Vec<u8>, Option<i64>)> = sqlx::query_as(
        "SELECT CAST(\"table\" AS BLOB), rowid FROM pragma_foreign_key_check LIMIT $1",
    )
    .bind(MOST)
    .fetch_all(sqlite.connection())
    .await?;
    faults.extend(strays.iter().map(|(table, row)| {
        let row = row.map_or_else(|| "a row".to_owned(), |row| format!("row {row}"));
        format!("{row} of its table {} refers to what is gone", shown(table))
    }));
    Ok(faults)
}

/// The list of what migrations were run is sqlx's own, which may write it otherwise in other versions.
const MIGRATIONS: &str = "_sqlx_migrations";

/// The kind and the name of what stands in a schema.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Object(String, String);

impl Object {
    fn name(&self) -> String {
        format!("{} {}", self.0, self.1)
    }
}

/// What stands in the schema, and how it was made; but for what SQLite makes by itself.
async fn objects(connection: &mut SqliteConnection) -> Result<BTreeMap<Object, Vec<u8>>, Trouble> {
    let rows: Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "SELECT CAST(type AS BLOB), CAST(name AS BLOB), CAST(COALESCE(sql, '') AS BLOB)
         FROM sqlite_schema LIMIT 1000",
    )
    .fetch_all(connection)
    .await?;
    let own = rows
        .into_iter()
        .filter(|(_, name, _)| !name.starts_with(b"sqlite_"));
    Ok(own
        .map(|(kind, name, sql)| (Object(shown(&kind), shown(&name)), sql))
        .collect())
}

fn shown(bytes: &[u8]) -> String {
    one_line(&String::from_utf8_lossy(bytes))
}

impl Sqlite {
    /// An empty database in memory, with the schema of a version.
    async fn model(version: i64) -> Result<Self, Trouble> {
        Self::migrated(Path::new(":memory:"), version).await
    }
}
