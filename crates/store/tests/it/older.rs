//! Databases of other versions, and files that are no database of this program.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use portolan_store::{Error, Store};

use crate::raw::{execute, older, schema};
use crate::sample::{PATIENCE, file, request, run, whole};

/// Every file of a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn an_older_database_is_brought_forward_after_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let records = older(folder.path()).await;
        // Reading leaves it as it is.
        let before = files(folder.path());
        let mut store = Store::read(folder.path(), PATIENCE).await.unwrap().unwrap();
        assert_eq!(store.site().records().await.unwrap(), records);
        assert_eq!(store.site().verify().await.unwrap().faults, []);
        store.close().await;
        assert_eq!(files(folder.path()), before);

        let mut store = Store::open(folder.path(), PATIENCE).await.unwrap();
        let backup = store.backup().unwrap().to_owned();
        assert_eq!(backup, folder.path().join("portolan.db.schema-1.backup"));
        assert_eq!(store.site().records().await.unwrap(), records);
        store.close().await;
        assert_eq!(schema(folder.path()).await, 3);
        assert_eq!(whole(folder.path()).await, records);
        let names: Vec<String> = files(folder.path()).into_keys().collect();
        assert_eq!(
            names,
            [
                "portolan.db",
                "portolan.db.lock",
                "portolan.db.schema-1.backup",
            ]
        );
        // What is new in this schema is there, and only once.
        let store = Store::open(folder.path(), PATIENCE).await.unwrap();
        assert_eq!(store.backup(), None);
        store.close().await;
        let refused = execute(folder.path(), "UPDATE site_audit SET why = ''").await;
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.contains("the audit trail is append-only"),
            "{refused}"
        );

        // The backup is a database, of the old schema, and can be put in its place; being brought
        // forward again, it is the backup of itself.
        let first = fs::read(&backup).unwrap();
        fs::copy(&backup, folder.path().join(Store::FILE)).unwrap();
        assert_eq!(schema(folder.path()).await, 1);
        let store = Store::open(folder.path(), PATIENCE).await.unwrap();
        assert_eq!(store.backup().unwrap(), backup);
        store.close().await;
        assert_eq!(fs::read(&backup).unwrap(), first);
        assert_eq!(whole(folder.path()).await, records);

        // One that holds anything else is kept beside it.
        fs::copy(&backup, folder.path().join(Store::FILE)).unwrap();
        execute(
            folder.path(),
            "UPDATE site_record SET scope = 'all' WHERE id = 1; PRAGMA user_version = 3",
        )
        .await
        .unwrap();
        let store = Store::open(folder.path(), PATIENCE).await.unwrap();
        let second = store.backup().unwrap().to_owned();
        assert_eq!(second, folder.path().join("portolan.db.schema-1.backup.2"));
        store.close().await;
        assert_eq!(fs::read(&backup).unwrap(), first);
    });
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let mut store = Store::open(folder.path(), PATIENCE).await.unwrap();
        file(&mut store, &[request("one", 1001)]).await;
        // What is open already takes no step any more, once a newer program has been at it.
        execute(
            folder.path(),
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (4, 'later', 1, x'00', 0);
             ALTER TABLE site_record ADD COLUMN later TEXT;",
        )
        .await
        .unwrap();
        let before = files(folder.path());
        let expected = format!(
            "{} was written by a newer version (schema 4, this program knows 3); update this program",
            folder.path().join(Store::FILE).display()
        );
        let late = crate::sample::keep(&mut store, request("two", 1002)).await;
        assert_eq!(late.unwrap_err().to_string(), expected);
        store.close().await;
        let refused = Store::open(folder.path(), PATIENCE).await.unwrap_err();
        assert_eq!(refused.to_string(), expected);
        let refused = Store::read(folder.path(), PATIENCE).await.unwrap_err();
        assert_eq!(refused.to_string(), expected);
        assert_eq!(files(folder.path()), before);
    });
}

#[test]
fn what_is_no_database_of_this_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(Store::FILE);
    run(async {
        execute(folder.path(), "CREATE TABLE letters (id INTEGER)")
            .await
            .unwrap();
        let foreign = fs::read(&path).unwrap();
        let mut half = foreign.clone();
        half.truncate(1000);
        let kinds: [(&[u8], &str); 3] = [
            (&foreign, "it holds tables of another program"),
            (&[b'x'; 5000], "file is not a database"),
            (&half, "database disk image is malformed"),
        ];
        for (bytes, because) in kinds {
            fs::write(&path, bytes).unwrap();
            let expected = format!(
                "{} is damaged: {because}; put a backup in its place",
                path.display()
            );
            for _ in 0..2 {
                let refused = Store::open(folder.path(), PATIENCE).await.unwrap_err();
                assert_eq!(refused.to_string(), expected);
                let refused = Store::read(folder.path(), PATIENCE).await.unwrap_err();
                assert_eq!(refused.to_string(), expected);
            }
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let refused = Store::open(folder.path(), PATIENCE).await.unwrap_err();
        assert!(matches!(refused, Error::Damaged { .. }), "{refused}");
    });
}

/// A list of migrations without a line is no database that is still to be made.
#[test]
fn tables_without_a_version_are_damaged() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let mut store = Store::open(folder.path(), PATIENCE).await.unwrap();
        file(&mut store, &[request("one", 1001)]).await;
        store.close().await;
        execute(folder.path(), "DELETE FROM _sqlx_migrations")
            .await
            .unwrap();
        let before = files(folder.path());
        let expected = format!(
            "{} is damaged: it has tables, and does not say of which version; put a backup in its place",
            folder.path().join(Store::FILE).display()
        );
        let refused = Store::open(folder.path(), PATIENCE).await.unwrap_err();
        assert_eq!(refused.to_string(), expected);
        let refused = Store::read(folder.path(), PATIENCE).await.unwrap_err();
        assert_eq!(refused.to_string(), expected);
        assert_eq!(files(folder.path()), before);
    });
}

#[test]
fn an_empty_file_is_no_database_yet() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        fs::write(folder.path().join(Store::FILE), "").unwrap();
        assert!(
            Store::read(folder.path(), PATIENCE)
                .await
                .unwrap()
                .is_none()
        );
        let mut store = Store::open(folder.path(), PATIENCE).await.unwrap();
        assert_eq!(store.backup(), None);
        file(&mut store, &[request("one", 1001)]).await;
        store.close().await;
        assert_eq!(whole(folder.path()).await.len(), 1);
    });
}

#[test]
fn a_folder_without_a_database_is_read_as_such_and_made_for_everybody_to_read() {
    use std::os::unix::fs::PermissionsExt;
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("state/portolan");
    run(async {
        assert!(Store::read(&folder, PATIENCE).await.unwrap().is_none());
        assert!(!folder.exists());
        let mut store = Store::open(&folder, PATIENCE).await.unwrap();
        file(&mut store, &[request("one", 1001), request("two", 1002)]).await;
        store.close().await;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(&folder), 0o755);
        assert_eq!(mode(&folder.join(Store::FILE)), 0o644);
        // The header tells the last entry to who does not open the database.
        let bytes = fs::read(folder.join(Store::FILE)).unwrap();
        assert_eq!(bytes[60..64], [0, 0, 0, 2]);
    });
}
