//! Killed at every step: what is there afterwards is the old state or the new one, and whole.
//!
//! strace(1) kills a child when it is about to make its Nth call of a set on a set of files, for
//! every N until the child gets through. It counts for each thread apart, so the calls are split
//! such that one thread's do not hide another's.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use portolan_ports::site::{Record, Status};
use portolan_store::{About, Found, Store};

use crate::child::playing;
use crate::raw::{older, schema};
use crate::sample::{Never, PATIENCE, becomes, entry, file, request, run, settle, whole};

/// What changes files, what changes folders, what locks. Not every machine has every call.
const CALLS: [&str; 3] = [
    "?pwrite64,?write,?ftruncate,?fsync,?fdatasync",
    "?open,?openat,?unlink,?unlinkat,?rename,?renameat,?renameat2,?mkdir,?mkdirat,?fchmod,?chmod,?flock",
    "?fcntl",
];

/// The files by who writes them, after `portolan.db`; none is the folder.
const FILES: [&[Option<&str>]; 4] = [
    &[Some(""), Some("-journal")],
    &[Some(".new"), Some(".new-journal")],
    &[
        Some(".backup.new"),
        Some(".backup.new-journal"),
        Some(".schema-1.backup"),
    ],
    &[None, Some(".lock")],
];

const IMPORTED: usize = 300;

/// What is there after a kill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Old,
    New,
}

/// How often something was killed, and what was there then.
#[derive(Debug, Default)]
struct Count {
    old: u32,
    new: u32,
}

/// In a child: does one thing that is kept.
pub(crate) fn part(act: &str, folder: &Path) {
    run(async {
        let mut store = Store::open(folder, PATIENCE).await.unwrap();
        match act {
            "open" => {}
            "step" => drop(settle(&mut store, 1, Status::Assigned).await.unwrap()),
            "import" => {
                let abouts = vec![About::default(); IMPORTED];
                let mut decide = |place: usize, _: &Found| {
                    let name = format!("import-{place}");
                    Ok::<_, Never>(becomes(vec![request(&name, 2000)]))
                };
                let taken = store
                    .site()
                    .steps(&entry("import", "eve"), &abouts, &mut decide)
                    .await;
                assert_eq!(taken.unwrap().unwrap().len(), IMPORTED);
            }
            other => panic!("{other} is no part"),
        }
        store.close().await;
    });
}

/// Runs a child that is killed at its `nth` of `calls` on `files`; whether it was.
fn killed(act: &str, folder: &Path, calls: &str, files: &[PathBuf], nth: u32) -> bool {
    let mut command = Command::new("strace");
    command.args(["--follow-forks", "--quiet=all", "--output=/dev/null"]);
    command.arg(format!("--trace={calls}"));
    command.arg(format!("--inject={calls}:signal=SIGKILL:when={nth}"));
    for file in files {
        command.arg("--trace-path").arg(file);
    }
    let program = std::env::current_exe().unwrap();
    playing(&mut command, &program, act, folder);
    let ended = command.output().unwrap();
    match (ended.status.code(), ended.status.signal()) {
        (Some(0), _) => false,
        (_, Some(9)) | (Some(137), _) => true,
        _ => panic!("{act}, {calls} {nth}: {ended:?}"),
    }
}

/// Kills a child that does `act` in a copy of `from`, again and again, at every call that writes;
/// `state` says what is there after each, and looks whether it is whole.
fn kill_everywhere(act: &str, from: &Path, state: impl Fn(&Path) -> State) -> Count {
    let mut count = Count::default();
    for calls in CALLS {
        for files in FILES {
            for nth in 1.. {
                let above = tempfile::tempdir_in("/dev/shm").unwrap();
                let folder = above.path().join("state");
                copy(from, &folder);
                let files: Vec<PathBuf> = files
                    .iter()
                    .map(|rest| match rest {
                        Some(rest) => folder.join(format!("{}{rest}", Store::FILE)),
                        None => folder.clone(),
                    })
                    .collect();
                let was_killed = killed(act, &folder, calls, &files, nth);
                let found = state(&folder);
                if !was_killed {
                    assert_eq!(found, State::New, "{act}, {calls} {nth}");
                    break;
                }
                match found {
                    State::Old => count.old += 1,
                    State::New => count.new += 1,
                }
            }
        }
    }
    count
}

/// Copies a folder of files, where there is one.
fn copy(from: &Path, to: &Path) {
    if !from.exists() {
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// What who only reads finds after a kill.
async fn read(folder: &Path) -> Option<Vec<Record>> {
    let mut store = Store::read(folder, PATIENCE).await.unwrap()?;
    let records = store.site().records().await.unwrap();
    store.close().await;
    Some(records)
}

/// What is there after a kill, to who reads first and to who opens then; has to be the same.
fn whichever(folder: &Path, old: &[Record], new: impl Fn(&[Record]) -> bool) -> State {
    run(async {
        let found = read(folder).await.unwrap();
        assert_eq!(whole(folder).await, found);
        match found == old {
            true => State::Old,
            false => {
                assert!(new(&found), "{found:?}");
                State::New
            }
        }
    })
}

/// A store with two requests in it.
async fn requests(folder: &Path) -> Vec<Record> {
    let mut store = Store::open(folder, PATIENCE).await.unwrap();
    file(&mut store, &[request("one", 1001), request("two", 1002)]).await;
    let records = store.site().records().await.unwrap();
    store.close().await;
    records
}

#[test]
fn a_step_is_taken_or_not() {
    let from = tempfile::tempdir_in("/dev/shm").unwrap();
    let old = run(requests(from.path()));
    let mut new = old.clone();
    new[0].version = 2;
    new[0].status = Status::Assigned;
    let state = |folder: &Path| whichever(folder, &old, |found| found == new);
    let count = kill_everywhere("step", from.path(), state);
    assert!(count.old >= 20 && count.new >= 3, "{count:?}");
}

#[test]
fn an_import_is_whole_or_not_there() {
    let from = tempfile::tempdir_in("/dev/shm").unwrap();
    let old = run(requests(from.path()));
    let new = |found: &[Record]| found.len() == 2 + IMPORTED && found[..2] == old;
    let state = |folder: &Path| whichever(folder, &old, new);
    let count = kill_everywhere("import", from.path(), state);
    assert!(count.old >= 60 && count.new >= 3, "{count:?}");
}

#[test]
fn a_database_is_made_whole_or_made_again() {
    let nowhere = Path::new("/nonexistent");
    let count = kill_everywhere("open", nowhere, |folder| {
        run(async {
            let found = read(folder).await;
            assert_eq!(whole(folder).await, []);
            for left in [".new", ".new-journal", "-journal"] {
                assert!(!folder.join(format!("{}{left}", Store::FILE)).exists());
            }
            match found {
                None => State::Old,
                Some(records) => {
                    assert_eq!(records, []);
                    State::New
                }
            }
        })
    });
    assert!(count.old >= 40 && count.new >= 3, "{count:?}");
}

#[test]
fn a_migration_is_done_or_done_again_and_always_after_a_backup() {
    let from = tempfile::tempdir_in("/dev/shm").unwrap();
    let old = run(older(from.path()));
    let count = kill_everywhere("open", from.path(), |folder| {
        run(async {
            let found = read(folder).await;
            assert_eq!(found.as_ref(), Some(&old));
            let before = schema(folder).await;
            assert_eq!(whole(folder).await, old);
            assert_eq!(schema(folder).await, 3);
            assert_backups(folder, &old).await;
            match before {
                1 => State::Old,
                _ => State::New,
            }
        })
    });
    assert!(count.old >= 40 && count.new >= 3, "{count:?}");
}

/// There is a backup, and each is a whole database of the old schema.
async fn assert_backups(folder: &Path, records: &[Record]) {
    let mut backups = 0;
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        assert!(!name.ends_with(".new"), "{name}");
        if !name.starts_with("portolan.db.schema-1.backup") {
            continue;
        }
        backups += 1;
        let alone = tempfile::tempdir_in("/dev/shm").unwrap();
        fs::copy(entry.path(), alone.path().join(Store::FILE)).unwrap();
        assert_eq!(schema(alone.path()).await, 1);
        assert_eq!(read(alone.path()).await.unwrap(), records);
        assert_eq!(whole(alone.path()).await, records);
    }
    assert!(backups > 0);
}

/// Leaves a step half written: the database's second page written, and its journal beside it.
pub(crate) fn interrupted(folder: &Path) {
    let database = folder.join(Store::FILE);
    assert!(killed("step", folder, "?pwrite64", &[database], 2));
    assert!(folder.join("portolan.db-journal").exists());
}
