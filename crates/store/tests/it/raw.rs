//! The database file past the store: what somebody with a SQLite shell can do, and other versions.

use std::path::Path;

use portolan_ports::site::Record;
use portolan_store::Store;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use crate::sample::{PATIENCE, file, request};

static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");

/// A connection of nobody's, to the file of a folder.
pub(crate) async fn connect(folder: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(folder.join(Store::FILE))
        .create_if_missing(true)
        .foreign_keys(false)
        .disable_statement_logging();
    options.connect().await.unwrap()
}

/// Runs SQL on the file of a folder.
pub(crate) async fn execute(folder: &Path, sql: &str) -> Result<(), sqlx::Error> {
    let mut connection = connect(folder).await;
    let done = sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await;
    connection.close().await.unwrap();
    done.map(drop)
}

/// The schema of the file of a folder.
pub(crate) async fn schema(folder: &Path) -> i64 {
    let mut connection = connect(folder).await;
    let (version,): (i64,) = sqlx::query_as("SELECT MAX(version) FROM _sqlx_migrations")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    version
}

/// Makes a database of the first schema in a folder, and tells its records.
pub(crate) async fn older(folder: &Path) -> Vec<Record> {
    let current = tempfile::tempdir().unwrap();
    let mut store = Store::open(current.path(), PATIENCE).await.unwrap();
    file(&mut store, &[request("one", 1001), request("two", 1002)]).await;
    let records = store.site().records().await.unwrap();
    store.close().await;
    let mut connection = connect(folder).await;
    MIGRATOR.run_to(1, &mut connection).await.unwrap();
    sqlx::query("ATTACH $1 AS current")
        .bind(current.path().join(Store::FILE).to_str().unwrap())
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::raw_sql(
        "INSERT INTO site_record SELECT * FROM current.site_record;
         INSERT INTO site_audit SELECT * FROM current.site_audit;
         PRAGMA user_version = 2;",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    assert_eq!(schema(folder).await, 1);
    records
}
