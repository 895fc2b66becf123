//! What may lie where the database, its lock and its index belong.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use portolan_store::{Error, Index, IndexError, Store};

use crate::sample::{PATIENCE, file, request, run, whole};

/// Makes a store with one record and its index, and tells where the database is.
fn kept(folder: &Path) -> std::path::PathBuf {
    run(async {
        let mut store = Store::open(folder, PATIENCE).await.unwrap();
        file(&mut store, &[request("one", 1001)]).await;
        let records = store.site().records().await.unwrap();
        store.close().await;
        Index::write(folder, &records, 1).unwrap();
    });
    folder.join(Store::FILE)
}

/// What opening and reading say, which is the same; each in bounded time.
fn refused(folder: &Path) -> String {
    run(async {
        let long = Duration::from_secs(20);
        let open = tokio::time::timeout(long, Store::open(folder, PATIENCE));
        let open = open.await.unwrap().unwrap_err().to_string();
        let read = tokio::time::timeout(long, Store::read(folder, PATIENCE));
        assert_eq!(read.await.unwrap().unwrap_err().to_string(), open);
        open
    })
}

fn pipe(path: &Path) {
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).unwrap();
}

#[test]
fn a_lock_is_nobodys_who_may_not_write() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("portolan.db.lock");
    let mode = || fs::metadata(&lock).unwrap().permissions().mode() & 0o777;
    kept(folder.path());
    assert_eq!(mode(), 0o600);
    // One that an earlier version left open to everybody.
    fs::set_permissions(&lock, Permissions::from_mode(0o644)).unwrap();
    kept_again(folder.path());
    assert_eq!(mode(), 0o600);
    fs::set_permissions(folder.path(), Permissions::from_mode(0o770)).unwrap();
    kept_again(folder.path());
    assert_eq!(mode(), 0o660);
}

fn kept_again(folder: &Path) {
    run(async {
        let mut store = Store::open(folder, PATIENCE).await.unwrap();
        file(&mut store, &[request("more", 1002)]).await;
        store.close().await;
    });
}

#[test]
fn a_lock_that_is_no_file_is_told_and_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("portolan.db.lock");
    let target = folder.path().join("target");
    let told = || run(async { Store::open(folder.path(), PATIENCE).await.unwrap_err() });
    symlink(&target, &lock).unwrap();
    let error = told().to_string();
    assert!(error.contains("cannot make its lock"), "{error}");
    assert!(!target.exists());
    fs::remove_file(&lock).unwrap();
    pipe(&lock);
    let error = told().to_string();
    assert!(error.contains("cannot make its lock"), "{error}");
}

#[test]
fn a_database_is_one_file_with_one_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let database = kept(path);
    let records = run(whole(path));
    let other = path.join("other");

    fs::hard_link(&database, &other).unwrap();
    let error = refused(path);
    assert!(
        error.contains("it has another name (a hard link)"),
        "{error}"
    );
    fs::remove_file(&other).unwrap();

    fs::rename(&database, &other).unwrap();
    for target in [&other, &path.join("nowhere")] {
        symlink(target, &database).unwrap();
        let error = refused(path);
        assert!(error.contains("it is a symbolic link"), "{error}");
        let told = Index::open(path);
        assert!(
            matches!(told, Err(IndexError::Unreadable { .. })),
            "{told:?}"
        );
        fs::remove_file(&database).unwrap();
    }
    pipe(&database);
    assert!(refused(path).contains("it is no file"));
    let told = Index::open(path);
    assert!(
        matches!(told, Err(IndexError::Unreadable { .. })),
        "{told:?}"
    );
    fs::remove_file(&database).unwrap();
    fs::rename(&other, &database).unwrap();

    pipe(&path.join("portolan.db-journal"));
    assert!(refused(path).contains("its journal is no file"));
    fs::remove_file(path.join("portolan.db-journal")).unwrap();

    // A pipe or a link in the place of the index or its patch is no index.
    let index = path.join("site.index");
    fs::rename(&index, &other).unwrap();
    pipe(&index);
    assert!(matches!(Index::open(path), Err(IndexError::Stale)));
    fs::remove_file(&index).unwrap();
    symlink(&other, &index).unwrap();
    assert!(matches!(Index::open(path), Err(IndexError::Stale)));
    assert_eq!(run(whole(path)), records);
}

#[test]
fn a_database_that_is_lost_beside_its_index_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let database = kept(path);
    let told = |because: &str| {
        let expected = format!(
            "{} {because}, but site.index beside it has records; put a backup in its place, or remove site.index to begin anew",
            database.display()
        );
        assert_eq!(refused(path), expected);
        assert!(matches!(Index::open(path), Err(IndexError::Stale)));
    };
    File::create(&database).unwrap();
    told("is empty");
    fs::remove_file(&database).unwrap();
    told("is gone");
    assert!(!database.exists());
    // Whoever wants to begin anew can.
    fs::remove_file(path.join("site.index")).unwrap();
    assert!(Index::open(path).unwrap().is_none());
    run(async {
        let read = Store::read(path, PATIENCE).await;
        assert!(matches!(read, Ok(None)), "{read:?}");
    });
    kept(path);
    // One without records is nothing that was lost.
    Index::write(path, &[], 1).unwrap();
    fs::remove_file(&database).unwrap();
    assert!(Index::open(path).unwrap().is_none());
    let opened = run(async { Store::open(path, PATIENCE).await.map(|_| ()) });
    assert!(!matches!(opened, Err(Error::Lost { .. })));
}
