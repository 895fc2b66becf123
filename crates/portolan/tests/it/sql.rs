//! The database of a folder of state past the program: what somebody with a SQLite shell can do.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};
use tokio::runtime::Builder;

fn on<T>(state: &Path, work: impl AsyncFnOnce(&mut SqliteConnection) -> T) -> T {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new()
            .filename(state.join("portolan.db"))
            .foreign_keys(false)
            .disable_statement_logging();
        let mut connection = options.connect().await.unwrap();
        let done = work(&mut connection).await;
        connection.close().await.unwrap();
        done
    })
}

/// Runs SQL on it.
pub(crate) fn execute(state: &Path, sql: &str) {
    on(state, async |connection| {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        sql.execute(connection).await.unwrap();
    });
}

/// The one number that a query answers with.
pub(crate) fn number(state: &Path, query: &'static str) -> i64 {
    on(state, async |connection| {
        let row = sqlx::query(query).fetch_one(connection).await;
        row.unwrap().get(0)
    })
}
