//! A process that the kernel's walk saw holding a socket, described after the walk, and never taken
//! for another one.

use std::fmt::Write as _;
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags, openat, readlinkat_raw};
use rustix::io::Errno;

use super::process;
use super::scan::{self, Held, Proc, Scan, Wanted};
use super::stat::Stat;
use crate::owner_record::OwnerRecord;

/// The nanoseconds in the unit in which `/proc/PID/stat` tells a process's start: USER_HZ is 100
/// on every architecture that has BPF.
const TICK: u64 = 10_000_000;

/// Describes the process that the kernel's walk found, unless it is another one by now.
///
/// The walk tells when the process began. Where the process that has the number now began at
/// another time, the number was given away, and what the walk saw was true of one that has gone:
/// the new one is looked at as in any scan. Where it is the same, it may still have become another
/// program (execve(2) closes most descriptors), so that its description could be of a program that
/// never held the socket; so a descriptor is looked at once more after the description, and where
/// that is no longer the socket, all are.
pub(super) fn describe(proc: &Proc, hits: &[OwnerRecord], wanted: &Wanted<'_>, scan: &mut Scan) {
    let Some(first) = hits.first() else { return };
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(folder) = openat(
        proc.folder(),
        first.process.to_string(),
        flags,
        Mode::empty(),
    ) else {
        // Gone, and its descriptors with it.
        return;
    };
    let described = process::describe_process(&folder, first.process, proc.clock());
    let is_same = start(&folder).is_some_and(|ticks| ticks == first.start / TICK);
    if let (Some(described), true) = (described, is_same)
        && still_holds(&folder, first)
    {
        let process::Description { owner, hidden } = described;
        let mut inodes: Vec<u64> = hits.iter().map(|hit| hit.inode).collect();
        inodes.sort_unstable();
        inodes.dedup();
        scan.held.push(Held {
            owner,
            inodes,
            hidden,
        });
        return;
    }
    proc.look_at(first.process, wanted, scan);
}

/// Whether a descriptor is still the socket; true where this user may not know.
fn still_holds(folder: &OwnedFd, hit: &OwnerRecord) -> bool {
    let mut path = String::with_capacity(40);
    let OwnerRecord {
        thread, descriptor, ..
    } = hit;
    if write!(path, "task/{thread}/fd/{descriptor}").is_err() {
        return false;
    }
    let mut link = [0; 32];
    match readlinkat_raw(folder, path, &mut link[..]) {
        Ok(length) => scan::socket(&link[..length]) == Some(hit.inode),
        Err(errno) => matches!(errno, Errno::ACCESS | Errno::PERM),
    }
}

/// When the process whose folder is open began, in ticks since the machine did.
fn start(folder: &OwnedFd) -> Option<u64> {
    let mut line = [0; 1024];
    let line = process::file(folder, c"stat", &mut line)?;
    Stat::read(line).map(|stat| stat.started)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::fd::AsRawFd;

    use super::*;

    /// What a walk would tell of a socket of this process.
    fn record(held: &TcpListener) -> OwnerRecord {
        let own = rustix::fs::open("/proc/self", OFlags::PATH, Mode::empty()).unwrap();
        OwnerRecord {
            inode: rustix::fs::fstat(held).unwrap().st_ino,
            cookie: 0,
            start: start(&own).unwrap() * TICK + 7,
            process: std::process::id(),
            thread: std::process::id(),
            descriptor: held.as_raw_fd() as u32,
            namespace: 0,
            protocol: 6,
            family: 2,
            state: 10,
            reuse_port: false,
        }
    }

    /// Which inodes of `wanted` this process is said to hold after the walk told `records`.
    fn described(records: &[OwnerRecord], wanted: &[u64]) -> Vec<u64> {
        let proc = Proc::open(None).unwrap();
        let mut scan = Scan::default();
        describe(&proc, records, &Wanted::all(wanted), &mut scan);
        let own = |held: &Held| held.owner.pid == std::process::id();
        assert!(scan.held.iter().all(own) && scan.held.len() < 2);
        scan.held.pop().map_or(Vec::new(), |held| held.inodes)
    }

    #[test]
    fn what_a_walk_told_is_believed_while_the_process_is_the_same() {
        let held = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let seen = record(&held);
        // The second one was closed by the process itself: it was an owner when the walk passed.
        let gone = OwnerRecord {
            inode: seen.inode + 1,
            descriptor: 9999,
            ..seen
        };
        let wanted = [seen.inode, gone.inode];
        assert_eq!(described(&[seen, gone, seen], &wanted), wanted);
    }

    #[test]
    fn a_process_id_given_to_another_process_yields_what_that_one_holds() {
        let held = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let seen = record(&held);
        // The one that had the number began earlier and held another socket.
        let earlier = OwnerRecord {
            inode: seen.inode + 1,
            start: seen.start - TICK,
            ..seen
        };
        assert_eq!(described(&[earlier], &[earlier.inode]), [0; 0]);
        let wanted = [seen.inode, earlier.inode];
        assert_eq!(described(&[earlier], &wanted), [seen.inode]);
    }

    #[test]
    fn a_process_that_became_another_program_is_looked_at_anew() {
        let held = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let seen = record(&held);
        // As after execve(2): the same start, but the descriptor is closed.
        let before = OwnerRecord {
            inode: seen.inode + 1,
            descriptor: 9999,
            ..seen
        };
        assert_eq!(described(&[before], &[before.inode]), [0; 0]);
        let wanted = [seen.inode, before.inode];
        assert_eq!(described(&[before, seen], &wanted), [seen.inode]);
    }

    #[test]
    fn a_process_that_has_gone_is_no_owner() {
        let held = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let gone = OwnerRecord {
            process: child.id(),
            ..record(&held)
        };
        child.wait().unwrap();
        let proc = Proc::open(None).unwrap();
        let mut scan = Scan::default();
        describe(&proc, &[gone], &Wanted::all(&[gone.inode]), &mut scan);
        assert!(scan.held.is_empty());
    }
}
