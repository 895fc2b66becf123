//! Joins sockets to the processes that hold them, and says why a socket has none.

use portolan_ports::{Gap, Listener, Owner, Socket, Unseen, Why};
use rustix::thread::CapabilitySet;

use super::clock::Clock;
use super::scan::{Held, Scan};
use super::search::{self, Wish};
use super::table::{Query, Table};
use super::{TRANSPORTS, detail, gap};
use crate::{Options, OwnerSearch};

/// The first pid namespace's name, the same on every machine (`PROC_PID_INIT_INO`).
const FIRST_PID_NAMESPACE: &[u8] = b"pid:[4026531836]";

/// Of at most this many ports the kernel is asked by number whether their sockets are still there.
const FEW: usize = 16;

/// What was learnt beside the owners.
#[derive(Debug, Default)]
pub(super) struct Attached {
    /// The gaps of no one socket: owners may lack where some were found.
    pub(super) gaps: Vec<Gap>,
    /// How it was looked, as sentences without a full stop.
    pub(super) explanation: Vec<String>,
}

/// Gives every socket its owners, or the reason why it has none.
///
/// With `one_each`, [`OwnerSearch::Fast`] may stop at the first owner of each.
pub(super) fn attach(
    listeners: &mut [Listener],
    sockets: &mut [Socket],
    table: &mut Table,
    options: &Options,
    one_each: bool,
) -> Attached {
    let mut attached = Attached::default();
    if options.owners == OwnerSearch::None {
        let sentence = "owners were not looked for".to_owned();
        attached.explanation.push(sentence);
        return attached;
    }
    let inodes = wanted(listeners, sockets);
    let mut reasons = Reasons::default();
    let mut owners = Owners::default();
    if inodes.is_empty() {
        let sentence = "no socket was found that a process could hold".to_owned();
        attached.explanation.push(sentence);
    } else {
        let groups = control_groups(listeners);
        let clock = options.details.then(Clock::read);
        let mut found = search::search(&Wish {
            how: options.owners,
            threads: options.threads,
            inodes: &inodes,
            groups: groups.as_deref(),
            one_each,
            clock,
        });
        reasons = match found.refused {
            Some(refused) => Reasons {
                gone: Vec::new(),
                elsewhere: Some(refused),
            },
            None => Reasons::of(&found.scan, &found.missing, listeners, sockets, table),
        };
        attached.gaps = found.gaps;
        attached.gaps.extend(co_owner_gaps(&found.scan));
        if let Some(clock) = clock {
            let owners = found.scan.held.iter_mut().map(|held| &mut held.owner);
            let gaps = detail::tell(&mut owners.collect::<Vec<_>>(), &clock);
            attached.gaps.extend(gaps);
        }
        attached.explanation = found.explanation;
        owners = Owners::of(found.scan.held);
    }
    for listener in listeners {
        listener.owners = owners.of_inode(listener.inode);
        if listener.owners.is_empty() {
            listener.owner_gap = Some(reasons.of_inode(listener.inode));
        }
    }
    for socket in sockets {
        socket.owners = owners.of_inode(socket.inode);
        // Without an inode it has left its last descriptor, or waits to be accepted: no owner, no gap.
        if socket.owners.is_empty() && socket.inode != 0 {
            socket.owner_gap = Some(reasons.of_inode(socket.inode));
        }
    }
    attached
}

/// The control groups in which the listeners were made, each once; `None` where one is not told.
/// Connections mostly belong to the listeners' processes; where not, they are left over.
fn control_groups(listeners: &[Listener]) -> Option<Vec<u64>> {
    let mut groups: Vec<u64> = listeners
        .iter()
        .map(|listener| listener.control_group)
        .collect::<Option<_>>()?;
    groups.sort_unstable();
    groups.dedup();
    (!groups.is_empty()).then_some(groups)
}

/// The inodes to look for, sorted, each once.
fn wanted(listeners: &[Listener], sockets: &[Socket]) -> Vec<u64> {
    let inodes = listeners
        .iter()
        .map(|l| l.inode)
        .chain(sockets.iter().map(|s| s.inode));
    let mut wanted: Vec<u64> = inodes.filter(|inode| *inode != 0).collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// The owners, and which inode each holds.
#[derive(Debug, Default)]
struct Owners {
    owners: Vec<Owner>,
    /// An inode and the index of an owner, sorted.
    holds: Vec<(u64, usize)>,
}

impl Owners {
    fn of(held: Vec<Held>) -> Self {
        let mut owners = Self::default();
        for Held { owner, inodes, .. } in held {
            owners
                .holds
                .extend(inodes.into_iter().map(|inode| (inode, owners.owners.len())));
            owners.owners.push(owner);
        }
        owners.holds.sort_unstable();
        owners
    }

    fn of_inode(&self, inode: u64) -> Vec<Owner> {
        let start = self.holds.partition_point(|(held, _)| *held < inode);
        let holds = self.holds[start..]
            .iter()
            .take_while(|(held, _)| *held == inode);
        holds.map(|(_, at)| self.owners[*at].clone()).collect()
    }
}

/// What the look could not see although it found owners.
fn co_owner_gaps(scan: &Scan) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if scan.unreadable > 0 && !scan.held.is_empty() {
        let detail = unreadable(scan);
        gaps.push(gap(Unseen::CoOwners, Why::Permission, detail));
    }
    if let Some((count, errno)) = scan.failed {
        let detail = format!("cannot read the descriptors of {count} processes: {errno}");
        gaps.push(gap(Unseen::CoOwners, Why::Failed, detail));
    }
    let hidden = scan.held.iter().filter(|held| held.hidden).count();
    if hidden > 0 {
        let detail = format!("{hidden} owners hide their executables from this user");
        gaps.push(gap(Unseen::OwnerDetail, Why::Permission, detail));
    }
    gaps
}

fn unreadable(scan: &Scan) -> String {
    match scan.unreadable {
        1 => "1 process does not show its descriptors to this user".to_owned(),
        n => format!("{n} processes do not show their descriptors to this user"),
    }
}

/// Why sockets have no owner.
#[derive(Debug, Default)]
struct Reasons {
    /// Inodes that no socket has any more, sorted.
    gone: Vec<u64>,
    /// What is true of all others.
    elsewhere: Option<Gap>,
}

impl Reasons {
    fn of(
        scan: &Scan,
        missing: &[u64],
        listeners: &[Listener],
        sockets: &[Socket],
        table: &mut Table,
    ) -> Self {
        if missing.is_empty() {
            return Self::default();
        }
        if scan.unreadable > 0 {
            let detail = unreadable(scan);
            return Self {
                gone: Vec::new(),
                elsewhere: Some(gap(Unseen::Owner, Why::Permission, detail)),
            };
        }
        let gone = gone(missing, listeners, sockets, table);
        let elsewhere = (gone.len() < missing.len()).then(|| {
            if processes_are_hidden() {
                let detail =
                    "/proc is mounted with hidepid and hides others' processes from this user";
                gap(Unseen::Owner, Why::Permission, detail)
            } else if in_first_pid_namespace() {
                gap(
                    Unseen::Owner,
                    Why::Kernel,
                    "every process was looked at and none holds it",
                )
            } else {
                let detail = "no process of this pid namespace holds it";
                gap(Unseen::Owner, Why::OtherPidNamespace, detail)
            }
        });
        Self { gone, elsewhere }
    }

    fn of_inode(&self, inode: u64) -> Gap {
        if inode == 0 {
            return gap(
                Unseen::Owner,
                Why::Kernel,
                "it has no inode, so no descriptor can hold it",
            );
        }
        match &self.elsewhere {
            Some(gap) if self.gone.binary_search(&inode).is_err() => gap.clone(),
            _ => gap(
                Unseen::Owner,
                Why::Exited,
                "the socket was closed while its owner was looked for",
            ),
        }
    }
}

/// Which of the sockets without an owner are no longer there: asked anew of the transports concerned.
fn gone(
    missing: &[u64],
    listeners: &[Listener],
    sockets: &[Socket],
    table: &mut Table,
) -> Vec<u64> {
    let is_missing = |inode: u64| missing.binary_search(&inode).is_ok();
    let mut present = Vec::new();
    for transport in TRANSPORTS {
        if sockets
            .iter()
            .any(|s| s.transport == transport && is_missing(s.inode))
        {
            let ports: Vec<_> = sockets
                .iter()
                .filter(|s| s.transport == transport && is_missing(s.inode))
                .map(|s| portolan_registry::PortRange::single(s.local.port()))
                .collect();
            present.extend(table.read(Query::Ports(transport, &ports)));
        }
        let ports: Vec<_> = listeners
            .iter()
            .filter(|l| l.transport == transport && is_missing(l.inode))
            .map(|l| portolan_registry::PortRange::single(l.port))
            .collect();
        match ports.len() {
            0 => {}
            // The kernel leaves the others out.
            1..=FEW => present.extend(table.read(Query::Ports(transport, &ports))),
            _ => present.extend(table.read(Query::Listening(transport))),
        }
    }
    let mut present: Vec<u64> = present.iter().map(|record| record.inode.into()).collect();
    present.sort_unstable();
    missing
        .iter()
        .filter(|inode| present.binary_search(inode).is_err())
        .copied()
        .collect()
}

/// Whether `/proc` shows this process only some of the others (proc(5), `hidepid`).
pub(super) fn processes_are_hidden() -> bool {
    let sees_all = rustix::thread::capabilities(None)
        .is_ok_and(|sets| sets.effective.contains(CapabilitySet::SYS_PTRACE));
    !sees_all && std::fs::read_to_string("/proc/self/mounts").is_ok_and(|mounts| hides(&mounts))
}

/// Whether the last mount on `/proc`, the one on top, has `hidepid` on.
fn hides(mounts: &str) -> bool {
    let options = mounts.lines().rev().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        (fields.next()? == "/proc").then_some(fields.nth(1)?)
    });
    options
        .into_iter()
        .flat_map(|options| options.split(','))
        .any(|option| {
            option
                .strip_prefix("hidepid=")
                .is_some_and(|value| !matches!(value, "0" | "off"))
        })
}

pub(super) fn in_first_pid_namespace() -> bool {
    let mut buffer = [0; 64];
    rustix::fs::readlinkat_raw(rustix::fs::CWD, c"/proc/self/ns/pid", &mut buffer[..])
        .is_ok_and(|length| &buffer[..length] == FIRST_PID_NAMESPACE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mount_on_top_says_whether_processes_are_hidden() {
        assert!(!hides("proc /proc proc rw,nosuid 0 0\n"));
        assert!(!hides(
            "proc /proc proc rw,hidepid=0 0 0\nproc /mnt proc rw,hidepid=2 0 0\n"
        ));
        assert!(hides(
            "proc /proc proc rw 0 0\nproc /proc proc rw,hidepid=invisible 0 0\n"
        ));
        assert!(hides("proc /proc proc rw,gid=4,hidepid=2 0 0"));
        assert!(!hides(""));
    }
}
