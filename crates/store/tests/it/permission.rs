//! A user who may read the registry, and not write it.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use portolan_ports::site::Status;
use portolan_store::{Error, Store};

use crate::child::playing;
use crate::kill::interrupted;
use crate::sample::{PATIENCE, file, keep, request, run, whole};

#[test]
fn who_may_not_write_reads_and_is_told() {
    let above = tempfile::tempdir().unwrap();
    fs::set_permissions(above.path(), Permissions::from_mode(0o755)).unwrap();
    let folder = above.path().join("state");
    run(async {
        let mut store = Store::open(&folder, PATIENCE).await.unwrap();
        file(&mut store, &[request("one", 1001)]).await;
        store.close().await;
    });
    // Without root, nobody else can be had: then the folder is closed to its owner.
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
    fs::set_permissions(folder.join(Store::FILE), Permissions::from_mode(0o444)).unwrap();
    nobody(above.path());
    // A step that was interrupted needs somebody who may write.
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(folder.join(Store::FILE), Permissions::from_mode(0o644)).unwrap();
    interrupted(&folder);
    fs::set_permissions(folder.join(Store::FILE), Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
    nobody(above.path());
    fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(folder.join(Store::FILE), Permissions::from_mode(0o644)).unwrap();
    run(async {
        let mut store = Store::read(&folder, PATIENCE).await.unwrap().unwrap();
        assert_eq!(store.site().records().await.unwrap()[0].version, 1);
        store.close().await;
        let records = whole(&folder).await;
        assert_eq!((records.len(), records[0].status), (1, Status::Requested));
    });
}

/// Plays the part as nobody, from a copy of this program that nobody may run.
fn nobody(above: &Path) {
    let program = above.join("it");
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    let mut command = match rustix::process::geteuid().is_root() {
        true => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
            command
        }
        false => Command::new("env"),
    };
    playing(&mut command, &program, "nobody", &above.join("state"));
    let ended = command.output().unwrap();
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stdout)
    );
}

pub(crate) fn part(folder: &Path) {
    let told = |error: Error, because: &str| {
        let expected = format!(
            "{}: {because}; run it as the user who keeps the registry, or give --state another folder",
            folder.join(Store::FILE).display()
        );
        assert_eq!(error.to_string(), expected);
    };
    run(async {
        told(
            Store::open(folder, PATIENCE).await.unwrap_err(),
            "this user may not write it",
        );
        let read = Store::read(folder, PATIENCE).await;
        if folder.join("portolan.db-journal").exists() {
            told(
                read.unwrap_err(),
                "a step was interrupted, and this user may not undo it",
            );
            return;
        }
        let mut store = read.unwrap().unwrap();
        let records = store.site().records().await.unwrap();
        assert_eq!(records.len(), 1);
        assert_eq!(store.site().verify().await.unwrap().faults, []);
        let step = keep(&mut store, request("two", 1002)).await;
        told(step.unwrap_err(), "this user may not write it");
        assert_eq!(store.site().records().await.unwrap(), records);
        store.close().await;
        // Nor may this user make one beside it.
        let elsewhere = folder.join("else");
        let refused = Store::open(&elsewhere, PATIENCE).await.unwrap_err();
        assert!(
            refused
                .to_string()
                .contains("this user may not make its folder"),
            "{refused}"
        );
    });
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_folder_of_a_group_has_files_of_the_group() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    // Whoever may open the lock can hold it: it is for those who write alone.
    let files = [
        (Store::FILE, 0o644, 0o664),
        ("portolan.db.lock", 0o600, 0o660),
    ];
    let kept = |name: &str, port| {
        run(async {
            let mut store = Store::open(path, PATIENCE).await.unwrap();
            file(&mut store, &[request(name, port)]).await;
            store.close().await;
        });
    };
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    kept("one", 1001);
    for (name, own, _) in files {
        assert_eq!(mode(&path.join(name)), own, "{name}");
    }
    // Given to a group later: the files that are there follow.
    fs::set_permissions(path, Permissions::from_mode(0o2775)).unwrap();
    kept("two", 1002);
    for (name, _, shared) in files {
        assert_eq!(mode(&path.join(name)), shared, "{name}");
    }
    // A new one, from the beginning.
    for (name, ..) in files {
        fs::remove_file(path.join(name)).unwrap();
    }
    kept("three", 1003);
    for (name, _, shared) in files {
        assert_eq!(mode(&path.join(name)), shared, "{name}");
    }
    // What somebody put in its place stays as it is, and nothing is kept past it.
    let other = tempfile::NamedTempFile::new().unwrap();
    fs::set_permissions(other.path(), Permissions::from_mode(0o600)).unwrap();
    let lock = path.join(files[1].0);
    fs::remove_file(&lock).unwrap();
    std::os::unix::fs::symlink(other.path(), &lock).unwrap();
    let refused = run(async {
        let mut store = Store::open(path, PATIENCE).await?;
        let kept = keep(&mut store, request("four", 1004)).await;
        store.close().await;
        kept
    });
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("make its lock"), "{refused}");
    assert_eq!(mode(other.path()), 0o600);
}
