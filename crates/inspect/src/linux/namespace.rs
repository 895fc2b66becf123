//! The network namespaces of this machine, and the way into each.
//!
//! Source: network_namespaces(7), `/proc/PID/ns/net` of proc_pid_ns(5), and the bind mounts with
//! which ip-netns(8) and docker keep one that no process is in. Going in needs CAP_SYS_ADMIN
//! (setns(2)); a netlink socket stays in the namespace in which it was made, so a short-lived
//! thread goes in, makes the socket, and this process never leaves its own.
//! Cost:   where no namespace was made since the machine began, one small file; else one readlink
//!         per process of a user, and one thread where there is somewhere to go.

use std::collections::BTreeMap;
use std::ffi::{CStr, OsStr};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;

use portolan_ports::{Gap, Namespace, Unseen, Why};
use rustix::fs::{Mode, OFlags, RawDir, fstat, open, readlinkat_raw, stat, statfs};
use rustix::io::Errno;
use rustix::thread::{CapabilitySet, LinkNameSpaceType, move_into_link_name_space};

use super::kernel_thread::read_start;
use super::netlink::Diag;
use super::scan::Proc;
use super::{gap, kernel_thread};
use crate::Namespaces;

/// Where ip-netns(8) keeps its namespaces; the files' names are theirs.
const NAMED: &CStr = c"/run/netns";
/// Where docker keeps those of its containers, under names that mean nothing to anybody.
const DOCKERS: &CStr = c"/run/docker/netns";
/// NSFS_MAGIC of `linux/magic.h`.
const NSFS: u64 = 0x6e73_6673;
/// Longer than `net:[4294967295]`.
const LINK: usize = 32;
/// The most files that are tried for one namespace, should processes vanish one after another.
const MOST_DOORS: usize = 8;

/// A namespace that was entered.
#[derive(Debug)]
pub(super) struct Entered {
    pub(super) namespace: Namespace,
    /// A socket made inside, or why none could be.
    pub(super) diag: Result<Diag, Errno>,
    /// A process inside.
    pub(super) pid: Option<u32>,
}

/// Enters every network namespace but this thread's own; the gaps are those that stay closed.
///
/// Who may enter none learns of them from the kept ones, and with `thorough` from processes too.
pub(super) fn enter_others(which: Namespaces, thorough: bool) -> (Vec<Entered>, Vec<Gap>) {
    let wanted = match which {
        Namespaces::Own => false,
        Namespaces::Kept => keeps_any(NAMED) || keeps_any(DOCKERS),
        Namespaces::All => true,
    };
    let Some(own) = wanted.then(own).flatten() else {
        return (Vec::new(), Vec::new());
    };
    // Without it the kernel lets nobody in, and shows no other user's namespace either.
    let may_enter = rustix::thread::capabilities(None)
        .is_ok_and(|sets| sets.effective.contains(CapabilitySet::SYS_ADMIN));
    let mut found = Found::default();
    found.kept(NAMED, own, true);
    found.kept(DOCKERS, own, false);
    let all = which == Namespaces::All || !found.0.is_empty();
    if all && (may_enter || thorough) && may_exist() {
        found.of_processes(own);
    }
    if !may_enter {
        let closed = found.0.len();
        return (Vec::new(), closed_gap(closed).into_iter().collect());
    }
    if found.0.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let visit = std::thread::scope(|scope| {
        let visitor = std::thread::Builder::new().spawn_scoped(scope, || visit(found.0));
        visitor.map(|visitor| visitor.join())
    });
    match visit {
        Ok(Ok(visit)) => {
            let mut gaps: Vec<Gap> = closed_gap(visit.closed).into_iter().collect();
            gaps.extend(visit.failed.map(|(namespace, errno)| {
                let detail = format!("cannot enter network namespace {namespace}: {errno}");
                gap(Unseen::Namespaces, Why::Failed, detail)
            }));
            (visit.entered, gaps)
        }
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(error) => {
            let detail = format!("cannot start the thread that enters network namespaces: {error}");
            (
                Vec::new(),
                vec![gap(Unseen::Namespaces, Why::Failed, detail)],
            )
        }
    }
}

/// Whether a folder holds anything at all.
fn keeps_any(folder: &CStr) -> bool {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(folder) = open(folder, flags, Mode::empty()) else {
        return false;
    };
    let mut buffer = [MaybeUninit::uninit(); 1024];
    let mut entries = RawDir::new(folder, &mut buffer);
    while let Some(Ok(entry)) = entries.next() {
        if !entry.file_name().to_bytes().starts_with(b".") {
            return true;
        }
    }
    false
}

/// Whether there may be another namespace than the machine's first.
///
/// That one is no object of the kernel's allocator; all others are. It counts (`SO_OBJECTS` of
/// mm/slub.c) objects given back to a processor's own store as if they were in use, so that 0 is
/// proof, and any other number, or none to be read, is not.
fn may_exist() -> bool {
    let mut count = Vec::with_capacity(8);
    let read = read_start(c"/sys/kernel/slab/net_namespace/objects", &mut count);
    !read.is_ok_and(
        |text| matches!(text, [b'0', rest @ ..] if !rest.first().is_some_and(u8::is_ascii_digit)),
    )
}

fn closed_gap(count: usize) -> Option<Gap> {
    let detail = match count {
        0 => return None,
        1 => "1 other network namespace may not be entered".to_owned(),
        n => format!("{n} other network namespaces may not be entered"),
    };
    Some(gap(Unseen::Namespaces, Why::Permission, detail))
}

/// This thread's own namespace; `None` where `/proc` does not tell it.
fn own() -> Option<u64> {
    let mut link = [0; LINK];
    let length =
        readlinkat_raw(rustix::fs::CWD, c"/proc/thread-self/ns/net", &mut link[..]).ok()?;
    number(&link[..length])
}

/// The number in `net:[NUMBER]`.
fn number(link: &[u8]) -> Option<u64> {
    let digits = link.strip_prefix(b"net:[")?.strip_suffix(b"]")?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The ways into one namespace.
#[derive(Debug, Default)]
struct Doors {
    name: Option<String>,
    /// A kept file, or that of a process.
    paths: Vec<(String, Option<u32>)>,
}

/// Namespaces by number.
#[derive(Debug, Default)]
struct Found(BTreeMap<u64, Doors>);

impl Found {
    /// Those that are bound to files of `folder`.
    fn kept(&mut self, folder: &CStr, own: u64, named: bool) {
        let Ok(entries) = std::fs::read_dir(OsStr::from_bytes(folder.to_bytes())) else {
            return;
        };
        for entry in entries.flatten() {
            let Ok(path) = entry.path().into_os_string().into_string() else {
                continue;
            };
            // A file that nothing is bound to (yet) is an ordinary one.
            let bound = statfs(&path).is_ok_and(|fs| fs.f_type as u64 == NSFS);
            let Some(number) = stat(&path).ok().filter(|_| bound).map(|stat| stat.st_ino) else {
                continue;
            };
            if number != own {
                let doors = self.0.entry(number).or_default();
                if named && doors.name.is_none() {
                    doors.name = Some(entry.file_name().to_string_lossy().into_owned());
                }
                doors.paths.push((path, None));
            }
        }
    }

    /// Those that processes are in. Kernel threads are in the first one or in none.
    fn of_processes(&mut self, own: u64) {
        let Ok(proc) = Proc::open(None) else { return };
        let kernel = kernel_thread::family();
        let mut link = [0; LINK];
        for pid in proc.pids().unwrap_or_default() {
            if kernel.binary_search(&pid).is_ok() {
                continue;
            }
            // One that may not be read or has gone: its namespace is another process's too, or
            // is one that could not be entered.
            let Ok(length) = readlinkat_raw(proc.folder(), format!("{pid}/ns/net"), &mut link[..])
            else {
                continue;
            };
            let Some(number) = number(&link[..length]).filter(|number| *number != own) else {
                continue;
            };
            let doors = self.0.entry(number).or_default();
            if doors.paths.len() < MOST_DOORS {
                doors.paths.push((format!("/proc/{pid}/ns/net"), Some(pid)));
            }
        }
    }
}

/// What came of going round.
#[derive(Debug, Default)]
struct Visit {
    entered: Vec<Entered>,
    /// How many were not permitted.
    closed: usize,
    /// The last one that another error kept closed.
    failed: Option<(Namespace, Errno)>,
}

/// Goes into one namespace after the other, and stays in the last: for a thread that ends then.
fn visit(found: BTreeMap<u64, Doors>) -> Visit {
    let mut visit = Visit::default();
    for (inode, Doors { name, paths }) in found {
        let namespace = Namespace { inode, name };
        match paths.iter().find_map(|(path, _)| enter(path, inode)) {
            Some(Ok(())) => visit.entered.push(Entered {
                namespace,
                diag: Diag::open(),
                pid: paths.iter().find_map(|(_, pid)| *pid),
            }),
            Some(Err(Errno::PERM | Errno::ACCESS)) => visit.closed += 1,
            Some(Err(errno)) => visit.failed = Some((namespace, errno)),
            // It vanished, and its sockets with it.
            None => {}
        }
    }
    visit
}

/// Enters the namespace behind a door; `None` where it leads there no longer.
fn enter(path: &str, inode: u64) -> Option<Result<(), Errno>> {
    let door = match open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()) {
        Ok(door) => door,
        Err(Errno::NOENT | Errno::SRCH) => return None,
        Err(errno) => return Some(Err(errno)),
    };
    let leads_there = fstat(&door).is_ok_and(|stat| stat.st_ino == inode);
    leads_there
        .then(|| move_into_link_name_space(door.as_fd(), Some(LinkNameSpaceType::Network)))
        // EINVAL: the bind mount has gone since, and this is an ordinary file of the same number.
        .filter(|result| *result != Err(Errno::INVAL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_in_brackets() {
        assert_eq!(number(b"net:[4026531840]"), Some(4_026_531_840));
        for other in [&b"net:[]"[..], b"net:[1", b"mnt:[1]", b"", b"net:[x]"] {
            assert_eq!(number(other), None);
        }
        assert!(own().is_some());
    }

    #[test]
    fn a_door_that_leads_elsewhere_or_nowhere_is_not_taken() {
        let own = own().unwrap();
        assert_eq!(enter("/proc/thread-self/ns/net", own + 1), None);
        assert_eq!(enter("/proc/4194305/ns/net", own), None);
        assert_eq!(enter("/no/such/file", own), None);
    }

    #[test]
    fn a_count_is_a_sentence() {
        assert_eq!(closed_gap(0), None);
        let detail = |count| closed_gap(count).unwrap().detail;
        assert_eq!(detail(1), "1 other network namespace may not be entered");
        assert_eq!(detail(3), "3 other network namespaces may not be entered");
    }
}
