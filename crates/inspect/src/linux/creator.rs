//! What made a socket, where nobody who holds it could be seen.
//!
//! Source: INET_DIAG_CGROUP_ID of sock_diag(7), which every user is told; the number is the inode
//! of the group's directory in the version 2 tree (cgroups(7)).
//! Cost:   one walk over that tree's directories, and only where an owner is hidden.

use std::collections::HashMap;
use std::path::Path;

use portolan_ports::{Creator, Listener};

use super::{control_group, group_tree};

/// Names what created every listener without an owner.
pub(super) fn name(listeners: &mut [Listener]) {
    let hidden = |l: &&mut Listener| l.owners.is_empty() && l.control_group.is_some();
    let mut nameless: Vec<&mut Listener> = listeners.iter_mut().filter(hidden).collect();
    if nameless.is_empty() {
        return;
    }
    let Some(mount) = group_tree::mount() else {
        return;
    };
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
    group_tree::walk(mount, |number, path| {
        let below = path.strip_prefix(mount).unwrap_or(path).to_string_lossy();
        let creator = Creator {
            path: format!("/{below}"),
            unit: control_group::unit(&below),
            container: control_group::container(&below),
        };
        creators.insert(number, creator);
        true
    });
    creators
}
