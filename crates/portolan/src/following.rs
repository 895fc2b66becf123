//! Following with a clock: when to look, and what to wait for between two looks.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant, SystemTime};

use portolan_inspect::{Clock, FollowOptions, Follower};
use portolan_ports::Gap;
use portolan_survey::changes::{Change, Changes};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::clock;

/// The longest that a close is held back to see whether it is a restart.
const MOST_PATIENCE: Duration = Duration::from_secs(1);

/// Where connections close all the time, their events are read this often and not one by one.
const LULL: Duration = Duration::from_millis(20);

/// When to look again for a listener that one look missed.
const AGAIN: Duration = Duration::from_millis(200);

/// A follower that knows when it is due.
#[derive(Debug)]
pub(crate) struct Following {
    pub(crate) follower: Follower,
    changes: Changes,
    tick: Duration,
    patience: Duration,
    /// When the next tick is.
    next: Instant,
    /// When the last look began.
    last: Instant,
    /// When a close that was heard has waited long enough.
    close_due: Option<Instant>,
    /// Until when events that are not ours wait to be read.
    lull: Option<Instant>,
}

/// Why following paused.
#[derive(Debug)]
pub(crate) enum Turn {
    /// It was looked.
    Looked(Looked),
    /// One of the other descriptors has something.
    Woken,
    /// The time is up.
    Ended,
}

/// What a look brought.
#[derive(Debug)]
pub(crate) struct Looked {
    pub(crate) changes: Vec<Change>,
    /// The kernel dropped some close events.
    pub(crate) lost: bool,
    pub(crate) gaps: Vec<Gap>,
    /// How long after the look before it was.
    pub(crate) after: Duration,
}

impl Following {
    /// Lists what is there, and follows it from now on.
    pub(crate) fn start(tick: Duration, queues: bool) -> Self {
        let clock = Clock {
            wall: clock::moment,
            steady: clock::steady,
        };
        let follower = Follower::start(&FollowOptions {
            queues,
            ..FollowOptions::new(clock)
        });
        let patience = tick.min(MOST_PATIENCE);
        // The first look is due at once: the search for all owners took its time.
        let last = clock::steady();
        Self {
            changes: Changes::new(follower.listeners(), patience),
            follower,
            tick,
            patience,
            next: last,
            last,
            close_due: None,
            lull: None,
        }
    }

    /// Waits for the next look, and looks; or until `others` have something, or `end` has come.
    pub(crate) fn turn(
        &mut self,
        others: &[(BorrowedFd<'_>, PollFlags)],
        end: Option<Instant>,
    ) -> rustix::io::Result<Turn> {
        loop {
            let now = clock::steady();
            let due = self.due();
            if end.is_some_and(|end| now >= end) {
                return Ok(Turn::Ended);
            }
            if now >= due {
                return Ok(Turn::Looked(self.look(now)));
            }
            self.lull = self.lull.filter(|lull| *lull > now);
            let until = [Some(due), end, self.lull].into_iter().flatten().min();
            let wait = until.unwrap_or(due).saturating_duration_since(now);
            let (woken, events) = self.wait(others, wait)?;
            if woken {
                return Ok(Turn::Woken);
            }
            if events {
                let now = clock::steady();
                if self.follower.hear() {
                    self.close_due.get_or_insert(now + self.patience);
                }
                self.lull = Some(now + LULL);
            }
        }
    }

    /// Looks once more, and tells every close that is held back.
    pub(crate) fn finish(&mut self) -> Vec<Change> {
        let mut changes = self.look(clock::steady()).changes;
        changes.extend(self.changes.finish());
        changes
    }

    /// The next tick; before it, a close that has waited long enough, though not right after a look.
    fn due(&self) -> Instant {
        let early = self
            .close_due
            .map(|due| due.max(self.last + self.patience / 2));
        early.map_or(self.next, |early| early.min(self.next))
    }

    fn look(&mut self, now: Instant) -> Looked {
        let after = now.saturating_duration_since(self.last);
        self.last = now;
        if now >= self.next {
            self.next = (self.next + self.tick).max(now);
        }
        let seen = self.follower.look();
        let (lost, gaps, unsure) = (seen.lost, seen.gaps.clone(), seen.unsure);
        let wall: SystemTime = clock::moment();
        let changes = self.changes.tell(seen, wall);
        self.close_due = self.changes.due().map(|due| {
            let left = due.duration_since(wall).unwrap_or_default();
            clock::steady() + left.min(self.patience)
        });
        if unsure {
            self.close_due.get_or_insert(now + AGAIN);
        }
        Looked {
            changes,
            lost,
            gaps,
            after,
        }
    }

    /// Whether one of the others has something, and whether close events have come.
    fn wait(
        &self,
        others: &[(BorrowedFd<'_>, PollFlags)],
        time: Duration,
    ) -> rustix::io::Result<(bool, bool)> {
        let mut polled: Vec<PollFd<'_>> = others
            .iter()
            .map(|(fd, flags)| PollFd::from_borrowed_fd(*fd, *flags))
            .collect();
        if self.lull.is_none() {
            let events = self.follower.descriptors();
            polled.extend(events.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        }
        let time = Timespec::try_from(time).unwrap_or_default();
        match poll(&mut polled, Some(&time)) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok((false, false)),
            Err(errno) => return Err(errno),
        }
        let (others, events) = polled.split_at(others.len());
        let has = |polled: &[PollFd<'_>]| polled.iter().any(|fd| !fd.revents().is_empty());
        Ok((has(others), has(events)))
    }
}
