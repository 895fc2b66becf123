//! The netlink socket: sends one dump's request, gathers its answers.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send, socket_with,
    sockopt,
};

use super::dump::Found;
use crate::sock_diag::{Malformed, Message, Request, messages};

/// A dump that changes under our eyes is begun anew this often before what was read is kept.
const ATTEMPTS: usize = 4;

/// The kernel builds datagrams of at most 32 KiB for a dump, and no longer ones than the buffer
/// that it saw last.
const BUFFER: usize = 32 * 1024;

/// Nothing is waited for: the kernel answers within send(2), and goes on with a dump within each
/// recv(2) (`netlink_dump` in net/netlink/af_netlink.c). What is not there then, never comes.
const FLAGS: RecvFlags = RecvFlags::DONTWAIT.union(RecvFlags::TRUNC);

/// An open NETLINK_SOCK_DIAG socket.
#[derive(Debug)]
pub(crate) struct Diag {
    fd: OwnedFd,
    buffer: Vec<u8>,
    sequence: u32,
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
            buffer: Vec::with_capacity(BUFFER),
            sequence: 0,
        })
    }

    /// Every socket that `request` asks for; of several attempts that the tables' changes
    /// interrupted, the last.
    pub(super) fn dump(&mut self, request: &Request<'_>) -> Result<Found, Error> {
        let mut last = Ok(Found::default());
        for _ in 0..ATTEMPTS {
            last = self.attempt(request);
            match &last {
                Ok(found) if !found.interrupted => break,
                Ok(_) => {}
                Err(Error::Refused(Errno::NOBUFS | Errno::AGAIN)) => self.make_room(),
                Err(_) => break,
            }
        }
        last
    }

    /// After an answer that the socket's buffer had no room for: a larger buffer, and nothing in
    /// it of what was lost in part.
    fn make_room(&mut self) {
        let size = sockopt::socket_recv_buffer_size(&self.fd).unwrap_or(BUFFER);
        // Where it may not grow, the next attempt fails as this one did, and says so.
        let size = size.saturating_mul(2).max(2 * BUFFER);
        sockopt::set_socket_recv_buffer_size(&self.fd, size).ok();
        // Each read also makes the kernel go on with a dump that was begun, to its end.
        loop {
            match self.receive() {
                Ok(_) | Err(Errno::INTR | Errno::NOBUFS) => {}
                Err(_) => return,
            }
        }
    }

    /// Takes one datagram into the buffer, whose pages stay untouched as far as it does not fill
    /// them; tells how long it was, which may be more than there was room for.
    fn receive(&mut self) -> Result<usize, Errno> {
        self.buffer.clear();
        let (_, length) = recv(&self.fd, spare_capacity(&mut self.buffer), FLAGS)?;
        Ok(length)
    }

    fn attempt(&mut self, request: &Request<'_>) -> Result<Found, Error> {
        self.sequence = self.sequence.wrapping_add(1);
        let asked = request.encode(self.sequence);
        retry(|| send(&self.fd, &asked, SendFlags::empty()))?;
        let mut found = Found::default();
        loop {
            let length = retry(|| self.receive())?;
            if length > self.buffer.len() {
                return Err(Error::Truncated);
            }
            for framed in messages(&self.buffer) {
                let framed = framed.map_err(Error::Malformed)?;
                if framed.sequence != self.sequence {
                    continue;
                }
                found.interrupted |= framed.interrupted;
                match framed.message {
                    Message::Socket(record) => found.records.push(record),
                    Message::Done(0) => return Ok(found),
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

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;
    use crate::sock_diag::{Family, Protocol};
    use crate::state;

    #[test]
    fn a_full_buffer_is_emptied_and_made_larger() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let request = Request {
            protocol: Protocol::Tcp,
            family: Family::V4,
            states: 1 << state::LISTEN,
            filter: &[],
            drops: false,
        };
        let mut diag = Diag::open().unwrap();
        sockopt::set_socket_recv_buffer_size(&diag.fd, 1).unwrap();
        // Refused one after the other, until the refusals do not fit: what comes then is ENOBUFS.
        let nonsense = Request {
            states: 0,
            protocol: Protocol::Sctp,
            ..request
        };
        let fill = |diag: &Diag| {
            for sequence in 1000..1100 {
                send(&diag.fd, &nonsense.encode(sequence), SendFlags::empty()).unwrap();
            }
        };
        fill(&diag);
        let refused = diag.attempt(&request).err();
        assert_eq!(refused, Some(Error::Refused(Errno::NOBUFS)));
        // The kernel says it once; what is lost after that is lost in silence.
        fill(&diag);
        let refused = diag.attempt(&request).err();
        assert_eq!(refused, Some(Error::Refused(Errno::AGAIN)));
        fill(&diag);
        let found = diag.dump(&request).unwrap();
        let local = held.local_addr().unwrap();
        assert!(found.records.iter().any(|record| record.local == local));
        assert!(sockopt::socket_recv_buffer_size(&diag.fd).unwrap() > BUFFER);
    }
}
