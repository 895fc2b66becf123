//! Every process that `/proc` shows, with what anyone may know of it.

use portolan_ports::Owner;
use rustix::fs::{Mode, OFlags, openat};

use super::process::describe_process;
use super::scan::Proc;

/// Each process's program, user, command line and control group; those that have gone meanwhile
/// are left out, since they hold nothing any more.
pub(crate) fn processes() -> Vec<Owner> {
    let Ok(proc) = Proc::open(None) else {
        return Vec::new();
    };
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let pids = proc.pids().unwrap_or_default();
    let process = |pid: u32| {
        let folder = openat(proc.folder(), pid.to_string(), flags, Mode::empty()).ok()?;
        Some(describe_process(&folder, pid, None)?.owner)
    };
    pids.into_iter().filter_map(process).collect()
}
