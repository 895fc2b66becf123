//! Which processes are the kernel's own threads: they hold no descriptors.
//!
//! Source: proc_pid_stat(5), proc_pid_task(5) (`children`, where the kernel is built with it). All
//! are children of kthreadd, process 2 of the first pid namespace. So are, now and then, programs
//! that the kernel starts: the list says who may be looked at last, not who needs no look.

use std::ffi::CStr;

use rustix::buffer::spare_capacity;
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::{Errno, read};

/// Room for the children of kthreadd on a machine of many processors; with more, none is told.
const CHILDREN: usize = 32 * 1024;

/// The flag of a kernel thread, `PF_KTHREAD` in `linux/sched.h`.
const KERNEL_THREAD: u64 = 0x0020_0000;

/// The children of kthreadd and itself, sorted; empty where they cannot be told.
pub(super) fn family() -> Vec<u32> {
    let mut buffer = Vec::with_capacity(CHILDREN);
    let stat = read_start(c"/proc/2/stat", &mut buffer);
    if !stat.is_ok_and(|stat| is_kernel(&String::from_utf8_lossy(stat))) {
        return Vec::new();
    }
    let children = read_start(c"/proc/2/task/2/children", &mut buffer).unwrap_or_default();
    if children.len() >= CHILDREN {
        return Vec::new();
    }
    let children = String::from_utf8_lossy(children);
    let mut family: Vec<u32> = children
        .split_ascii_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .chain([2])
        .collect();
    family.sort_unstable();
    family
}

/// The beginning of a small file, as far as the buffer takes it; without asking for its size, which
/// `/proc` and `/sys` do not know.
pub(super) fn read_start<'a>(path: &CStr, buffer: &'a mut Vec<u8>) -> Result<&'a [u8], Errno> {
    let file = openat(CWD, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    buffer.clear();
    while buffer.len() < buffer.capacity() {
        match read(&file, spare_capacity(buffer)) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(buffer)
}

/// Whether a line of `/proc/PID/stat` is a kernel thread's.
fn is_kernel(stat: &str) -> bool {
    // The name in parentheses may hold anything, parentheses too.
    let flags = stat
        .rsplit_once(')')
        .and_then(|(_, rest)| rest.split_ascii_whitespace().nth(6));
    flags
        .and_then(|flags| flags.parse::<u64>().ok())
        .is_some_and(|flags| flags & KERNEL_THREAD != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_is_the_seventh_field_after_the_name() {
        assert!(is_kernel("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0"));
        assert!(!is_kernel("2 (a) 2129984) S 1 2 2 0 -1 4194304 2129984 0"));
        assert!(!is_kernel(""));
    }
}
