//! Following the listeners of this machine: a list that is kept, and what each further look changes.
//!
//! No log: nothing is written down, and what a change means (a restart, a move to another address)
//! is judged above, in `survey`. It sleeps nowhere and holds no clock; the caller does.

use std::time::{Duration, Instant, SystemTime};

use portolan_ports::{Gap, Listener};

use crate::platform;

/// How to follow.
#[derive(Clone, Copy, Debug)]
pub struct FollowOptions {
    /// How often to search anew for the holders of all known sockets; stretched where the search is
    /// so dear that it would take more than a hundredth of the time.
    pub recheck: Duration,
    /// Whether each look brings the accept queues up to date too.
    pub queues: bool,
    /// How many threads look for owners, this one included.
    pub threads: usize,
    /// How many bytes of close events the kernel may keep for us until they are read
    /// (SO_RCVBUF, socket(7)); it keeps some for its own account.
    pub event_bytes: usize,
    /// Where the time comes from.
    pub clock: Clock,
}

/// The caller's clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The time of day, for what is told.
    pub wall: fn() -> SystemTime,
    /// Time that only passes, for what is due.
    pub steady: fn() -> Instant,
}

impl FollowOptions {
    /// The usual ones: owners again every five seconds, two threads, room for thousands of events.
    #[must_use]
    pub const fn new(clock: Clock) -> Self {
        Self {
            recheck: Duration::from_secs(5),
            queues: false,
            threads: 2,
            event_bytes: 4 << 20,
            clock,
        }
    }
}

/// What one look found changed since the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Listeners that were not there before, with their owners. Who else holds one is found by the
    /// next search for all owners.
    pub opened: Vec<Listener>,
    /// Listeners that are there no more, as they were last known.
    pub closed: Vec<Closed>,
    /// Sockets that are still there, and are held by others or bound otherwise than before.
    pub renewed: Vec<Renewed>,
    /// This look missed a listener of whose close nothing was heard: another look soon will tell.
    pub unsure: bool,
    /// The kernel had no room for all its close events: their moments are lost, the closes are not.
    pub lost: bool,
    /// What this look could not see.
    pub gaps: Vec<Gap>,
}

impl Seen {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A listener that is there no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// What it was.
    pub listener: Listener,
    /// When.
    pub at: SystemTime,
    /// Whether the kernel told of the close, so that `at` is its moment; else that of the look that
    /// missed it.
    pub heard: bool,
}

/// One socket before and now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// As it was last known.
    pub before: Listener,
    /// As it is.
    pub now: Listener,
}

/// The list of listeners, kept up to date by looking again.
///
/// Source: a dump of NETLINK_SOCK_DIAG for each look; its multicast groups of destroyed sockets
///         (`SKNLGRP_INET_TCP_DESTROY` and its three sisters, `linux/sock_diag.h`) for the moment
///         of a close. The kernel has no event for an open.
/// Cost:   a look that finds nothing new is the dump and one comparison; owners are looked for only
///         where a socket is new, one of its holders has gone, or the time for all has come.
///
/// What opens and closes between two looks is not seen: the event of its close is the same as that
/// of a socket that was bound and never listened, and would name no owner.
#[derive(Debug)]
pub struct Follower(platform::Follower);

impl Follower {
    /// Lists what is there now, with all owners.
    #[must_use]
    pub fn start(options: &FollowOptions) -> Self {
        Self(platform::Follower::start(options))
    }

    /// What is known to be there, in no order.
    pub fn listeners(&self) -> impl Iterator<Item = &Listener> {
        self.0.listeners()
    }

    /// What could not be seen so far: the first list's gaps, and why no close events come where
    /// none do.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        self.0.gaps()
    }

    /// Descriptors that become readable when sockets close: some of ours or others.
    #[cfg(unix)]
    pub fn descriptors(&self) -> impl Iterator<Item = std::os::fd::BorrowedFd<'_>> {
        self.0.descriptors()
    }

    /// Takes the close events that have come; whether one of the known listeners closed, or
    /// events were lost. What it heard is told by the next look.
    pub fn hear(&mut self) -> bool {
        self.0.hear()
    }

    /// Looks again.
    pub fn look(&mut self) -> Seen {
        self.0.look()
    }
}
