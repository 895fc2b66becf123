//! The tree of control groups, version 2: its directories, and the processes in some of them.
//!
//! Source: cgroups(7); Documentation/admin-guide/cgroup-v2.rst, `cgroup.procs` and `cgroup.type`. A
//!         group's number, as INET_DIAG_CGROUP_ID has it, is the inode of its directory.
//! Cost:   one getdents(2) per group; reading `cgroup.procs` costs as much again.

use std::os::unix::fs::{DirEntryExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Where the tree is mounted: alone, or beside version 1.
const MOUNTS: [&str; 2] = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"];
/// The most directories that are looked at.
const MOST_GROUPS: usize = 20_000;

/// Where the tree is mounted.
pub(super) fn mount() -> Option<&'static Path> {
    MOUNTS
        .iter()
        .map(Path::new)
        .find(|mount| mount.join("cgroup.controllers").exists())
}

/// Hands each group below the mount to `visit`, by number and path, until that returns false; a
/// group that may not be read is passed by, as is one that vanishes meanwhile.
pub(super) fn walk(mount: &Path, mut visit: impl FnMut(u64, &Path) -> bool) {
    let mut waiting: Vec<PathBuf> = vec![mount.to_owned()];
    let mut looked = 0;
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            looked += 1;
            let path = entry.path();
            if looked > MOST_GROUPS || !visit(entry.ino(), &path) {
                return;
            }
            waiting.push(path);
        }
    }
}

/// The processes in the groups of these numbers and in all groups inside those, sorted; numbers
/// that no group has any more are passed over.
///
/// `None` where that would leave nothing out, or cannot be told: one of them is the root of the
/// tree, or its processes may not be read.
pub(super) fn processes(mount: &Path, numbers: &[u64]) -> Option<Vec<u32>> {
    let root = std::fs::metadata(mount).ok()?.ino();
    if numbers.contains(&root) {
        return None;
    }
    let mut outermost = Vec::new();
    let mut left: Vec<u64> = numbers.to_owned();
    walk(mount, |number, path| {
        if left.contains(&number) {
            left.retain(|other| *other != number);
            outermost.push(path.to_owned());
        }
        !left.is_empty()
    });
    let mut pids = Vec::new();
    let mut read = Vec::new();
    for group in outermost {
        let mut groups = vec![group.clone()];
        walk(&group, |_, path| {
            groups.push(path.to_owned());
            true
        });
        for group in groups {
            members(mount, &group, &mut read, &mut pids)?;
        }
    }
    pids.sort_unstable();
    pids.dedup();
    Some(pids)
}

/// Adds the processes of one group; those of threads that have groups to themselves stand in the
/// group around these.
fn members(mount: &Path, group: &Path, read: &mut Vec<PathBuf>, pids: &mut Vec<u32>) -> Option<()> {
    let mut group = group.to_owned();
    loop {
        if group == mount {
            return None;
        }
        if read.contains(&group) {
            return Some(());
        }
        match std::fs::read_to_string(group.join("cgroup.procs")) {
            Ok(text) => {
                // 0 is a process of another pid namespace.
                let found = text.lines().filter_map(|line| line.parse().ok());
                pids.extend(found.filter(|pid: &u32| *pid != 0));
                read.push(group);
                return Some(());
            }
            // A threaded group.
            Err(error) if error.kind() == std::io::ErrorKind::Unsupported => {
                if !group.pop() {
                    return None;
                }
            }
            // Gone, and its processes with it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(()),
            Err(error) if error.raw_os_error() == Some(libc::ENODEV) => return Some(()),
            Err(_) => return None,
        }
    }
}
