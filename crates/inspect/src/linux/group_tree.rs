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
/// that no group has any more are passed over. Of the root of the tree only its own processes
/// count, for inside it is everything.
///
/// `None` where the root is all that was asked for, or some group's processes may not be read.
pub(super) fn processes(mount: &Path, numbers: &[u64]) -> Option<Vec<u32>> {
    let root = std::fs::metadata(mount).ok()?.ino();
    let mut left: Vec<u64> = numbers.to_owned();
    left.retain(|number| *number != root);
    if left.is_empty() && !numbers.is_empty() {
        return None;
    }
    let mut pids = Vec::new();
    let mut read = Vec::new();
    if left.len() < numbers.len() {
        members(mount, mount, &mut read, &mut pids)?;
    }
    let mut outermost = Vec::new();
    walk(mount, |number, path| {
        if left.contains(&number) {
            left.retain(|other| *other != number);
            outermost.push(path.to_owned());
        }
        !left.is_empty()
    });
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
                if group == mount || !group.pop() {
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// A tree of plain folders: `cgroup.procs` is a file like another.
    fn tree() -> (tempfile::TempDir, impl Fn(&str) -> u64) {
        let tree = tempfile::tempdir().unwrap();
        let root = tree.path().to_owned();
        for (group, text) in [
            ("", "1\n"),
            ("a", "12\n10\n"),
            ("a/inner", "11\n0\nnonsense\n"),
            ("a/inner/most", "10\n"),
            ("b", "20\n"),
        ] {
            fs::create_dir_all(root.join(group)).unwrap();
            fs::write(root.join(group).join("cgroup.procs"), text).unwrap();
        }
        let number = move |group: &str| fs::metadata(root.join(group)).unwrap().ino();
        (tree, number)
    }

    #[test]
    fn a_group_has_the_processes_of_those_inside() {
        let (tree, number) = tree();
        let of = |groups: &[&str]| {
            let numbers: Vec<u64> = groups.iter().map(|group| number(group)).collect();
            processes(tree.path(), &numbers)
        };
        assert_eq!(of(&["a"]), Some(vec![10, 11, 12]));
        assert_eq!(of(&["a/inner"]), Some(vec![10, 11]));
        assert_eq!(of(&["b", "a/inner/most"]), Some(vec![10, 20]));
        assert_eq!(of(&["a/inner", "a"]), Some(vec![10, 11, 12]));
        assert_eq!(of(&["", "b"]), Some(vec![1, 20]));
        assert_eq!(of(&[""]), None);
        assert_eq!(processes(tree.path(), &[u64::MAX]), Some(vec![]));
        assert_eq!(processes(&tree.path().join("absent"), &[1]), None);
    }

    #[test]
    fn a_group_whose_processes_may_not_be_told_narrows_nothing() {
        let (tree, number) = tree();
        let group = tree.path().join("b");
        fs::remove_file(group.join("cgroup.procs")).unwrap();
        assert_eq!(processes(tree.path(), &[number("b")]), Some(vec![]));
        fs::create_dir(group.join("cgroup.procs")).unwrap();
        assert_eq!(processes(tree.path(), &[number("b")]), None);
    }

    /// Removes its group and ends its process.
    struct Threaded(PathBuf, Child);

    impl Drop for Threaded {
        fn drop(&mut self) {
            let _ended = self.1.kill().and_then(|()| self.1.wait());
            let _inner = fs::remove_dir(self.0.join("threads"));
            let _outer = fs::remove_dir(&self.0);
        }
    }

    #[test]
    fn the_processes_of_a_threaded_group_stand_in_the_one_around_it() {
        // A tree is had with: mount -t cgroup2 none /sys/fs/cgroup/unified
        let mount = mount().unwrap();
        let group = mount.join(format!("portolan-bpf-tree-{}", std::process::id()));
        fs::create_dir_all(group.join("threads")).unwrap();
        let child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let pid = child.id();
        let threaded = Threaded(group.clone(), child);
        fs::write(group.join("threads/cgroup.type"), "threaded").unwrap();
        fs::write(group.join("cgroup.procs"), pid.to_string()).unwrap();
        let number = fs::metadata(group.join("threads")).unwrap().ino();
        assert_eq!(processes(mount, &[number]), Some(vec![pid]));
        drop(threaded);
        assert!(!group.exists());
    }
}
