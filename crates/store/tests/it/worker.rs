//! The thread of a connection, and what becomes of work that nobody waits for.

use std::fs;
use std::future::poll_fn;
use std::path::Path;
use std::pin::pin;
use std::task::Poll;

use portolan_ports::site::Status;
use portolan_store::{Error, Store};

use crate::child::Part;
use crate::sample::{PATIENCE, file, request, run, settle, whole};

#[test]
fn a_closed_store_leaves_no_thread() {
    let folder = tempfile::tempdir().unwrap();
    // Only a process of its own has a count of threads that nobody else changes.
    Part::start("worker", folder.path()).end();
}

pub(crate) fn part(folder: &Path) {
    let before = threads();
    run(async {
        for round in 0..50 {
            let store = Store::open(folder, PATIENCE).await.unwrap();
            assert_eq!(threads(), before + 1);
            store.close().await;
            assert_eq!(threads(), before, "opened {round}");
            let store = Store::read(folder, PATIENCE).await.unwrap().unwrap();
            store.close().await;
            assert_eq!(threads(), before, "read {round}");
        }
        fs::write(folder.join(Store::FILE), "no database at all").unwrap();
        for round in 0..50 {
            let damaged = Store::open(folder, PATIENCE).await;
            assert!(matches!(damaged, Err(Error::Damaged { .. })), "{damaged:?}");
            assert_eq!(threads(), before, "refused {round}");
        }
    });
}

/// As the kernel counts them, and whoever gives privileges away.
fn threads() -> u32 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let count = status
        .lines()
        .find_map(|line| line.strip_prefix("Threads:"));
    count.unwrap().trim().parse().unwrap()
}

/// A step that is dropped half-way, wherever, is kept whole or not at all, and the next one is taken.
#[test]
fn a_dropped_step_does_no_harm() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    run(async {
        let mut store = Store::open(folder.path(), PATIENCE).await.unwrap();
        file(&mut store, &[request("one", 1001)]).await;
        let mut dropped = 0;
        for polls in 1.. {
            let version = store.site().records().await.unwrap()[0].version;
            {
                let mut step = pin!(settle(&mut store, 1, Status::Assigned));
                let mut left = polls;
                let ended = poll_fn(|context| match step.as_mut().poll(context) {
                    Poll::Ready(kept) => Poll::Ready(Some(kept.unwrap())),
                    Poll::Pending if left == 1 => Poll::Ready(None),
                    Poll::Pending => {
                        left -= 1;
                        Poll::Pending
                    }
                });
                if ended.await.is_some() {
                    break;
                }
            }
            dropped += 1;
            let kept = settle(&mut store, 1, Status::Reserved).await.unwrap();
            assert!([version + 1, version + 2].contains(&kept.version));
        }
        assert!(dropped > 0);
        store.close().await;
        assert_eq!(whole(folder.path()).await[0].status, Status::Assigned);
    });
}
