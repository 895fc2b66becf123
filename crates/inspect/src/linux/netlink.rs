//! The netlink socket: sends one dump's request, gathers its answers.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
};

use crate::sock_diag::{Malformed, Message, Record, Request, messages};

/// A dump that changes under our eyes is begun anew this often before what was read is kept.
const ATTEMPTS: usize = 4;

/// The kernel builds datagrams of at most 32 KiB for a dump, and no longer ones than the buffer
/// that it saw last.
const BUFFER: usize = 32 * 1024;

/// An open NETLINK_SOCK_DIAG socket.
#[derive(Debug)]
pub(crate) struct Diag {
    fd: OwnedFd,
    buffer: Vec<u8>,
    sequence: u32,
}

/// The sockets of one dump.
#[derive(Debug, Default)]
pub(crate) struct Dump {
    /// Each socket the kernel told.
    pub(crate) records: Vec<Record>,
    /// The tables changed during every attempt: some may lack, some may come twice.
    pub(crate) interrupted: bool,
}

/// Why a dump failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// A call failed, or the kernel answered with this error.
    #[error("{0}")]
    Refused(Errno),
    /// A datagram was longer than the buffer.
    #[error("an answer was cut short")]
    Truncated,
    /// The answer is not netlink.
    #[error("{0}")]
    Malformed(Malformed),
}

impl From<Errno> for Error {
    fn from(errno: Errno) -> Self {
        Self::Refused(errno)
    }
}

impl Diag {
    /// Opens the socket; anyone may, where no sandbox forbids it.
    pub(crate) fn open() -> Result<Self, Errno> {
        let fd = socket_with(
            AddressFamily::NETLINK,
            SocketType::DGRAM,
            SocketFlags::CLOEXEC,
            Some(netlink::SOCK_DIAG),
        )?;
        Ok(Self {
            fd,
            buffer: vec![0; BUFFER],
            sequence: 0,
        })
    }

    /// Every socket that `request` asks for.
    pub(crate) fn dump(&mut self, request: &Request<'_>) -> Result<Dump, Error> {
        let mut dump = Dump::default();
        for _ in 0..ATTEMPTS {
            dump = self.attempt(request)?;
            if !dump.interrupted {
                break;
            }
        }
        Ok(dump)
    }

    fn attempt(&mut self, request: &Request<'_>) -> Result<Dump, Error> {
        self.sequence = self.sequence.wrapping_add(1);
        let asked = request.encode(self.sequence);
        retry(|| send(&self.fd, &asked, SendFlags::empty()))?;
        let mut dump = Dump::default();
        loop {
            let (read, length) =
                retry(|| recv(&self.fd, self.buffer.as_mut_slice(), RecvFlags::TRUNC))?;
            if length > read {
                return Err(Error::Truncated);
            }
            for framed in messages(&self.buffer[..read]) {
                let framed = framed.map_err(Error::Malformed)?;
                if framed.sequence != self.sequence {
                    continue;
                }
                dump.interrupted |= framed.interrupted;
                match framed.message {
                    Message::Socket(record) => dump.records.push(record),
                    Message::Done(0) => return Ok(dump),
                    Message::Done(error) => return Err(refused(error.wrapping_neg())),
                    Message::Refused(error) => return Err(refused(error)),
                    Message::Other => {}
                }
            }
        }
    }
}

impl AsFd for Diag {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// An errno as the kernel may say it; anything outside its range becomes EPROTO.
fn refused(error: i32) -> Error {
    let known = (1..4096).contains(&error);
    Error::Refused(if known {
        Errno::from_raw_os_error(error)
    } else {
        Errno::PROTO
    })
}

fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            done => return done,
        }
    }
}
