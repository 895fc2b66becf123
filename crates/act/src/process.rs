//! One process, held by a pidfd: whatever becomes of its number, nobody else is hit.
//!
//! Source: pidfd_open(2), pidfd_send_signal(2) (Linux 5.3).

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open, pidfd_send_signal, test_kill_process};

use crate::deadline::{Deadline, ready};
use crate::vitals::Vitals;

/// The signals that are sent, signal(7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// SIGTERM: to end in order.
    Terminate,
    /// SIGKILL: to be ended by the kernel.
    Kill,
}

/// Why nothing was done to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is none of that number any more.
    #[error("it has ended")]
    Gone,
    /// The kernel does not let this user do that.
    #[error("the kernel does not let this user do that")]
    NotPermitted,
    /// A call failed; on kernels before 5.3 with ENOSYS.
    #[error("{call} failed: {errno}")]
    Call {
        /// The system call.
        call: &'static str,
        /// Its error.
        errno: Errno,
    },
}

impl Error {
    fn of(call: &'static str, errno: Errno) -> Self {
        match errno {
            Errno::SRCH | Errno::NOENT => Self::Gone,
            Errno::PERM | Errno::ACCESS => Self::NotPermitted,
            errno => Self::Call { call, errno },
        }
    }
}

/// A process, from the moment of [`Process::open`] on.
#[derive(Debug)]
pub struct Process {
    fd: OwnedFd,
    pid: u32,
    started: u64,
    /// Device and inode of its executable, where it may be read.
    program: Option<(u64, u64)>,
}

impl Process {
    /// Takes hold of it.
    ///
    /// # Errors
    /// Where it has ended, or the kernel has no pidfd.
    pub fn open(pid: u32) -> Result<Self, Error> {
        let number = number(pid)?;
        let fd = pidfd_open(number, PidfdFlags::empty())
            .map_err(|errno| Error::of("pidfd_open", errno))?;
        let process = Self {
            started: Vitals::read(pid).ok_or(Error::Gone)?.started,
            program: program(pid),
            fd,
            pid,
        };
        // What was read by number is this process's only if it lived all the while.
        if process.has_ended() {
            return Err(Error::Gone);
        }
        Ok(process)
    }

    /// Its number while it lives.
    #[must_use]
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether it still lives, and still runs the same program.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        let now = Vitals::read(self.pid).map(|vitals| vitals.started);
        now == Some(self.started) && program(self.pid) == self.program && !self.has_ended()
    }

    /// Whether one of its descriptors is the socket of this inode.
    ///
    /// Cost: one readlink for each descriptor, until it is found.
    ///
    /// # Errors
    /// Where it has ended, or its descriptors may not be read.
    pub fn holds(&self, inode: u64) -> Result<bool, Error> {
        let failed = |error: std::io::Error| {
            let errno = error.raw_os_error().unwrap_or_default();
            Error::of("reading /proc/PID/fd", Errno::from_raw_os_error(errno))
        };
        let wanted = format!("socket:[{inode}]");
        let mut found = false;
        for entry in fs::read_dir(format!("/proc/{}/fd", self.pid)).map_err(failed)? {
            // One that was closed meanwhile has no link any more.
            let link = fs::read_link(entry.map_err(failed)?.path());
            if link.is_ok_and(|link| link.as_os_str() == wanted.as_str()) {
                found = true;
                break;
            }
        }
        if self.has_ended() {
            return Err(Error::Gone);
        }
        Ok(found)
    }

    /// Whether it has ended; a zombie has.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        ready(&[self.fd.as_fd()], Some(Duration::ZERO)).is_ok_and(|ready| ready == [true])
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// Where it has ended, or this user may not.
    pub fn signal(&self, ask: Ask) -> Result<(), Error> {
        let signal = match ask {
            Ask::Terminate => rustix::process::Signal::TERM,
            Ask::Kill => rustix::process::Signal::KILL,
        };
        pidfd_send_signal(&self.fd, signal).map_err(|errno| Error::of("pidfd_send_signal", errno))
    }
}

/// Waits until all of them have ended, or the time is over.
///
/// # Errors
/// Where the kernel gives no timer or cannot wait.
pub fn wait(processes: &[&Process], time: Duration) -> Result<(), Errno> {
    let deadline = Deadline::after(time)?;
    loop {
        let alive: Vec<_> = processes
            .iter()
            .filter(|process| !process.has_ended())
            .map(|process| process.fd.as_fd())
            .collect();
        if alive.is_empty() || deadline.is_over() {
            return Ok(());
        }
        deadline.wait(&alive)?;
    }
}

/// Whether this user may send a process signals, kill(2); nothing is sent.
///
/// # Errors
/// Where there is no such process, or this user may not.
pub fn may_signal(pid: u32) -> Result<(), Error> {
    test_kill_process(number(pid)?).map_err(|errno| Error::of("kill", errno))
}

/// The user whose rights this process has; `None` where the system has no such number.
#[must_use]
pub fn own_user() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

fn number(pid: u32) -> Result<Pid, Error> {
    let number = i32::try_from(pid).ok().and_then(Pid::from_raw);
    number.ok_or(Error::Gone)
}

fn program(pid: u32) -> Option<(u64, u64)> {
    let file = fs::metadata(format!("/proc/{pid}/exe")).ok()?;
    Some((file.dev(), file.ino()))
}
