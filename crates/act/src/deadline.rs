//! A point in time after which nobody waits any more: a timer of the kernel, timerfd_create(2).
//! This crate holds no clock.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create, timerfd_settime,
};

/// How long to wait between two looks at something that tells no event.
const PACE: Duration = Duration::from_millis(25);

/// A timer that runs down once.
#[derive(Debug)]
pub struct Deadline(OwnedFd);

impl Deadline {
    /// Begins to run down now; no time at all counts as a millisecond.
    ///
    /// # Errors
    /// Where the kernel gives no timer.
    pub fn after(time: Duration) -> Result<Self, Errno> {
        let time = time.max(Duration::from_millis(1));
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC)?;
        let once = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: Timespec::try_from(time).map_err(|_| Errno::INVAL)?,
        };
        timerfd_settime(&timer, TimerfdTimerFlags::empty(), &once)?;
        Ok(Self(timer))
    }

    /// Whether it has run down.
    #[must_use]
    pub fn is_over(&self) -> bool {
        ready(&[self.0.as_fd()], Some(Duration::ZERO)).is_ok_and(|ready| ready == [true])
    }

    /// Waits until one of these can be read, or the time is over; says which can be read.
    pub(crate) fn wait(&self, fds: &[BorrowedFd<'_>]) -> Result<Vec<bool>, Errno> {
        let mut all = fds.to_vec();
        all.push(self.0.as_fd());
        let mut ready = ready(&all, None)?;
        ready.pop();
        Ok(ready)
    }

    /// Waits for the pace or until the time is over; false where it is over.
    #[must_use]
    pub fn pause(&self) -> bool {
        ready(&[self.0.as_fd()], Some(PACE)).is_ok_and(|ready| ready == [false])
    }

    /// Waits until the time is over.
    pub fn run_down(&self) {
        while !self.is_over() {
            if ready(&[self.0.as_fd()], None).is_err() {
                return;
            }
        }
    }
}

/// Which of these can be read; waits for at least one, at most for `time`.
pub(crate) fn ready(fds: &[BorrowedFd<'_>], time: Option<Duration>) -> Result<Vec<bool>, Errno> {
    let time = time.and_then(|time| Timespec::try_from(time).ok());
    let mut polled: Vec<PollFd<'_>> = fds
        .iter()
        .map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN))
        .collect();
    loop {
        match poll(&mut polled, time.as_ref()) {
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
            Ok(_) => break,
        }
    }
    Ok(polled.iter().map(|fd| !fd.revents().is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_runs_down_once_and_stays_so() {
        let long = Deadline::after(Duration::from_secs(600)).unwrap();
        assert!(!long.is_over() && long.pause());
        let short = Deadline::after(Duration::ZERO).unwrap();
        short.run_down();
        assert!(short.is_over() && !short.pause());
    }
}
