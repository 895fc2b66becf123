//! How long a stranger's whole answer is waited for, however it drips.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// A bound that has begun to run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience(Instant);

impl Patience {
    pub(super) fn of(duration: Duration) -> Self {
        Self(now() + duration)
    }

    pub(super) fn is_over(self) -> bool {
        now() > self.0
    }

    /// Waits until there is something to read, or the end of it; false when the bound comes first.
    pub(super) fn until_readable(self, stream: impl AsFd) -> Result<bool, Errno> {
        let left = self.0.saturating_duration_since(now());
        let timeout = Timespec {
            tv_sec: left.as_secs().try_into().unwrap_or_default(),
            tv_nsec: left.subsec_nanos().into(),
        };
        match poll(&mut [PollFd::new(&stream, PollFlags::IN)], Some(&timeout)) {
            Ok(ready) => Ok(ready > 0),
            Err(Errno::INTR) => Ok(!self.is_over()),
            Err(errno) => Err(errno),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the bound on a stranger's answer is no part of what is told"
)]
fn now() -> Instant {
    Instant::now()
}
