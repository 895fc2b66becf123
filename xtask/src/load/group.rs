//! A control group for each process of listeners, as a machine's services have them.
//!
//! Source: cgroups(7). Made below the root of the version 2 tree; removed when dropped, after the processes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context, Result};

/// Where the version 2 tree is mounted: beside version 1, or alone.
const MOUNTS: [&str; 2] = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"];

/// The crowd's group, which holds those of its members.
pub(crate) struct Group(PathBuf);

impl Group {
    /// Makes it; `None` where this user may not, or there is no such tree.
    pub(crate) fn make() -> Option<Self> {
        let mount = MOUNTS
            .iter()
            .map(Path::new)
            .find(|mount| mount.join("cgroup.controllers").exists())?;
        let folder = mount.join(format!("portolan-load-{}", process::id()));
        fs::create_dir(&folder).ok()?;
        Some(Self(folder))
    }

    /// Where it lies.
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let members = fs::read_dir(&self.0).into_iter().flatten().flatten();
        for member in members.filter(|entry| entry.path().is_dir()) {
            let _kept_while_in_use = fs::remove_dir(member.path());
        }
        let _kept_while_in_use = fs::remove_dir(&self.0);
    }
}

/// Moves this process into a group of its own below the crowd's.
pub(crate) fn enter(crowd: &Path) -> Result<()> {
    let own = crowd.join(format!("member-{}.service", process::id()));
    fs::create_dir(&own)
        .and_then(|()| fs::write(own.join("cgroup.procs"), process::id().to_string()))
        .with_context(|| format!("cannot enter the control group {}", own.display()))
}
