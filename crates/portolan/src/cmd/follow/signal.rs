//! Signals that ask for the end, as something to wait for.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

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

/// What a wait for input ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ready {
    /// The time is up, or a signal has come.
    Nothing,
    /// There is something to read.
    Input,
    /// Nothing will ever come again: the terminal or the writer is gone.
    HungUp,
}

impl Signals {
    /// Waits for input, a signal or the end of the time.
    pub(crate) fn wait_with(&self, input: BorrowedFd<'_>, time: Duration) -> io::Result<Ready> {
        let mut polled = [
            PollFd::from_borrowed_fd(input, PollFlags::IN),
            PollFd::new(&self.0, PollFlags::IN),
        ];
        let time = Timespec::try_from(time).unwrap_or_default();
        match poll(&mut polled, Some(&time)) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => return Ok(Ready::Nothing),
            Err(errno) => return Err(errno.into()),
        }
        let events = polled[0].revents();
        Ok(
            if events.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
                Ready::HungUp
            } else if events.contains(PollFlags::IN) {
                Ready::Input
            } else {
                Ready::Nothing
            },
        )
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
