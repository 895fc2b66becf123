//! The database of a folder of state past the program: what somebody with a SQLite shell can do.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
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

/// Runs SQL on it past the triggers, which stand again afterwards: whoever knows what they are doing
/// leaves no trace of that.
pub(crate) fn execute_unseen(state: &Path, sql: &str) {
    let triggers = on(state, async |connection| {
        let all = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'";
        let rows = sqlx::query(all).fetch_all(connection).await.unwrap();
        let pair = |row: &SqliteRow| -> (String, String) { (row.get(0), row.get(1)) };
        rows.iter().map(pair).collect::<Vec<_>>()
    });
    let (dropped, made): (Vec<String>, Vec<String>) = triggers
        .into_iter()
        .map(|(name, made)| (format!("DROP TRIGGER {name};"), format!("{made};")))
        .unzip();
    execute(
        state,
        &format!("{}{sql};{}", dropped.concat(), made.concat()),
    );
}

/// The one number that a query answers with.
pub(crate) fn number(state: &Path, query: &'static str) -> i64 {
    on(state, async |connection| {
        let row = sqlx::query(query).fetch_one(connection).await;
        row.unwrap().get(0)
    })
}
