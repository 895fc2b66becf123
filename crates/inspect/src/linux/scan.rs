//! The look through `/proc/PID/fd` for the processes that hold a socket.
//!
//! Source: proc_pid_fd(5): a socket's descriptor is a link to `socket:[INODE]`.
//! Cost:   one readlink per descriptor, about 2 microseconds each; nothing is allocated for one.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use portolan_ports::Owner;
use rustix::fs::{AtFlags, Mode, OFlags, RawDir, open, openat, readlinkat_raw, statat};
use rustix::io::Errno;

use super::clock::Clock;
use super::process;

/// A second thread pays for its start from about this many processes on.
const WORTH_A_THREAD: usize = 96;
/// How many processes a thread takes from the queue at once.
const SHARE: usize = 8;
/// Room for the entries of one getdents64(2): some 600 descriptors.
const ENTRIES: usize = 16 * 1024;
/// How often a process is described that keeps closing what it held.
const TRIES: usize = 4;
/// Longer than `socket:[4294967295]`; other links may be cut.
const LINK: usize = 32;

/// `/proc`, open; with a clock, the start of every holder is told too.
#[derive(Debug)]
pub(super) struct Proc(OwnedFd, Option<Clock>);

/// A process that holds wanted sockets.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) owner: Owner,
    /// The sockets' inodes, each once.
    pub(super) inodes: Vec<u64>,
    /// Its executable may not be looked at.
    pub(super) hidden: bool,
}

/// What a look found, and what it could not see.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) held: Vec<Held>,
    /// Processes whose descriptors were read.
    pub(super) processes: usize,
    /// Descriptors that were read.
    pub(super) descriptors: usize,
    /// Processes whose descriptors may not be read.
    pub(super) unreadable: usize,
    /// Processes whose descriptors could not be read for another reason, and the last one.
    pub(super) failed: Option<(usize, Errno)>,
}

/// The inodes to look for.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    /// Sorted, each once.
    inodes: &'a [u64],
    /// Where one holder of each is enough: which have one, and how many have none.
    until: Option<(Vec<AtomicBool>, AtomicUsize)>,
}

impl<'a> Wanted<'a> {
    /// Every holder of these, which must be sorted.
    pub(super) fn all(inodes: &'a [u64]) -> Self {
        Self {
            inodes,
            until: None,
        }
    }

    /// Holders of these, which must be sorted, until each has one.
    pub(super) fn one_each(inodes: &'a [u64]) -> Self {
        let found = inodes.iter().map(|_| AtomicBool::new(false)).collect();
        Self {
            inodes,
            until: Some((found, AtomicUsize::new(inodes.len()))),
        }
    }

    /// Whether no more need be looked at.
    pub(super) fn is_done(&self) -> bool {
        let left = self.until.as_ref().map(|(_, left)| left);
        left.is_some_and(|left| left.load(Ordering::Relaxed) == 0)
    }

    /// Whether an inode is among them; notes that it has a holder.
    fn take(&self, inode: u64) -> bool {
        let Ok(at) = self.inodes.binary_search(&inode) else {
            return false;
        };
        if let Some((found, left)) = &self.until
            && !found[at].swap(true, Ordering::Relaxed)
        {
            left.fetch_sub(1, Ordering::Relaxed);
        }
        true
    }
}

impl Scan {
    /// Adds what another look found.
    pub(super) fn absorb(&mut self, other: Self) {
        self.held.extend(other.held);
        self.processes += other.processes;
        self.descriptors += other.descriptors;
        self.unreadable += other.unreadable;
        self.failed = match (self.failed, other.failed) {
            (Some((mine, _)), Some((theirs, errno))) => Some((mine + theirs, errno)),
            (mine, theirs) => mine.or(theirs),
        };
    }
}

impl Proc {
    pub(super) fn open(clock: Option<Clock>) -> Result<Self, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = open(c"/proc", flags, Mode::empty())?;
        Ok(Self(folder, clock))
    }

    /// By which the start of each holder is told.
    pub(super) fn clock(&self) -> Option<&Clock> {
        self.1.as_ref()
    }

    /// The open directory.
    pub(super) fn folder(&self) -> &OwnedFd {
        &self.0
    }

    /// The ids of all processes that it shows, in the kernel's order: rising.
    pub(super) fn pids(&self) -> Result<Vec<u32>, Errno> {
        rustix::fs::seek(&self.0, rustix::fs::SeekFrom::Start(0))?;
        let mut buffer = [MaybeUninit::uninit(); ENTRIES];
        let mut entries = RawDir::new(&self.0, &mut buffer);
        let mut pids = Vec::with_capacity(256);
        while let Some(entry) = entries.next() {
            pids.extend(number(entry?.file_name().to_bytes()).and_then(|n| u32::try_from(n).ok()));
        }
        Ok(pids)
    }

    /// About how many descriptors a process has; `None` where the kernel does not tell it so
    /// cheaply (before Linux 6.2, or it has none).
    pub(super) fn descriptor_count(&self, pid: u32) -> Option<u64> {
        let mut path = [0; 16];
        let flags = AtFlags::empty();
        let stat = statat(&self.0, descriptors(pid, &mut path), flags).ok()?;
        u64::try_from(stat.st_size).ok().filter(|count| *count > 0)
    }

    /// Finds every holder of the `wanted` inodes among `pids`.
    pub(super) fn scan(&self, pids: &[u32], wanted: &Wanted<'_>, threads: usize) -> Scan {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut buffer = [MaybeUninit::uninit(); ENTRIES];
            let mut scan = Scan::default();
            loop {
                let start = next.fetch_add(SHARE, Ordering::Relaxed);
                let Some(rest) = pids.get(start..).filter(|rest| !rest.is_empty()) else {
                    return scan;
                };
                for &pid in rest.iter().take(SHARE) {
                    if wanted.is_done() {
                        return scan;
                    }
                    self.look(pid, wanted, &mut buffer, &mut scan);
                }
            }
        };
        if threads < 2 || pids.len() < WORTH_A_THREAD {
            return work();
        }
        std::thread::scope(|scope| {
            // Where no thread can be had, this one does all the work.
            let others: Vec<_> = (1..threads)
                .filter_map(|_| std::thread::Builder::new().spawn_scoped(scope, work).ok())
                .collect();
            let mut scan = work();
            for other in others {
                match other.join() {
                    Ok(found) => scan.absorb(found),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            scan
        })
    }

    /// Looks at one process.
    pub(super) fn look_at(&self, pid: u32, wanted: &Wanted<'_>, scan: &mut Scan) {
        let mut buffer = [MaybeUninit::uninit(); ENTRIES];
        self.look(pid, wanted, &mut buffer, scan);
    }

    fn look(&self, pid: u32, wanted: &Wanted<'_>, buffer: &mut [MaybeUninit<u8>], scan: &mut Scan) {
        let mut path = [0; 16];
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let found = openat(&self.0, descriptors(pid, &mut path), flags, Mode::empty())
            .and_then(|directory| held(&directory, pid, self.clock(), wanted, buffer));
        match found {
            Ok((held, count)) => {
                scan.processes += 1;
                scan.descriptors += count;
                scan.held.extend(held);
            }
            Err(Errno::NOENT | Errno::SRCH) => {}
            Err(Errno::ACCESS | Errno::PERM) => scan.unreadable += 1,
            Err(errno) => {
                scan.failed = Some((scan.failed.map_or(1, |(count, _)| count + 1), errno));
            }
        }
    }
}

/// The process whose directory of descriptors is open, where it holds wanted sockets, and how many
/// descriptors it has.
///
/// Between the look at its descriptors and its description it may have become another program, by
/// execve(2), which closes most descriptors: one of them is looked at again after the description.
fn held(
    directory: &OwnedFd,
    pid: u32,
    clock: Option<&Clock>,
    wanted: &Wanted<'_>,
    buffer: &mut [MaybeUninit<u8>],
) -> Result<(Option<Held>, usize), Errno> {
    let mut tries = 0;
    loop {
        let (inodes, witness, count) = inodes(directory, wanted, buffer)?;
        let Some((descriptor, inode)) = witness else {
            return Ok((None, count));
        };
        // One that has gone holds nothing any more.
        let Some(described) = process::describe(directory.as_fd(), pid, clock) else {
            return Ok((None, count));
        };
        tries += 1;
        let mut link = [0; LINK];
        let again = readlinkat_raw(directory, descriptor.to_string(), &mut link[..]);
        let still = again.is_ok_and(|length| socket(&link[..length]) == Some(inode));
        if still || tries == TRIES {
            let process::Description { owner, hidden } = described;
            let held = Held {
                owner,
                inodes,
                hidden,
            };
            return Ok((Some(held), count));
        }
        rustix::fs::seek(directory, rustix::fs::SeekFrom::Start(0))?;
    }
}

/// The wanted inodes among a process's descriptors, each once; the descriptor that is one of them;
/// and how many descriptors there are.
#[expect(clippy::type_complexity, reason = "read by one caller, right above")]
fn inodes(
    directory: &OwnedFd,
    wanted: &Wanted<'_>,
    buffer: &mut [MaybeUninit<u8>],
) -> Result<(Vec<u64>, Option<(u64, u64)>, usize), Errno> {
    let mut found = Vec::new();
    let mut witness = None;
    let mut count = 0;
    let mut link = [0; LINK];
    let mut entries = RawDir::new(directory, buffer);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_bytes().first() == Some(&b'.') {
            continue;
        }
        count += 1;
        match readlinkat_raw(directory, name, &mut link[..]) {
            Ok(length) => {
                if let Some(inode) = socket(&link[..length]).filter(|inode| wanted.take(*inode)) {
                    found.push(inode);
                    witness = number(name.to_bytes()).map(|descriptor| (descriptor, inode));
                }
            }
            // Closed meanwhile.
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno),
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok((found, witness, count))
}

/// The inode in `socket:[INODE]`.
pub(super) fn socket(link: &[u8]) -> Option<u64> {
    number(link.strip_prefix(b"socket:[")?.strip_suffix(b"]")?)
}

fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    digits.iter().try_fold(0, |sum: u64, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u64::from(byte - b'0'))
    })
}

/// Writes `PID/fd`, which fits: a pid has at most ten digits.
fn descriptors(pid: u32, path: &mut [u8; 16]) -> &CStr {
    let mut at = path.len() - 4;
    path[at..].copy_from_slice(b"/fd\0");
    let mut rest = pid;
    loop {
        at -= 1;
        path[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    CStr::from_bytes_with_nul(&path[at..]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sockets_have_inodes_here() {
        assert_eq!(socket(b"socket:[114]"), Some(114));
        assert_eq!(socket(b"socket:[4294967295]"), Some(4_294_967_295));
        for other in [
            &b"/dev/null"[..],
            b"pipe:[114]",
            b"socket:[]",
            b"socket:[-1]",
            b"socket:[1",
        ] {
            assert_eq!(socket(other), None);
        }
        assert_eq!(socket(b"socket:[99999999999999999999]"), None);
    }

    #[test]
    fn one_holder_each_is_counted_once() {
        let wanted = Wanted::one_each(&[3, 5]);
        assert!(wanted.take(3) && wanted.take(3) && !wanted.take(4));
        assert!(!wanted.is_done());
        assert!(wanted.take(5));
        assert!(wanted.is_done());
        assert!(Wanted::one_each(&[]).is_done());
        let all = Wanted::all(&[3]);
        assert!(all.take(3) && !all.is_done());
    }

    #[test]
    fn the_path_of_every_pid_fits() {
        let mut path = [0; 16];
        assert_eq!(descriptors(1, &mut path), c"1/fd");
        assert_eq!(descriptors(4_194_304, &mut path), c"4194304/fd");
        assert_eq!(descriptors(u32::MAX, &mut path), c"4294967295/fd");
    }
}
