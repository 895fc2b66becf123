//! How much of this process one run may use.

use std::time::Duration;

/// Bounds on a whole run, over all its targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most connections open at once. Lowered to what the descriptor limit leaves.
    pub connections: usize,
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
    /// 256 connections at once, 60 seconds.
    fn default() -> Self {
        Self {
            connections: 256,
            total: Duration::from_secs(60),
        }
    }
}
