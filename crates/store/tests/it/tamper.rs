//! What somebody with a SQLite shell may do, and how it shows.

use std::fs;
use std::path::Path;

use portolan_ports::site::Status;
use portolan_store::audit::{Audited, Fault};
use portolan_store::{Error, Store};
use proptest::prelude::{ProptestConfig, any, proptest};

use crate::raw::execute;
use crate::sample::{PATIENCE, file, keep, record, request, run, settle};

/// Entries: 1 to 3 ask for records 1 to 3; 4 gives record 1, 5 gives record 2.
async fn kept(folder: &Path) {
    let mut store = Store::open(folder, PATIENCE).await.unwrap();
    let requests = [
        request("one", 1001),
        request("two", 1002),
        request("three", 1003),
    ];
    file(&mut store, &requests).await;
    settle(&mut store, 1, Status::Assigned).await.unwrap();
    settle(&mut store, 2, Status::Assigned).await.unwrap();
    store.close().await;
}

async fn trail(folder: &Path) -> Vec<Audited> {
    let mut store = Store::open(folder, PATIENCE).await.unwrap();
    let trail = store.site().audit(None).await.unwrap();
    store.close().await;
    trail
}

async fn verified(folder: &Path) -> (String, Vec<Fault>) {
    let mut store = Store::read(folder, PATIENCE).await.unwrap().unwrap();
    let verified = store.site().verify().await.unwrap();
    store.close().await;
    (verified.head, verified.faults)
}

/// What is told after this SQL.
fn faults_after(sql: &str) -> Vec<(u64, String)> {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    run(async {
        kept(folder.path()).await;
        let before = verified(folder.path()).await;
        assert_eq!(before.1, []);
        execute(folder.path(), sql).await.unwrap();
        told(verified(folder.path()).await.1)
    })
}

fn told(faults: Vec<Fault>) -> Vec<(u64, String)> {
    faults
        .into_iter()
        .map(|fault| (fault.number, fault.because))
        .collect()
}

fn expect(sql: &str, faults: &[(u64, &str)]) {
    let expected: Vec<(u64, String)> = faults
        .iter()
        .map(|(number, because)| (*number, (*because).to_owned()))
        .collect();
    assert_eq!(faults_after(sql), expected, "{sql}");
}

#[test]
fn a_changed_record_shows() {
    let otherwise = "left record 2 otherwise than it is now";
    expect(
        "UPDATE site_record SET content = replace(content, 'Payments', 'Mallory') WHERE id = 2",
        &[(5, otherwise)],
    );
    expect(
        "UPDATE site_record SET first_port = 1 WHERE id = 3",
        &[(3, "left record 3 otherwise than its columns have it")],
    );
    expect(
        "UPDATE site_record SET scope = 'host:db1', status = 'declined', version = 9 WHERE id = 3",
        &[(3, "left record 3 otherwise than its columns have it")],
    );
    expect(
        "INSERT INTO site_record (id, version, status, scope, content)
         SELECT 4, version, status, scope, replace(content, '\"id\":3', '\"id\":4')
         FROM site_record WHERE id = 3",
        &[(6, "should tell of record 4, about which there is no entry")],
    );
    expect(
        "DROP TRIGGER site_record_no_delete; DELETE FROM site_record WHERE id = 1",
        &[(4, "is about record 1, which is gone")],
    );
}

#[test]
fn the_trail_only_grows_without_another_hand() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    run(async {
        kept(folder.path()).await;
        let before = fs::read(folder.path().join(Store::FILE)).unwrap();
        for (sql, because) in [
            (
                "UPDATE site_audit SET taken_by = 'mallory' WHERE number = 2",
                "append-only",
            ),
            ("DELETE FROM site_audit WHERE number = 5", "append-only"),
            (
                "REPLACE INTO site_audit SELECT number, taken_at, 'mallory', step, why, record,
                     content, previous, hash FROM site_audit WHERE number = 5",
                "no holes",
            ),
            (
                "INSERT INTO site_audit SELECT 7, taken_at, taken_by, step, why, record, content,
                     previous, hash FROM site_audit WHERE number = 5",
                "no holes",
            ),
            (
                "DELETE FROM site_record WHERE id = 3",
                "records are never deleted",
            ),
        ] {
            let refused = execute(folder.path(), sql).await.unwrap_err().to_string();
            assert!(refused.contains(because), "{sql}: {refused}");
        }
        assert_eq!(fs::read(folder.path().join(Store::FILE)).unwrap(), before);
    });
}

#[test]
fn a_changed_entry_shows() {
    for change in [
        "taken_by = 'mallory'",
        "taken_at = '2020-01-01T00:00:00Z'",
        "why = ''",
        "step = 'decline'",
        // What moves from one part into the next.
        "taken_at = taken_at || taken_by, taken_by = ''",
    ] {
        expect(
            &format!(
                "DROP TRIGGER site_audit_no_update;
                 UPDATE site_audit SET {change} WHERE number = 2"
            ),
            &[(2, "was changed: its hash is not that of what it says")],
        );
    }
}

#[test]
fn an_entry_that_is_changed_with_its_hash_shows_in_the_next() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    run(async {
        kept(folder.path()).await;
        let mut second = trail(folder.path()).await.remove(1);
        second.entry.by = "mallory".to_owned();
        let sql = format!(
            "DROP TRIGGER site_audit_no_update;
             UPDATE site_audit SET taken_by = 'mallory', hash = '{}' WHERE number = 2",
            second.expected_hash()
        );
        execute(folder.path(), &sql).await.unwrap();
        let faults = told(verified(folder.path()).await.1);
        let expected = (3, "does not follow the entry before it".to_owned());
        assert_eq!(faults, [expected]);
    });
}

#[test]
fn a_missing_entry_shows() {
    expect(
        "DROP TRIGGER site_audit_no_delete; DELETE FROM site_audit WHERE number = 3",
        &[
            (3, "is missing"),
            (6, "should tell of record 3, about which there is no entry"),
        ],
    );
    expect(
        "DROP TRIGGER site_audit_no_delete; DELETE FROM site_audit WHERE number IN (1, 2)",
        &[
            (1, "is missing, and so are all up to 2"),
            (4, "leaves record 1 in version 2, which should be 1"),
            (5, "leaves record 2 in version 2, which should be 1"),
        ],
    );
    // The end, by somebody who knows nothing of the header.
    expect(
        "DROP TRIGGER site_audit_no_delete; DELETE FROM site_audit WHERE number = 5",
        &[
            (2, "left record 2 otherwise than it is now"),
            (5, "is missing: by the file's header the last one is 5"),
        ],
    );
    expect(
        "PRAGMA user_version = 3",
        &[(5, "is the last one, which by the file's header is 3")],
    );
}

/// Who rewrites everything is found out only by who has kept the hash of the last entry.
#[test]
fn an_end_that_is_cut_off_with_all_its_traces_shows_in_the_head() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    run(async {
        kept(folder.path()).await;
        let (head, _) = verified(folder.path()).await;
        execute(
            folder.path(),
            "DROP TRIGGER site_audit_no_delete; DELETE FROM site_audit WHERE number = 5;
             PRAGMA user_version = 4;
             UPDATE site_record SET version = 1, status = 'requested',
                 content = (SELECT content FROM site_audit WHERE number = 2) WHERE id = 2",
        )
        .await
        .unwrap();
        let (after, faults) = verified(folder.path()).await;
        assert_eq!(faults, []);
        assert_ne!(after, head);
        assert_eq!(after, trail(folder.path()).await[3].hash);
    });
}

/// What is no record is not half a record: it is named, whichever way it is asked for.
/// What a step on record 2 says after this SQL, and whether the faults are the same after it.
fn refused_after(sql: &str) -> String {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    run(async {
        kept(folder.path()).await;
        execute(folder.path(), sql).await.unwrap();
        let before = verified(folder.path()).await;
        assert_ne!(before.1, [], "{sql}");
        let mut store = Store::open(folder.path(), PATIENCE).await.unwrap();
        let error = settle(&mut store, 2, Status::Reserved).await.unwrap_err();
        store.close().await;
        assert!(matches!(error, Error::Changed { .. }), "{error}");
        assert_eq!(verified(folder.path()).await, before, "{sql}");
        error.to_string()
    })
}

#[test]
fn no_step_hides_what_was_changed_by_other_means() {
    let drop = "DROP TRIGGER site_audit_no_update; DROP TRIGGER site_audit_no_delete;";
    for (sql, what) in [
        (
            "UPDATE site_record SET content = replace(content, 'Payments', 'Mallory') WHERE id = 2"
                .to_owned(),
            "record 2",
        ),
        (
            "UPDATE site_record SET first_port = 1 WHERE id = 2".to_owned(),
            "record 2",
        ),
        (
            format!("{drop} UPDATE site_audit SET content = replace(content, 'Payments', 'Mallory') WHERE number = 5;
                     UPDATE site_record SET content = replace(content, 'Payments', 'Mallory') WHERE id = 2"),
            "the end of its audit trail",
        ),
        (
            format!("{drop} DELETE FROM site_audit WHERE number = 5"),
            "the end of its audit trail",
        ),
    ] {
        let said = refused_after(&sql);
        let tail = format!(
            "portolan.db: {what} was changed by other means; portolan registry audit --verify tells what, then put a backup in its place"
        );
        assert!(said.ends_with(&tail), "{sql}: {said}");
    }
}

#[test]
fn an_entry_that_was_changed_is_not_gone_on_with() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    run(async {
        kept(folder.path()).await;
        let sql = "DROP TRIGGER site_audit_no_update;
            UPDATE site_audit SET content = replace(content, 'Payments', 'Mallory') WHERE number = 4;
            UPDATE site_record SET content = replace(content, 'Payments', 'Mallory') WHERE id = 1";
        execute(folder.path(), sql).await.unwrap();
        let mut store = Store::open(folder.path(), PATIENCE).await.unwrap();
        let error = settle(&mut store, 1, Status::Reserved).await.unwrap_err();
        assert!(
            error.to_string().contains("the last entry about record 1"),
            "{error}"
        );
        // What a step does not read does not stop it: one fault is no end to the registry.
        settle(&mut store, 2, Status::Reserved).await.unwrap();
        store.close().await;
    });
}

#[test]
fn what_is_no_record_is_damage() {
    let cases = [
        ("content = '{}'", "missing field `id` at line 1 column 2"),
        ("content = x'fffe'", ""),
        (
            "content = replace(content, '1002,1002', '1003,1002')",
            "ports 1003 to 1002 run backwards",
        ),
        ("content = replace(content, '1002,1002', '1002,70000')", ""),
        (
            "content = replace(content, '\"tcp\"', '\"t\u{1b}[31mcp\"')",
            "",
        ),
        (
            "content = replace(content, '2026-03-14', '2026-03-14T00:00:00')",
            "\"2026-03-14T00:00:00\" is no date",
        ),
        (
            "content = replace(content, '\"scope\":\"all\"', '\"scope\":\"everywhere\"')",
            "not a scope: write all, group:NAME or host:NAME",
        ),
        (
            "content = replace(content, '\"scope\"', '\"more\":1,\"scope\"')",
            "",
        ),
        ("content = replace(content, 'requested\",', 'asked\",')", ""),
        ("status = 'assigned'", "its columns say otherwise"),
        ("version = 3", "its columns say otherwise"),
        (
            "content = replace(content, '\"id\":2', '\"id\":1')",
            "its columns say otherwise",
        ),
    ];
    for (change, because) in cases {
        let folder = tempfile::tempdir_in("/dev/shm").unwrap();
        run(async {
            let mut store = Store::open(folder.path(), PATIENCE).await.unwrap();
            file(&mut store, &[request("one", 1001), request("two", 1002)]).await;
            let sql = format!("UPDATE site_record SET {change} WHERE id = 2");
            execute(folder.path(), &sql).await.unwrap();
            let all = store.site().records().await.unwrap_err();
            let one = store.site().find(&record(2)).await.unwrap_err();
            let step = settle(&mut store, 2, Status::Assigned).await.unwrap_err();
            for error in [all, one, step] {
                let text = error.to_string();
                assert!(matches!(error, Error::Damaged { .. }), "{change}: {text}");
                assert!(text.contains("record 2 is none: "), "{change}: {text}");
                assert!(text.contains(because), "{change}: {text}");
                assert!(!text.contains(char::is_control), "{change}: {text:?}");
            }
            // The other one is still there.
            assert_eq!(store.site().find(&record(1)).await.unwrap().len(), 1);
            settle(&mut store, 1, Status::Assigned).await.unwrap();
            let faults = store.site().verify().await.unwrap().faults;
            assert_eq!(faults.len(), 1, "{change}: {faults:?}");
            store.close().await;
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Whatever bytes a file has: an answer or one line, in bounded time, and no panic.
    #[test]
    fn any_file_is_read_or_refused(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..40),
        early in any::<bool>(),
    ) {
        let folder = tempfile::tempdir_in("/dev/shm").unwrap();
        run(async {
            kept(folder.path()).await;
            let path = folder.path().join(Store::FILE);
            let mut bytes = fs::read(&path).unwrap();
            let length = if early { 4096 } else { bytes.len() };
            for (place, byte) in &changes {
                bytes[place.index(length)] = *byte;
            }
            fs::write(&path, bytes).unwrap();
            let errors = tokio::time::timeout(PATIENCE, everything(folder.path())).await;
            for error in errors.unwrap() {
                let text = error.to_string();
                assert!(!text.contains(char::is_control), "{text:?}");
                // What ends the thread that works for a connection, by a panic.
                assert!(!text.contains("crashed"), "{text}");
            }
        });
    }
}

/// Everything that a store can be asked, on whatever is in a folder.
async fn everything(folder: &Path) -> Vec<Error> {
    let mut store = match Store::open(folder, PATIENCE).await {
        Err(error) => return vec![error],
        Ok(store) => store,
    };
    let errors = [
        store.site().verify().await.err(),
        store.site().records().await.err(),
        store.site().audit(None).await.err(),
        store.site().audit(Some(2)).await.err(),
        store.site().find(&record(2)).await.err(),
        keep(&mut store, request("four", 1004)).await.err(),
    ];
    store.close().await;
    errors.into_iter().flatten().collect()
}
