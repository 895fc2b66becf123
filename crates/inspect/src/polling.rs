//! Following by listing anew, for systems whose kernel tells neither cookies nor closes.
//!
//! Cost: a whole listing with owners for each look.

use portolan_ports::{Gap, Listener};

use crate::Options;
use crate::follow::{Closed, FollowOptions, Renewed, Seen};

/// The last list, and how to make the next one.
#[derive(Debug)]
pub(crate) struct Follower {
    options: FollowOptions,
    known: Vec<Listener>,
    gaps: Vec<Gap>,
}

impl Follower {
    pub(crate) fn start(options: &FollowOptions) -> Self {
        let seen = crate::listeners(&listing(options));
        Self {
            options: *options,
            known: seen.listeners,
            gaps: seen.gaps,
        }
    }

    pub(crate) fn listeners(&self) -> impl Iterator<Item = &Listener> {
        self.known.iter()
    }

    pub(crate) fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    #[cfg(unix)]
    #[expect(clippy::unused_self, reason = "the same form as Linux's")]
    pub(crate) fn descriptors(&self) -> impl Iterator<Item = std::os::fd::BorrowedFd<'_>> {
        std::iter::empty()
    }

    #[expect(clippy::unused_self, reason = "the same form as Linux's")]
    pub(crate) fn hear(&mut self) -> bool {
        false
    }

    pub(crate) fn look(&mut self) -> Seen {
        let listed = crate::listeners(&listing(&self.options));
        let mut gone = std::mem::take(&mut self.known);
        let mut seen = Seen::default();
        for now in listed.listeners {
            match gone.iter().position(|before| is_same(before, &now)) {
                None => seen.opened.push(now.clone()),
                Some(at) => {
                    let before = gone.swap_remove(at);
                    if !before.owners.iter().eq(&now.owners) {
                        let now = now.clone();
                        seen.renewed.push(Renewed { before, now });
                    }
                }
            }
            self.known.push(now);
        }
        let at = (self.options.clock.wall)();
        let closed = |listener| Closed {
            listener,
            at,
            heard: false,
        };
        seen.closed = gone.into_iter().map(closed).collect();
        let new = |gap: &Gap| !self.gaps.contains(gap);
        seen.gaps = listed.gaps.into_iter().filter(new).collect();
        self.gaps.extend(seen.gaps.iter().cloned());
        seen
    }
}

fn listing(options: &FollowOptions) -> Options {
    Options {
        threads: options.threads,
        ..Options::default()
    }
}

fn is_same(one: &Listener, other: &Listener) -> bool {
    let identity = |l: &Listener| (l.transport, l.port, l.address, l.inode, l.cookie);
    identity(one) == identity(other)
        && one.namespace == other.namespace
        && one.interface == other.interface
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};
    use std::time::{Instant, SystemTime};

    use super::*;
    use crate::Clock;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test is the caller")]
    fn opens_and_closes_are_seen_without_the_kernels_help() {
        let clock = Clock {
            wall: SystemTime::now,
            steady: Instant::now,
        };
        let mut follower = Follower::start(&FollowOptions::new(clock));
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = held.local_addr().unwrap().port();
        let opened = follower.look().opened;
        assert!(opened.iter().any(|listener| listener.port == port));
        assert!(follower.listeners().any(|listener| listener.port == port));
        drop(held);
        let closed = follower.look().closed;
        let mine = closed.iter().find(|closed| closed.listener.port == port);
        assert!(!mine.unwrap().heard);
        assert_eq!(mine.unwrap().listener.owners[0].pid, std::process::id());
    }
}
