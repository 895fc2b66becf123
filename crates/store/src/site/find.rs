//! Finding records.

use portolan_ports::site::{Record, Scope};
use portolan_registry::{PortRange, one_line};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::{About, content, last_number, stored};
use crate::store::{Page, Sqlite, Trouble};

/// What a record is found by, besides its number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// The service name in lower case.
    pub(super) name: Option<String>,
    pub(super) ports: Option<PortRange>,
}

impl Key {
    pub(super) fn of(record: &Record) -> Self {
        Self {
            name: folded(&record.fields.service_name),
            ports: record.fields.ports,
        }
    }
}

/// The name under which a record is found: service names are compared without case (RFC 6335 §5.1).
fn folded(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.to_lowercase())
}

/// The records that `about` names, by number.
///
/// Cost: a few look-ups in indexes for each of number, name and ports, whatever the registry's size.
pub(super) async fn named(
    connection: &mut SqliteConnection,
    about: &About,
) -> Result<Vec<Record>, Trouble> {
    let key = Key {
        name: about.name.as_deref().and_then(folded),
        ports: about.ports,
    };
    matching(connection, about.record, &key, about.scope.as_ref()).await
}

/// The record with a number, and those that `key` names; of these, where a scope is given, all that
/// may meet it, and perhaps others.
pub(super) async fn matching(
    connection: &mut SqliteConnection,
    record: Option<u64>,
    key: &Key,
    scope: Option<&Scope>,
) -> Result<Vec<Record>, Trouble> {
    let host = scope.and_then(host);
    let query = match host {
        Some(_) => sqlx::query(MATCHING_ON_HOST),
        None => sqlx::query(MATCHING),
    };
    let query = query
        .bind(record.map(stored).transpose()?)
        .bind(key.name.as_deref())
        .bind(key.ports.map(|ports| i64::from(ports.first())))
        .bind(key.ports.map(|ports| i64::from(ports.last())));
    let query = match host {
        Some(host) => query.bind(host),
        None => query,
    };
    let rows = query.fetch_all(connection).await?;
    rows.iter().map(record_of).collect()
}

/// The part before the first dot of a scope's host. Two hosts that may be the same have the same one
/// ([`Scope::may_meet`]); all and a group may meet every scope, and have none.
fn host(scope: &Scope) -> Option<String> {
    let Scope::Host(name) = scope else {
        return None;
    };
    let first = name.split('.').next().unwrap_or_default();
    Some(first.to_ascii_lowercase())
}

/// `$1` a number, `$2` a name, `$3` and `$4` the first and last port; each may be NULL.
const MATCHING: &str = "
    WITH run (reach) AS (
        VALUES (1), (2), (4), (8), (16), (32), (64), (128), (256), (512), (1024), (2048), (4096),
               (8192), (16384), (32768), (65536)
    ), wanted (id) AS (
        SELECT id FROM site_record WHERE id = $1
        UNION SELECT id FROM site_record WHERE reuses = $1
        UNION SELECT id FROM site_record WHERE name = $2
        UNION SELECT site_record.id FROM run CROSS JOIN site_record
            WHERE site_record.reach = run.reach AND first_port > $3 - run.reach
                AND first_port <= $4 AND last_port >= $3
    )
    SELECT site_record.id, version, status, content
    FROM wanted JOIN site_record ON site_record.id = wanted.id ORDER BY site_record.id";

/// The same, but of names and ports only what is valid on every host, in a group or on the host whose
/// name's first part `$5` is; the expression is that of the schema's indexes.
const MATCHING_ON_HOST: &str = "
    WITH run (reach) AS (
        VALUES (1), (2), (4), (8), (16), (32), (64), (128), (256), (512), (1024), (2048), (4096),
               (8192), (16384), (32768), (65536)
    ), wanted (id) AS (
        SELECT id FROM site_record WHERE id = $1
        UNION SELECT id FROM site_record WHERE reuses = $1
        UNION SELECT id FROM site_record WHERE name = $2
            AND CASE WHEN substr(scope, 1, 5) = 'host:'
                THEN lower(substr(scope, 6, instr(scope || '.', '.') - 6)) ELSE '' END IN ('', $5)
        UNION SELECT site_record.id FROM run CROSS JOIN site_record
            WHERE site_record.reach = run.reach AND first_port > $3 - run.reach
                AND first_port <= $4 AND last_port >= $3
                AND CASE WHEN substr(scope, 1, 5) = 'host:'
                    THEN lower(substr(scope, 6, instr(scope || '.', '.') - 6)) ELSE '' END
                    IN ('', $5)
    )
    SELECT site_record.id, version, status, content
    FROM wanted JOIN site_record ON site_record.id = wanted.id ORDER BY site_record.id";

/// Every record, by number.
pub(super) async fn all(sqlite: &mut Sqlite) -> Result<Vec<Record>, Trouble> {
    sqlite.begin_read().await?;
    let found = all_rows(sqlite.connection()).await;
    sqlite.rollback().await;
    found
}

async fn all_rows(connection: &mut SqliteConnection) -> Result<Vec<Record>, Trouble> {
    let mut records = Vec::new();
    let mut after = i64::MIN;
    loop {
        let page = Page::read(connection, after, PAGE).await;
        let (last, more) = match page.as_ref().and_then(records_of) {
            Some(page) => page,
            // Read again, so that what is wrong is told of its record.
            None => one_by_one(connection, after).await?,
        };
        if more.is_empty() {
            return Ok(records);
        }
        after = last.unwrap_or(after);
        records.extend(more);
    }
}

/// How many records are read into one text.
const PAGE: i64 = 1024;

/// The records after a number, some of them, and the number of the last.
type Part = (Option<i64>, Vec<Record>);

/// The records of a page; `None` where one is none.
fn records_of(page: &Page) -> Option<Part> {
    let rows = page.rows()?;
    let records = rows
        .iter()
        .map(|row| checked(row.id, row.version, row.status, row.content).ok());
    let records = records.collect::<Option<_>>()?;
    Some((rows.last().map(|row| row.id), records))
}

async fn one_by_one(connection: &mut SqliteConnection, after: i64) -> Result<Part, Trouble> {
    let rows = sqlx::query(
        "SELECT id, version, status, content FROM site_record
         WHERE id > $1 ORDER BY id LIMIT $2",
    )
    .bind(after)
    .bind(PAGE)
    .fetch_all(connection)
    .await?;
    let last = last_number(after, &rows)?;
    let records = rows.iter().map(record_of).collect::<Result<_, _>>()?;
    Ok((Some(last), records))
}

/// The record of a row: number, version, status, content.
fn record_of(row: &SqliteRow) -> Result<Record, Trouble> {
    let id: i64 = row.try_get(0)?;
    let decoded = || -> Result<(i64, &str, &str), sqlx::Error> {
        Ok((row.try_get(1)?, row.try_get(2)?, row.try_get(3)?))
    };
    let read = match decoded() {
        Ok((version, status, content)) => checked(id, version, status, content),
        Err(error) => Err(one_line(&error.to_string())),
    };
    read.map_err(|because| Trouble::Damaged(format!("record {id} is none: {because}")))
}

/// The record of a row; why it is none, as the end of a sentence.
fn checked(id: i64, version: i64, status: &str, content: &str) -> Result<Record, String> {
    let record = content::read(content)?;
    let same = i64::try_from(record.id) == Ok(id)
        && i64::try_from(record.version) == Ok(version)
        && record.status.as_str() == status;
    same.then_some(record)
        .ok_or_else(|| "its columns say otherwise".to_owned())
}
