//! What one process is: its program, user, unit and container, from `/proc/PID`.
//!
//! Source: proc(5). Everything is read below one open directory, so that a process id which is
//! given to another process meanwhile yields errors, never the other one's particulars.

use std::ffi::CStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use portolan_ports::{ExeState, Owner};
use rustix::fs::{AtFlags, Mode, OFlags, Statx, StatxFlags, fstat, openat, readlinkat_raw, statx};
use rustix::io::{Errno, read};

use super::clock::Clock;
use super::control_group::{self, Place};
use super::stat::Stat;

/// The most bytes of a command line that are kept.
const MOST_ARGUMENT_BYTES: usize = 4096;
/// The most arguments that are kept.
const MOST_ARGUMENTS: usize = 64;
/// Longer than any path that the kernel tells (PATH_MAX).
pub(super) const BUFFER: usize = 4096 + 1;
/// What the kernel appends to the path of a file that has no name any more.
const DELETED: &[u8] = b" (deleted)";

/// A process and what of it stayed hidden.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) owner: Owner,
    /// Its executable may not be looked at.
    pub(super) hidden: bool,
}

/// Describes the process whose directory of descriptors is open; `None` where it has gone. With a
/// clock, its start is told too.
pub(super) fn describe(
    descriptors: BorrowedFd<'_>,
    pid: u32,
    clock: Option<&Clock>,
) -> Option<Description> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let process = openat(descriptors, c"..", flags, Mode::empty()).ok()?;
    describe_process(&process, pid, clock)
}

/// Describes the process whose own directory is open; `None` where it has gone.
pub(super) fn describe_process(
    process: &OwnedFd,
    pid: u32,
    clock: Option<&Clock>,
) -> Option<Description> {
    let mut buffer = vec![0; BUFFER];
    // /proc/PID itself belongs to the effective user, whatever else the process hides.
    let uid = fstat(process).ok().map(|stat| stat.st_uid);

    let (exe, exe_state, hidden) = executable(process, &mut buffer);
    let arguments = arguments(file(
        process,
        c"cmdline",
        &mut buffer[..MOST_ARGUMENT_BYTES],
    )?);
    let comm = text(file(process, c"comm", &mut buffer)?.trim_ascii_end());
    let program = program(exe.as_deref(), &arguments, &comm).to_owned();
    let Place {
        unit,
        container,
        pod,
    } = file(process, c"cgroup", &mut buffer)
        .map(control_group::read)
        .unwrap_or_default();
    let started = clock.and_then(|clock| {
        let stat = Stat::read(file(process, c"stat", &mut buffer)?)?;
        Some(clock.moment(stat.started))
    });
    let owner = Owner {
        pid,
        program,
        exe,
        exe_state,
        arguments,
        uid,
        user: None,
        unit,
        container,
        pod,
        started,
        ..Owner::default()
    };
    Some(Description { owner, hidden })
}

/// The executable's name, unless it goes by another one (busybox as httpd): where the kernel and
/// the first argument agree on a name, and it is no short form of the executable's.
fn program<'a>(exe: Option<&'a str>, arguments: &'a [String], comm: &'a str) -> &'a str {
    let started = arguments
        .first()
        .and_then(|first| first.split([' ', ':']).next())
        .map(base_name);
    let started = started.filter(|name| !name.is_empty());
    let Some(exe) = exe.map(base_name).filter(|name| !name.is_empty()) else {
        return started.unwrap_or(comm);
    };
    match started {
        // The kernel keeps 15 bytes.
        Some(name) if !comm.is_empty() && name.starts_with(comm) && !exe.starts_with(comm) => name,
        _ => exe,
    }
}

fn executable(process: &OwnedFd, buffer: &mut [u8]) -> (Option<String>, ExeState, bool) {
    let path = match readlinkat_raw(process, c"exe", &mut *buffer) {
        Ok(length) => &buffer[..length],
        Err(errno) => {
            let hidden = matches!(errno, Errno::ACCESS | Errno::PERM);
            return (None, ExeState::Unknown, hidden);
        }
    };
    let running = identity(process, b"exe", AtFlags::empty());
    let present = below_root(process, path);
    // A name may end in " (deleted)" by itself.
    let (path, state) = match path.strip_suffix(DELETED) {
        Some(name) if present.is_err() || present != running => {
            let state = match below_root(process, name) {
                Ok(_) => ExeState::Replaced,
                Err(Errno::NOENT | Errno::NOTDIR) => ExeState::Deleted,
                Err(_) => ExeState::Unknown,
            };
            (name, state)
        }
        _ => {
            let state = match (present, running) {
                (Ok(present), Ok(running)) if present == running => ExeState::Present,
                (Ok(_), Ok(_)) => ExeState::Replaced,
                (Err(Errno::NOENT | Errno::NOTDIR), Ok(_)) => ExeState::Deleted,
                _ => ExeState::Unknown,
            };
            (path, state)
        }
    };
    (Some(text(path)), state, false)
}

/// A file's device, major and minor number, and its inode.
pub(super) type Identity = (u32, u32, u64);

/// Device and inode of a file, without asking a network file system's server anew.
pub(super) fn identity(process: &OwnedFd, path: &[u8], flags: AtFlags) -> Result<Identity, Errno> {
    let flags = flags | AtFlags::STATX_DONT_SYNC | AtFlags::NO_AUTOMOUNT;
    let Statx {
        stx_dev_major,
        stx_dev_minor,
        stx_ino,
        ..
    } = statx(process, path, flags, StatxFlags::INO)?;
    Ok((stx_dev_major, stx_dev_minor, stx_ino))
}

/// The file that has this path in the process's own file system tree.
pub(super) fn below_root(process: &OwnedFd, path: &[u8]) -> Result<Identity, Errno> {
    let inside = [b"root", path].concat();
    // A link put there since would be followed in our tree, not in the process's.
    identity(process, &inside, AtFlags::SYMLINK_NOFOLLOW)
}

fn arguments(bytes: &[u8]) -> Vec<String> {
    // One that writes its title there leaves a run of zeros behind it.
    let end = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    let bytes = &bytes[..end];
    if bytes.is_empty() {
        return Vec::new();
    }
    bytes
        .split(|byte| *byte == 0)
        .take(MOST_ARGUMENTS)
        .map(text)
        .collect()
}

/// What stands after the last slash; a login shell's leading hyphen is kept.
fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The beginning of a file below the process's directory, as far as the buffer takes it.
pub(super) fn file<'a>(process: &OwnedFd, name: &CStr, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let fd = openat(process.as_fd(), name, flags, Mode::empty()).ok()?;
    beginning(&fd, buffer)
}

/// The beginning of an open file, as far as the buffer takes it.
pub(super) fn beginning<'a>(fd: &OwnedFd, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let mut length = 0;
    // Short reads are allowed; seq_file(9) makes them at the end of each of its pages.
    loop {
        match read(fd, &mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(Errno::INTR) => {}
            Err(_) => return None,
        }
        if length == buffer.len() {
            break;
        }
    }
    buffer.get(..length)
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_goes_by_the_name_it_was_started_under() {
        let name = |exe, first: &str, comm| program(exe, &[first.to_owned()], comm).to_owned();
        assert_eq!(
            name(Some("/usr/sbin/nginx"), "nginx: master process", "nginx"),
            "nginx"
        );
        assert_eq!(name(Some("/bin/busybox"), "httpd", "httpd"), "httpd");
        let redis = Some("/usr/bin/redis-check-rdb");
        assert_eq!(
            name(redis, "redis-server 127.0.0.1:6379", "redis-server"),
            "redis-server"
        );
        // A script, or a thread that renamed itself: only one of the two says so.
        assert_eq!(
            name(Some("/usr/bin/python3.11"), "/usr/bin/python3", "serve.py"),
            "python3.11"
        );
        assert_eq!(name(Some("/usr/bin/node"), "anything", "node"), "node");
        assert_eq!(
            name(
                Some("/x/a-rather-long-name"),
                "a-rather-long-name",
                "a-rather-long-n"
            ),
            "a-rather-long-name"
        );
        assert_eq!(name(None, "/usr/sbin/sshd", "sshd"), "sshd");
        assert_eq!(name(None, "", "sshd"), "sshd");
        assert_eq!(program(None, &[], "sshd"), "sshd");
    }

    #[test]
    fn arguments_end_where_the_zeros_begin() {
        assert_eq!(arguments(b"a\0\0b c\0"), ["a", "", "b c"]);
        assert_eq!(arguments(b"title\0\0\0\0"), ["title"]);
        assert_eq!(arguments(b"cut sho"), ["cut sho"]);
        assert_eq!(arguments(b"\xff\0"), ["\u{fffd}"]);
        assert!(arguments(b"").is_empty());
        assert!(arguments(b"\0\0").is_empty());
        assert_eq!(arguments(&[b'a', 0].repeat(100)).len(), MOST_ARGUMENTS);
    }
}
