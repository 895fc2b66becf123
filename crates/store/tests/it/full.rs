//! A full disk: a small file system of its own, in a child that mounts it where nobody else sees.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use portolan_ports::site::Record;
use portolan_store::{Error, Store};

use crate::child::playing;
use crate::raw::older;
use crate::sample::{PATIENCE, file, keep, request, run, whole};

/// The size of a page, of SQLite and of tmpfs.
const PAGE: usize = 4096;

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("unshare");
    command.arg("--mount");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    // $0 is the folder, the rest is this program's part.
    let script = "mount -t tmpfs -o size=2M,nr_inodes=64 none \"$0\" && exec \"$@\"";
    command.args(["sh", "-c", script]).arg(folder.path());
    playing(
        &mut command,
        &env::current_exe().unwrap(),
        "full",
        folder.path(),
    );
    let ended = command.output().unwrap();
    assert!(
        ended.status.success(),
        "{}{}",
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr)
    );
    // The mount was the child's alone.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

pub(crate) fn part(disk: &Path) {
    run(async {
        steps(disk).await;
        making(disk).await;
        migrating(disk).await;
        no_more_files(disk).await;
    });
}

/// Fills the disk but for some pages.
fn fill(disk: &Path, pages: usize) {
    let path = disk.join("ballast");
    let mut ballast = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .unwrap();
    while ballast.write_all(&[0; PAGE]).is_ok() {}
    let length = ballast.metadata().unwrap().len();
    ballast.set_len(length - (pages * PAGE) as u64).unwrap();
}

fn make_room(disk: &Path) {
    fs::remove_file(disk.join("ballast")).unwrap();
}

fn is_full(error: &Error, folder: &Path) {
    let expected = format!(
        "{}: the disk is full; free space and try again",
        folder.join(Store::FILE).display()
    );
    assert_eq!(error.to_string(), expected);
}

/// A record that takes some twenty pages, twice.
fn long(name: &str) -> Record {
    let mut record = request(name, 1001);
    record.fields.notes = "n".repeat(20 * PAGE);
    record
}

async fn steps(disk: &Path) {
    let folder = disk.join("steps");
    let mut store = Store::open(&folder, PATIENCE).await.unwrap();
    file(&mut store, &[request("one", 1001)]).await;
    let mut refused = 0;
    let mut kept = 1;
    for pages in 0..60 {
        fill(disk, pages);
        match keep(&mut store, long("more")).await {
            Ok(_) => kept += 1,
            Err(error) => {
                is_full(&error, &folder);
                refused += 1;
            }
        }
        // On the full disk: nothing is lost, to this connection and to another.
        assert_eq!(store.site().records().await.unwrap().len(), kept);
        let mut other = Store::read(&folder, PATIENCE).await.unwrap().unwrap();
        assert_eq!(other.site().verify().await.unwrap().faults, []);
        assert_eq!(other.site().records().await.unwrap().len(), kept);
        other.close().await;
        make_room(disk);
        // With space again, the same connection goes on.
        keep(&mut store, request("small", 1002)).await.unwrap();
        kept += 1;
        if kept - pages > 5 {
            break;
        }
    }
    assert!(refused >= 10, "{refused}");
    assert!(kept > refused + 2, "{kept} {refused}");
    store.close().await;
    assert_eq!(whole(&folder).await.len(), kept);
    fs::remove_dir_all(&folder).unwrap();
}

async fn making(disk: &Path) {
    let mut refused = 0;
    for pages in 0.. {
        let folder = disk.join(format!("making-{pages}"));
        fill(disk, pages);
        let made = Store::open(&folder, PATIENCE).await;
        let is_made = made.is_ok();
        match made {
            Ok(store) => store.close().await,
            Err(error) => {
                is_full(&error, &folder);
                assert!(Store::read(&folder, PATIENCE).await.unwrap().is_none());
                refused += 1;
            }
        }
        make_room(disk);
        assert_eq!(whole(&folder).await, []);
        fs::remove_dir_all(&folder).unwrap();
        if is_made {
            break;
        }
    }
    assert!(refused >= 5, "{refused}");
}

async fn migrating(disk: &Path) {
    let mut refused = 0;
    for pages in 0.. {
        let folder = disk.join(format!("migrating-{pages}"));
        fs::create_dir(&folder).unwrap();
        let records = older(&folder).await;
        fill(disk, pages);
        let opened = Store::open(&folder, PATIENCE).await;
        let is_open = opened.is_ok();
        match opened {
            Ok(store) => store.close().await,
            Err(error) => {
                is_full(&error, &folder);
                let mut store = Store::read(&folder, PATIENCE).await.unwrap().unwrap();
                assert_eq!(store.site().records().await.unwrap(), records);
                store.close().await;
                refused += 1;
            }
        }
        make_room(disk);
        assert_eq!(whole(&folder).await, records);
        fs::remove_dir_all(&folder).unwrap();
        if is_open {
            break;
        }
    }
    assert!(refused >= 5, "{refused}");
}

/// Space there is, but no file may be made: SQLite's journal is one.
async fn no_more_files(disk: &Path) {
    let folder = disk.join("files");
    let mut store = Store::open(&folder, PATIENCE).await.unwrap();
    file(&mut store, &[request("one", 1001)]).await;
    let mut small = Vec::new();
    for number in 0.. {
        let path = disk.join(format!("small-{number}"));
        if fs::write(&path, "").is_err() {
            break;
        }
        small.push(path);
    }
    is_full(
        &keep(&mut store, request("two", 1002)).await.unwrap_err(),
        &folder,
    );
    is_full(
        &Store::open(&disk.join("another"), PATIENCE)
            .await
            .unwrap_err(),
        &disk.join("another"),
    );
    assert_eq!(store.site().records().await.unwrap().len(), 1);
    for path in small {
        fs::remove_file(path).unwrap();
    }
    keep(&mut store, request("two", 1002)).await.unwrap();
    store.close().await;
    assert_eq!(whole(&folder).await.len(), 2);
}
