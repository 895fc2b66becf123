//! What made a socket, where nobody who holds it could be seen.
//!
//! Source: INET_DIAG_CGROUP_ID of sock_diag(7), which every user is told; the number is the inode
//! of the group's directory in the version 2 tree (cgroups(7)).
//! Cost:   one walk over that tree's directories, and only where an owner is hidden.

use std::collections::HashMap;
use std::os::unix::fs::DirEntryExt;
use std::path::{Path, PathBuf};

use portolan_ports::{Creator, Listener};

use super::control_group;

/// Where the version 2 tree is mounted: alone, or beside version 1.
const MOUNTS: [&str; 2] = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"];
/// The most directories that are looked at.
const MOST_GROUPS: usize = 20_000;

/// Names what created every listener without an owner.
pub(super) fn name(listeners: &mut [Listener]) {
    let hidden = |l: &&mut Listener| l.owners.is_empty() && l.control_group.is_some();
    let mut nameless: Vec<&mut Listener> = listeners.iter_mut().filter(hidden).collect();
    if nameless.is_empty() {
        return;
    }
    let mount = MOUNTS
        .iter()
        .map(Path::new)
        .find(|m| m.join("cgroup.controllers").exists());
    let Some(mount) = mount else { return };
    let creators = creators(mount);
    for listener in &mut nameless {
        let number = listener.control_group;
        listener.creator = number.and_then(|number| creators.get(&number)).cloned();
    }
}

/// What lives in every group below the mount, by the group's number. A group that may not be read
/// is left out, as is one that vanishes meanwhile.
fn creators(mount: &Path) -> HashMap<u64, Creator> {
    let mut creators = HashMap::new();
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
            if looked > MOST_GROUPS {
                return creators;
            }
            let path = entry.path();
            let below = path.strip_prefix(mount).unwrap_or(&path).to_string_lossy();
            let creator = Creator {
                path: format!("/{below}"),
                unit: control_group::unit(&below),
                container: control_group::container(&below),
            };
            creators.insert(entry.ino(), creator);
            waiting.push(path);
        }
    }
    creators
}
