//! How much of this process one run may use.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// Bounds on a whole run, over all its targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most sockets open at once. Lowered to what the descriptor limit leaves.
    pub connections: usize,
    /// The most connections and datagrams begun in a second, over all targets; `None` for no
    /// bound.
    pub rate: Option<u32>,
    /// The time for the whole run; targets not begun by then come back as skipped.
    pub total: Duration,
}

impl Limits {
    /// Descriptors that are left to the rest of the process.
    const SPARE: u64 = 64;

    /// The connections that may really be open at once: [`Limits::connections`], or what
    /// `RLIMIT_NOFILE` (getrlimit(2)) leaves after some spare, whichever is less; at least 1.
    #[must_use]
    pub fn connections_allowed(&self) -> usize {
        let left = open_files().map_or(usize::MAX, |n| {
            usize::try_from(n.saturating_sub(Self::SPARE)).unwrap_or(usize::MAX)
        });
        self.connections.min(left).max(1)
    }

    /// Raises this process's own soft limit on descriptors as far as these limits want and the
    /// hard limit allows. What was raised stays so; that it could not be is no error.
    pub fn raise_open_files(&self) {
        #[cfg(unix)]
        {
            use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
            let wanted = (self.connections as u64).saturating_add(Self::SPARE);
            let now = getrlimit(Resource::Nofile);
            if now.current.is_some_and(|current| current < wanted) {
                let raised = Rlimit {
                    current: Some(now.maximum.map_or(wanted, |most| most.min(wanted))),
                    maximum: now.maximum,
                };
                let _kept = setrlimit(Resource::Nofile, raised);
            }
        }
    }
}

/// The most descriptors that this process may have open; `None` where nothing limits them.
#[cfg(unix)]
fn open_files() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

/// Windows has no such limit.
#[cfg(not(unix))]
const fn open_files() -> Option<u64> {
    None
}

impl Default for Limits {
    /// 1024 sockets at once, 4000 begun in a second, 60 seconds.
    fn default() -> Self {
        Self {
            connections: 1024,
            rate: Some(4000),
            total: Duration::from_secs(60),
        }
    }
}

/// What all inquiries of one run share: room for sockets, and turns to begin.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    room: Arc<Semaphore>,
    next: Arc<Mutex<Instant>>,
    gap: Duration,
}

/// Room for one socket, for as long as it is kept.
pub(crate) type Room = Option<OwnedSemaphorePermit>;

impl Pool {
    pub(crate) fn new(limits: &Limits) -> Self {
        let rate = limits.rate.filter(|&rate| rate > 0);
        Self {
            room: Arc::new(Semaphore::new(limits.connections_allowed())),
            next: Arc::new(Mutex::new(Instant::now())),
            gap: rate.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate),
        }
    }

    /// Waits for room and for a turn. The order of asking is the order of getting.
    pub(crate) async fn room(&self) -> Room {
        let room = Arc::clone(&self.room).acquire_owned().await.ok();
        self.turn().await;
        room
    }

    /// Waits until one more packet or connection may begin.
    pub(crate) async fn turn(&self) {
        if self.gap.is_zero() {
            return;
        }
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = (*next).max(Instant::now());
            *next = turn + self.gap;
            turn
        };
        sleep_until(turn).await;
    }
}
