//! The thread that sqlx has for each connection, told apart by its name.

use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A thread that works for a connection.
#[derive(Debug)]
pub(super) struct Worker {
    name: String,
}

/// The number of the next one; the name fits the kernel's 15 bytes (prctl(2), PR_SET_NAME).
static NEXT: AtomicU32 = AtomicU32::new(0);

impl Worker {
    /// One that is not started yet, and the name to start it under.
    pub(super) fn new() -> (Self, String) {
        let name = format!("store-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        (Self { name: name.clone() }, name)
    }

    /// Waits until it has ended, which is when the kernel no longer counts it: sqlx says that a
    /// connection is closed a moment before. Gives up after a second.
    pub(super) async fn ended(&self) {
        for _ in 0..TRIES {
            if !self.is_running() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn is_running(&self) -> bool {
        let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
        threads.flatten().any(|thread| {
            fs::read_to_string(thread.path().join("comm"))
                .is_ok_and(|name| name.trim_end() == self.name)
        })
    }
}

const TRIES: u32 = 1000;
