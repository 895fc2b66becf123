//! Signals that ask for the end, as something to wait for.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

/// Becomes readable once SIGINT, SIGTERM or SIGHUP has come.
#[derive(Debug)]
pub(crate) struct Signals(UnixStream);

impl Signals {
    /// From now on these signals end nothing by themselves.
    pub(crate) fn catch() -> io::Result<Self> {
        let (read, write) = UnixStream::pair()?;
        read.set_nonblocking(true)?;
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            pipe::register(signal, write.try_clone()?)?;
        }
        Ok(Self(read))
    }

    /// Whether one has come; it stays so.
    pub(crate) fn came(&self) -> bool {
        let mut polled = [PollFd::new(&self.0, PollFlags::IN)];
        let none = Timespec::default();
        poll(&mut polled, Some(&none)).is_ok_and(|ready| ready > 0)
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
