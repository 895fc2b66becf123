//! The search for the holders of sockets: which processes are looked at, and by which way.
//!
//! There are three: `scan` reads all of `/proc/PID/fd`, `walk` lets the kernel do so, and `--fast`
//! leaves out processes that are unlikely. What each found is told alike.

use portolan_ports::{Gap, Unseen, Why};
use rustix::io::Errno;

use super::clock::Clock;
use super::scan::{Proc, Scan, Wanted};
use super::user::Users;
use super::walk::{self, Refusal};
use super::{gap, group_tree, hit, kernel_thread};
use crate::OwnerSearch;
use crate::owner_record::OwnerRecord;

/// What a scan of one process costs beside its descriptors, in microseconds of CPU.
const PROCESS_COST: u64 = 10;
/// What a scan costs for one descriptor, in tenths of a microsecond beyond what a walk does.
const DESCRIPTOR_COST_TENTHS: u64 = 20;
/// What a walk costs before the first descriptor, in microseconds of CPU, and what it must save to
/// be worth the change.
const WALK_COST: u64 = 3500;
/// What is assumed of a process of which the kernel does not tell it.
const USUAL_DESCRIPTORS: u64 = 16;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish<'a> {
    pub(super) how: OwnerSearch,
    pub(super) threads: usize,
    /// The sockets' inodes, sorted, each once.
    pub(super) inodes: &'a [u64],
    /// The control groups in which they were made, each once; `None` where one is not known.
    pub(super) groups: Option<&'a [u64]>,
    /// For [`OwnerSearch::Fast`]: whether one holder of each is enough.
    pub(super) one_each: bool,
    /// By which the start of each holder is told; `None` where it is not asked for.
    pub(super) clock: Option<Clock>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) scan: Scan,
    /// Inodes that nobody was found to hold, sorted.
    pub(super) missing: Vec<u64>,
    /// Why nobody was looked at.
    pub(super) refused: Option<Gap>,
    /// What was left out although owners were found.
    pub(super) gaps: Vec<Gap>,
    /// How it was looked.
    pub(super) explanation: Vec<String>,
}

/// Looks.
pub(super) fn search(wish: &Wish<'_>) -> Found {
    let mut found = Found::default();
    let outcome = Proc::open(wish.clock).and_then(|proc| match wish.how {
        OwnerSearch::None => Ok(()),
        OwnerSearch::Fast => fast(&proc, wish, &mut found),
        OwnerSearch::Complete => {
            let pids = pids(&proc)?;
            complete(&proc, &pids, wish, &mut found)
        }
        OwnerSearch::Scan => {
            let pids = pids(&proc)?;
            scan_all(&proc, &pids, wish, &mut found)
        }
        OwnerSearch::Iterator => iterator(&proc, wish, &mut found),
    });
    if let Err(errno) = outcome {
        let detail = format!("cannot list /proc: {errno}");
        found.refused = Some(gap(Unseen::Owner, Why::Failed, detail));
    }
    found.scan.held.sort_by_key(|held| held.owner.pid);
    if !found.scan.held.is_empty() {
        let users = Users::read();
        for held in &mut found.scan.held {
            held.owner.user = held.owner.uid.and_then(|uid| users.name(uid));
        }
    }
    found.missing = missing(wish.inodes, &found.scan);
    found
}

/// All processes but the kernel's own threads.
fn pids(proc: &Proc) -> Result<Vec<u32>, Errno> {
    let mut pids = proc.pids()?;
    let kernel = kernel_thread::family();
    pids.retain(|pid| kernel.binary_search(pid).is_err());
    Ok(pids)
}

/// By whichever way costs least.
fn complete(proc: &Proc, pids: &[u32], wish: &Wish<'_>, found: &mut Found) -> Result<(), Errno> {
    let why_not = match walk::may_load() {
        Err(refusal) => refusal.to_string(),
        Ok(()) if !is_worth_a_walk(proc, pids) => {
            "it costs more to load than to read the few descriptors here".to_owned()
        }
        Ok(()) => match walk_all(proc, wish, &mut found.scan) {
            Ok(told) => {
                found.explanation.push(told);
                return late(proc, pids, wish, found);
            }
            Err(refusal) => refusal.to_string(),
        },
    };
    let sentence = format!("the kernel's own walk over all descriptors was not used: {why_not}");
    found.explanation.push(sentence);
    scan_all(proc, pids, wish, found)
}

/// By the kernel's walk or not at all.
fn iterator(proc: &Proc, wish: &Wish<'_>, found: &mut Found) -> Result<(), Errno> {
    let pids = proc.pids()?;
    match walk::may_load().and_then(|()| walk_all(proc, wish, &mut found.scan)) {
        Ok(told) => {
            found.explanation.push(told);
            late(proc, &pids, wish, found)
        }
        Err(refusal) => {
            let detail = format!("the kernel does not walk over all descriptors: {refusal}");
            found.explanation.push(detail.clone());
            found.refused = Some(gap(Unseen::Owner, refusal.why(), detail));
            Ok(())
        }
    }
}

/// Among the processes of the creators' control groups; among all where that is hardly narrower, or
/// something is left over.
fn fast(proc: &Proc, wish: &Wish<'_>, found: &mut Found) -> Result<(), Errno> {
    let all = pids(proc)?;
    let wanted = if wish.one_each {
        Wanted::one_each(wish.inodes)
    } else {
        Wanted::all(wish.inodes)
    };
    if let Some(likely) = likely(wish, &all) {
        found.scan = proc.scan(&likely, &wanted, wish.threads);
        let sentence = format!(
            "of the control groups that made the sockets, {}",
            counted(&found.scan)
        );
        found.explanation.push(sentence);
        let left = missing(wish.inodes, &found.scan).len();
        if left == 0 {
            let detail = "only processes in the control groups that made the sockets were \
                          looked at (--fast)";
            found
                .gaps
                .push(gap(Unseen::CoOwners, Why::Narrowed, detail));
            return Ok(());
        }
        let sentence = format!("{left} sockets were left over, so all processes were looked at");
        found.explanation.push(sentence);
        found.scan = Scan::default();
        return complete(proc, &all, wish, found);
    }
    found.explanation.push(
        "the control groups that made the sockets narrow nothing down (most processes are in \
         them, or they are not known)"
            .to_owned(),
    );
    let may_walk = || walk::may_load().is_ok() && is_worth_a_walk(proc, &all);
    if !wish.one_each || may_walk() {
        return complete(proc, &all, wish, found);
    }
    found.scan = proc.scan(&all, &wanted, wish.threads);
    found.explanation.push(counted(&found.scan));
    if wanted.is_done() && found.scan.processes + found.scan.unreadable < all.len() {
        let detail = "the look ended when every socket had an owner (--fast)";
        found
            .gaps
            .push(gap(Unseen::CoOwners, Why::Narrowed, detail));
    }
    late(proc, &all, wish, found)
}

/// Those of `all` that are in the control groups where the sockets were made; `None` where that is
/// the greater part, or cannot be told.
fn likely(wish: &Wish<'_>, all: &[u32]) -> Option<Vec<u32>> {
    let mut likely = group_tree::processes(group_tree::mount()?, wish.groups?)?;
    likely.retain(|pid| all.binary_search(pid).is_ok());
    (likely.len() <= all.len() / 2).then_some(likely)
}

/// Through `/proc/PID/fd` of all.
fn scan_all(proc: &Proc, pids: &[u32], wish: &Wish<'_>, found: &mut Found) -> Result<(), Errno> {
    found.scan = proc.scan(pids, &Wanted::all(wish.inodes), wish.threads);
    found.explanation.push(counted(&found.scan));
    late(proc, pids, wish, found)
}

/// Where something is still missing, looks also at the kernel's children and at those processes
/// that began meanwhile.
fn late(proc: &Proc, pids: &[u32], wish: &Wish<'_>, found: &mut Found) -> Result<(), Errno> {
    if found.scan.unreadable > 0 || missing(wish.inodes, &found.scan).is_empty() {
        return Ok(());
    }
    let mut late = proc.pids()?;
    let known = |pid: u32| found.scan.held.iter().any(|held| held.owner.pid == pid);
    late.retain(|pid| pids.binary_search(pid).is_err() && !known(*pid));
    if !late.is_empty() {
        let scan = proc.scan(&late, &Wanted::all(wish.inodes), 1);
        found.scan.absorb(scan);
    }
    Ok(())
}

/// Whether a scan of these would cost more CPU than a walk over all.
///
/// Measured with `examples/cost.rs` on two cores of a virtual machine, Linux 6.18, in milliseconds
/// of CPU for a whole look, scan against walk:
///
/// | processes | descriptors | estimate | scan | walk |
/// |---|---|---|---|---|
/// | 25 | 161 | 0.6 | 0.9 | 2.5 |
/// | 118 | 1,345 | 3.9 | 7.1 | 6.3 |
/// | 160 | 1,910 | 5.4 | 8.9 | 5.6 |
/// | 210 | 2,618 | 7.3 | 14.8 | 10.2 |
/// | 385 | 36,751 | 77 | 118 | 36 |
///
/// (Those in the middle while others worked, which makes all a half dearer.) Reading the number
/// of descriptors costs 1.5 microseconds for a process, so it ends once the answer is certain.
fn is_worth_a_walk(proc: &Proc, pids: &[u32]) -> bool {
    let mut cost = pids.len() as u64 * PROCESS_COST;
    let mut pids = pids.iter();
    while cost <= WALK_COST {
        let Some(pid) = pids.next() else { return false };
        let count = proc.descriptor_count(*pid).unwrap_or(USUAL_DESCRIPTORS);
        cost += count.saturating_mul(DESCRIPTOR_COST_TENTHS) / 10;
    }
    true
}

/// Lets the kernel walk, describes the processes that hold wanted sockets, and tells how it went.
fn walk_all(proc: &Proc, wish: &Wish<'_>, scan: &mut Scan) -> Result<String, Refusal> {
    let mut hits: Vec<OwnerRecord> = Vec::new();
    let mut sockets = 0;
    walk::walk(|record| {
        sockets += 1;
        if wish.inodes.binary_search(&record.inode).is_ok() {
            hits.push(record);
        }
    })?;
    // A process's own table first: most have no other.
    hits.sort_unstable_by_key(|hit| (hit.process, hit.thread != hit.process, hit.inode));
    let mut processes = 0;
    for hits in hits.chunk_by(|a, b| a.process == b.process) {
        processes += 1;
        hit::describe(proc, hits, &Wanted::all(wish.inodes), scan);
    }
    Ok(format!(
        "the kernel walked over the descriptors of all processes by itself (BPF): {sockets} are \
         Internet sockets, {processes} processes hold those asked for"
    ))
}

fn missing(wanted: &[u64], scan: &Scan) -> Vec<u64> {
    let mut found: Vec<u64> = scan
        .held
        .iter()
        .flat_map(|held| &held.inodes)
        .copied()
        .collect();
    found.sort_unstable();
    wanted
        .iter()
        .filter(|inode| found.binary_search(inode).is_err())
        .copied()
        .collect()
}

/// How much of `/proc` a look read.
fn counted(scan: &Scan) -> String {
    let Scan {
        processes,
        descriptors,
        unreadable,
        ..
    } = scan;
    let (of, were) = match processes {
        1 => ("process", "was"),
        _ => ("processes", "were"),
    };
    let mut told =
        format!("{processes} {of} with {descriptors} descriptors {were} looked at through /proc");
    if *unreadable > 0 {
        told.push_str(&format!(", {unreadable} did not show theirs"));
    }
    told
}
