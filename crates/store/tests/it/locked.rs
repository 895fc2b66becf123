//! A database that another process keeps locked.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use portolan_ports::site::Status;
use portolan_store::{Error, Store};
use sqlx::Connection;

use crate::child::{Part, say, told};
use crate::raw::{connect, older};
use crate::sample::{PATIENCE, file, record, request, run, settle, whole};

/// Short, so that giving up is seen.
const SHORT: Duration = Duration::from_millis(100);

/// Long enough to tell a bound from none.
async fn soon<T>(work: impl Future<Output = T>) -> T {
    let bounded = tokio::time::timeout(Duration::from_secs(20), work).await;
    bounded.unwrap()
}

fn is_locked<T: std::fmt::Debug>(result: Result<T, Error>, folder: &Path) {
    let expected = format!(
        "{} is locked by another process; try again when it is done",
        folder.join(Store::FILE).display()
    );
    assert_eq!(result.unwrap_err().to_string(), expected);
}

#[test]
fn a_locked_database_is_waited_for_and_then_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(async {
        let mut store = Store::open(folder, SHORT).await.unwrap();
        file(&mut store, &[request("one", 1001)]).await;
        let mut other = Part::start("hold", folder);
        assert_eq!(other.says(), "held");
        soon(async {
            is_locked(Store::open(folder, SHORT).await, folder);
            is_locked(Store::read(folder, SHORT).await, folder);
            is_locked(settle(&mut store, 1, Status::Assigned).await, folder);
            is_locked(store.site().records().await, folder);
            is_locked(store.site().find(&record(1)).await, folder);
            is_locked(store.site().verify().await, folder);
        })
        .await;
        // Who waits long enough gets it.
        other.tell("go");
        let mut patient = Store::open(folder, PATIENCE).await.unwrap();
        settle(&mut patient, 1, Status::Assigned).await.unwrap();
        other.end();
        // And what was refused works on, with the connection that it was refused on.
        let kept = settle(&mut store, 1, Status::Reserved).await.unwrap();
        assert_eq!(kept.version, 3);
        patient.close().await;
        store.close().await;
        assert_eq!(whole(folder).await[0], kept);
    });
}

/// Holds the database until told.
pub(crate) fn part(folder: &Path) {
    run(async {
        let mut connection = connect(folder).await;
        sqlx::query("BEGIN EXCLUSIVE")
            .execute(&mut connection)
            .await
            .unwrap();
        say("held");
        told();
        sqlx::query("COMMIT")
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    });
}

/// Somebody who reads for long keeps a step from ending, but not from being told.
#[test]
fn a_reader_that_does_not_end_locks_too() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(async {
        let mut store = Store::open(folder, SHORT).await.unwrap();
        file(&mut store, &[request("one", 1001)]).await;
        let mut reader = connect(folder).await;
        sqlx::query("BEGIN").execute(&mut reader).await.unwrap();
        sqlx::query("SELECT * FROM site_record")
            .fetch_all(&mut reader)
            .await
            .unwrap();
        is_locked(soon(settle(&mut store, 1, Status::Assigned)).await, folder);
        reader.close().await.unwrap();
        let kept = settle(&mut store, 1, Status::Assigned).await.unwrap();
        assert_eq!(kept.version, 2);
        store.close().await;
        assert_eq!(whole(folder).await, [kept]);
    });
}

/// Whoever makes, migrates or writes holds the lock beside the database.
#[test]
fn making_and_migrating_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run(async {
        let lock = File::create(folder.join("portolan.db.lock")).unwrap();
        lock.lock().unwrap();
        is_locked(soon(Store::open(folder, SHORT)).await, folder);
        assert!(!folder.join(Store::FILE).exists());
        let records = older(folder).await;
        is_locked(soon(Store::open(folder, SHORT)).await, folder);
        assert_eq!(crate::raw::schema(folder).await, 1);
        lock.unlock().unwrap();
        assert_eq!(whole(folder).await, records);
        // Once it is made, only writers wait for their turn.
        lock.lock().unwrap();
        assert_eq!(whole(folder).await, records);
        let mut store = Store::open(folder, SHORT).await.unwrap();
        is_locked(soon(settle(&mut store, 1, Status::Assigned)).await, folder);
        lock.unlock().unwrap();
        settle(&mut store, 1, Status::Assigned).await.unwrap();
        store.close().await;
    });
}
