//! The list of listeners, kept: dumps compared by cookie, closes heard from the kernel.

mod holder;
mod search;

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use portolan_ports::{Gap, Listener, Unseen, Why};
use portolan_registry::Transport;

use super::closing::Closings;
use super::table::{Query, Table};
use super::{TRANSPORTS, creator, describe, gap, owner};
use crate::follow::{Closed, FollowOptions, Renewed, Seen};
use crate::sock_diag::Record;
use crate::{Namespaces, Options, Source};

/// How long dumps must lack a listener before that is believed. A dump whose tables change under it
/// may miss one, and the kernel tells of a UDP socket's close only after an RCU grace period.
const GRACE: Duration = Duration::from_millis(150);

/// A search for all owners may take this part of the time.
const SHARE: u32 = 100;

/// What tells one socket from every other: its cookie, or where the kernel does not tell that
/// (`/proc/net`) its inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key(u64);

impl Key {
    fn of(record: &Record) -> Self {
        Self(record.cookie.unwrap_or_else(|| record.inode.into()))
    }
}

/// What of a record is compared from look to look.
type Line = (Key, SocketAddr, u32);

#[derive(Debug)]
struct Known {
    listener: Listener,
    /// Its interface by number.
    interface: u32,
    /// All processes were looked at for its owners, not only until one was found.
    settled: bool,
    /// Since when searches find no holder where there had been one.
    bereft: Option<Instant>,
    /// Since when dumps lack it without the kernel having told of its close.
    missed: Option<Instant>,
}

#[derive(Debug)]
pub(crate) struct Follower {
    options: FollowOptions,
    table: Table,
    closings: Option<Closings>,
    known: HashMap<Key, Known>,
    /// The last dump, in the kernel's order: while nothing changes, neither does that.
    last: Vec<Line>,
    /// Closes that were heard and are not told yet.
    heard: Vec<Closed>,
    lost: bool,
    /// Transports other than TCP and UDP that had listeners.
    rare: HashSet<Transport>,
    holders: holder::Holders,
    holders_due: Instant,
    owners_due: Instant,
    gaps: Vec<Gap>,
}

impl Follower {
    pub(crate) fn start(options: &FollowOptions) -> Self {
        let mut gaps = Vec::new();
        // Joined before the first dump, so that no close falls between the two.
        let closings = Closings::open(options.event_bytes)
            .map_err(|errno| {
                let detail = format!("the kernel does not tell of closes: {errno}");
                gaps.push(gap(Unseen::Sockets, Why::Failed, detail));
            })
            .ok();
        let now = (options.clock.steady)();
        let mut follower = Self {
            options: *options,
            table: Table::open(Source::Automatic, Namespaces::Own, true),
            closings,
            known: HashMap::new(),
            last: Vec::new(),
            heard: Vec::new(),
            lost: false,
            rare: HashSet::new(),
            holders: holder::Holders::default(),
            holders_due: now,
            owners_due: now,
            gaps,
        };
        let records = follower.read();
        follower.gaps.extend(follower.table.take_gaps());
        follower.learn(&records);
        let gaps = follower.search_all(&mut Vec::new());
        follower.gaps.extend(gaps);
        let (keys, mut listeners) = follower.known_where(|_| true);
        let unnamed = follower.name(&mut listeners);
        follower.gaps.extend(unnamed);
        for (key, listener) in keys.iter().zip(listeners) {
            if let Some(known) = follower.known.get_mut(key) {
                known.listener = listener;
            }
        }
        follower
    }

    pub(crate) fn listeners(&self) -> impl Iterator<Item = &Listener> {
        self.known.values().map(|known| &known.listener)
    }

    pub(crate) fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    pub(crate) fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.closings.iter().map(AsFd::as_fd)
    }

    pub(crate) fn hear(&mut self) -> bool {
        let Some(closings) = &mut self.closings else {
            return false;
        };
        let (known, heard) = (&mut self.known, &mut self.heard);
        let before = heard.len();
        let wall = self.options.clock.wall;
        self.lost |= closings.take(|record| {
            if let Some(gone) = known.remove(&Key::of(record)) {
                heard.push(Closed {
                    listener: gone.listener,
                    at: wall(),
                    heard: true,
                });
            }
        });
        heard.len() > before || self.lost
    }

    pub(crate) fn look(&mut self) -> Seen {
        self.hear();
        let records = self.read();
        let gaps = self.table.take_gaps();
        let mut seen = Seen {
            closed: std::mem::take(&mut self.heard),
            lost: std::mem::take(&mut self.lost),
            ..Seen::default()
        };
        let complete = gaps.is_empty();
        let mut fresh = Vec::new();
        let same = self.last.len() == records.len()
            && self
                .last
                .iter()
                .zip(&records)
                .all(|(last, (_, record))| *last == line(record));
        if !same || self.known.len() != self.last.len() {
            fresh = self.compare(&records, complete, &mut seen);
        }
        if self.options.queues {
            self.renew_queues(&records);
        }
        self.note(gaps, &mut seen);
        let now = (self.options.clock.steady)();
        if !fresh.is_empty() {
            self.search_new(&fresh, &mut seen);
        }
        if now >= self.owners_due {
            let gaps = self.search_all(&mut seen.renewed);
            self.note(gaps, &mut seen);
        } else if now >= self.holders_due {
            self.search_abandoned(&mut seen.renewed);
        }
        seen
    }

    /// Tells gaps of a kind that was not told before: what one look cannot see the next one
    /// cannot see either.
    fn note(&mut self, gaps: Vec<Gap>, seen: &mut Seen) {
        for gap in gaps {
            let is_same = |known: &Gap| (known.what, known.why) == (gap.what, gap.why);
            if !self.gaps.iter().any(is_same) {
                self.gaps.push(gap.clone());
                seen.gaps.push(gap);
            }
        }
    }

    /// The listeners' records. The kernel looks for a module, in a process of its own, when it is
    /// asked for a transport that it does not know: of SCTP and DCCP it is asked for each look only
    /// where there are listeners of them, else when owners are searched for.
    fn read(&mut self) -> Vec<(Transport, Record)> {
        let mut records = Vec::with_capacity(self.last.len() + 16);
        let all = (self.options.clock.steady)() >= self.owners_due;
        for transport in TRANSPORTS {
            let usual = matches!(transport, Transport::Tcp | Transport::Udp);
            if !(usual || all || self.rare.contains(&transport)) {
                continue;
            }
            let read = self.table.read(Query::Listening(transport));
            let listening = read.into_iter().filter(|record| record.listens(transport));
            let before = records.len();
            records.extend(listening.map(|record| (transport, record)));
            if !usual && records.len() > before {
                self.rare.insert(transport);
            }
        }
        records
    }

    /// Keeps the sockets among these that were not known; which those are.
    fn learn(&mut self, records: &[(Transport, Record)]) -> Vec<Key> {
        let mut fresh = Vec::new();
        for transport in TRANSPORTS {
            let is_new = |(of, record): &&(Transport, Record)| {
                *of == transport && !self.known.contains_key(&Key::of(record))
            };
            let new: Vec<Record> = records
                .iter()
                .filter(is_new)
                .map(|(_, record)| *record)
                .collect();
            let listeners = describe(transport, &new, 0, &mut self.table);
            for (record, listener) in new.iter().zip(listeners) {
                let known = Known {
                    listener,
                    interface: record.interface,
                    settled: false,
                    bereft: None,
                    missed: None,
                };
                // A dump may tell one socket twice.
                if self.known.insert(Key::of(record), known).is_none() {
                    fresh.push(Key::of(record));
                }
            }
        }
        fresh
    }

    /// Holds a dump that differs from the last one against what is known; which sockets are new.
    fn compare(
        &mut self,
        records: &[(Transport, Record)],
        complete: bool,
        seen: &mut Seen,
    ) -> Vec<Key> {
        for (transport, record) in records {
            let Some(known) = self.known.get_mut(&Key::of(record)) else {
                continue;
            };
            let bound = (known.listener.socket_address(), known.interface);
            if bound == (record.local, record.interface) {
                continue;
            }
            for mut now in describe(*transport, std::slice::from_ref(record), 0, &mut self.table) {
                now.owners = known.listener.owners.clone();
                now.owner_gap = known.listener.owner_gap.clone();
                known.interface = record.interface;
                let before = std::mem::replace(&mut known.listener, now.clone());
                seen.renewed.push(Renewed { before, now });
            }
        }
        let fresh = self.learn(records);
        self.last.clear();
        self.last
            .extend(records.iter().map(|(_, record)| line(record)));
        if complete {
            let present = records.iter().map(|(_, record)| Key::of(record)).collect();
            self.forget_missed(&present, seen);
        }
        fresh
    }

    /// Takes leave of what dumps have lacked for long enough.
    fn forget_missed(&mut self, present: &HashSet<Key>, seen: &mut Seen) {
        let (at, now) = ((self.options.clock.wall)(), (self.options.clock.steady)());
        self.known.retain(|key, known| {
            if present.contains(key) {
                known.missed = None;
                return true;
            }
            let since = *known.missed.get_or_insert(now);
            if now.saturating_duration_since(since) < GRACE {
                seen.unsure = true;
                return true;
            }
            seen.closed.push(Closed {
                listener: known.listener.clone(),
                at,
                heard: false,
            });
            false
        });
    }

    fn renew_queues(&mut self, records: &[(Transport, Record)]) {
        for (_, record) in records {
            let known = self.known.get_mut(&Key::of(record));
            if let Some(queue) = known.and_then(|known| known.listener.queue.as_mut()) {
                queue.pending = record.receive_queue;
            }
        }
    }

    /// Finds the owners of new sockets, and tells them.
    fn search_new(&mut self, fresh: &[Key], seen: &mut Seen) {
        let of = |key: &Key| self.known.get(key).map(|known| known.listener.clone());
        let mut listeners: Vec<Listener> = fresh.iter().filter_map(of).collect();
        let likely = self.holders.pids();
        let options = self.search();
        let all = search::until_found(&mut listeners, likely, &mut self.table, &options);
        let unnamed = self.name(&mut listeners);
        self.note(unnamed, seen);
        for (key, listener) in fresh.iter().zip(&listeners) {
            if let Some(known) = self.known.get_mut(key) {
                known.listener = listener.clone();
                known.settled = all;
                self.holders.add(listener);
            }
        }
        seen.opened.extend(listeners);
    }

    /// Asks engines and systemd for the names of listeners that are new; of others they do not
    /// change.
    fn name(&self, listeners: &mut [Listener]) -> Vec<Gap> {
        let mut gaps = Vec::new();
        super::name(&self.search(), listeners, &mut [], |_| true, &mut gaps);
        gaps
    }

    /// How owners are searched for.
    fn search(&self) -> Options {
        Options {
            threads: self.options.threads,
            ..Options::default()
        }
    }

    /// What is known and fits, by key, for a search that keeps the order.
    fn known_where(&self, fits: impl Fn(&Listener) -> bool) -> (Vec<Key>, Vec<Listener>) {
        let known = self.known.iter();
        let fitting = known.filter(|(_, known)| fits(&known.listener));
        fitting
            .map(|(key, known)| (*key, known.listener.clone()))
            .unzip()
    }

    /// Finds the owners of all sockets anew, and when to do so again.
    fn search_all(&mut self, renewed: &mut Vec<Renewed>) -> Vec<Gap> {
        let steady = self.options.clock.steady;
        let begun = steady();
        let (keys, mut listeners) = self.known_where(|_| true);
        let options = self.search();
        let gaps = owner::attach(&mut listeners, &mut [], &mut self.table, &options, false).gaps;
        creator::name(&mut listeners);
        self.renew_owners(&keys, listeners, renewed);
        let ended = steady();
        let cost = ended.saturating_duration_since(begun);
        self.owners_due = ended + self.options.recheck.max(cost * SHARE);
        gaps
    }

    /// Finds who holds the sockets of processes that have gone or run another program now.
    fn search_abandoned(&mut self, renewed: &mut Vec<Renewed>) {
        let gone = self.holders.gone();
        if !gone.is_empty() {
            let abandoned = |l: &Listener| l.owners.iter().any(|o| gone.contains(&o.pid));
            let (keys, mut listeners) = self.known_where(abandoned);
            if !listeners.is_empty() {
                let options = self.search();
                owner::attach(&mut listeners, &mut [], &mut self.table, &options, false);
                creator::name(&mut listeners);
                self.renew_owners(&keys, listeners, renewed);
            }
        }
        let now = (self.options.clock.steady)();
        self.holders_due = now + self.options.recheck.min(holder::PAUSE);
    }

    /// Takes over what a search found.
    fn renew_owners(&mut self, keys: &[Key], found: Vec<Listener>, renewed: &mut Vec<Renewed>) {
        // What closed while it was searched for keeps the owners that it had.
        self.hear();
        let moment = (self.options.clock.steady)();
        for (key, now) in keys.iter().zip(found) {
            let Some(known) = self.known.get_mut(key) else {
                continue;
            };
            let pids =
                |l: &Listener| -> Vec<(u32, Option<String>)> { l.owners.iter().map(pid).collect() };
            let (old, new) = (pids(&known.listener), pids(&now));
            let first = !known.settled && old.iter().all(|pid| new.contains(pid));
            known.settled = true;
            // So does one that is under way from one process to another, or whose close is not
            // heard yet; nobody's for longer than that takes, it is nobody's.
            if new.is_empty() && !old.is_empty() {
                let since = *known.bereft.get_or_insert(moment);
                if moment.saturating_duration_since(since) < GRACE {
                    continue;
                }
            }
            known.bereft = None;
            if old == new {
                known.listener.owner_gap = now.owner_gap;
                continue;
            }
            let before = std::mem::replace(&mut known.listener, now.clone());
            // Co-owners that the first, hasty search did not look for are no change.
            if !first {
                renewed.push(Renewed { before, now });
            }
        }
        self.holders.replace(
            self.known
                .values()
                .flat_map(|known| known.listener.owners.iter()),
        );
    }
}

fn pid(owner: &portolan_ports::Owner) -> (u32, Option<String>) {
    (owner.pid, owner.exe.clone())
}

fn line(record: &Record) -> Line {
    (Key::of(record), record.local, record.interface)
}
