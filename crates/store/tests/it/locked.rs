//! A database that another process keeps locked.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use portolan_ports::site::Status;
use portolan_store::{About, Error, Found, Index, IndexError, Store};
use sqlx::Connection;

use crate::child::{Part, say, told};
use crate::raw::{connect, older};
use crate::sample::{Never, PATIENCE, becomes, entry, file, record, request, run, settle, whole};

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

/// However long an import takes, the index is of the state before until its end, and the database can be
/// read.
#[test]
fn a_long_import_keeps_nobody_from_looking_up() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    const MANY: usize = 1500;
    run(async {
        let mut store = Store::open(folder, PATIENCE).await.unwrap();
        file(&mut store, &[request("one", 1001)]).await;
        let records = store.site().records().await.unwrap();
        let generation = store.site().generation().await.unwrap();
        Index::write(folder, &records, generation).unwrap();
        // Several times what SQLite keeps in memory by itself.
        let notes = "x".repeat(8000);
        let abouts = vec![About::default(); MANY];
        let mut during = Vec::new();
        let mut decide = |place: usize, _: &Found| {
            if place == MANY - 1 {
                let mut other = Part::start("look", folder);
                during.extend([other.says(), other.says()]);
                other.end();
            }
            let mut record = request(&format!("service-{place}"), 2000);
            record.fields.notes.clone_from(&notes);
            Ok::<_, Never>(becomes(vec![record]))
        };
        let taken = store
            .site()
            .steps(&entry("import", "eve"), &abouts, &mut decide)
            .await;
        assert_eq!(taken.unwrap().unwrap().len(), MANY);
        assert_eq!(during, ["1 in the index", "1 in the database"]);
        store.close().await;
    });
    assert!(matches!(Index::open(folder), Err(IndexError::Stale)));
    assert_eq!(run(whole(folder)).len(), 1 + MANY);
}

/// Looks into the index and the database of a folder, without waiting.
pub(crate) fn look(folder: &Path) {
    let index = match Index::open(folder) {
        Ok(Some(index)) => index.records().unwrap().len().to_string(),
        other => format!("{other:?}"),
    };
    say(&format!("{index} in the index"));
    run(async {
        let found = match Store::read(folder, SHORT).await {
            Ok(Some(mut store)) => {
                let found = store.site().records().await.map(|found| found.len());
                store.close().await;
                format!("{}", found.unwrap())
            }
            other => format!("{other:?}"),
        };
        say(&format!("{found} in the database"));
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
