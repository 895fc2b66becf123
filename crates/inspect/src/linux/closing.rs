//! The kernel's events of destroyed sockets.
//!
//! Source: `linux/sock_diag.h` (`sknetlink_groups`), `sock_diag_broadcast_destroy` in
//! net/core/sock_diag.c. Every user may listen. Every closing socket is told, connections too; a
//! listener's record has its cookie and address, state CLOSE, and neither inode nor user.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::netlink::{self, SocketAddrNetlink};
use rustix::net::{
    AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recv, socket_with, sockopt,
};

use crate::sock_diag::{Message, Record, messages};

/// Groups 1 to 4 as bits: TCP and UDP over IPv4, then over IPv6.
const GROUPS: u32 = 0b1111;
/// Longer than any such event; one that were longer is cut, and malformed then.
const BUFFER: usize = 4096;
/// The most events taken at once, so that a flood of them cannot hold up a look.
const MOST_EVENTS: usize = 16_384;

/// A netlink socket that is told of every socket's end in its network namespace.
#[derive(Debug)]
pub(super) struct Closings {
    fd: OwnedFd,
    buffer: Vec<u8>,
}

impl Closings {
    /// Joins the groups; with room for `bytes` of events, or as much as this user may have.
    pub(super) fn open(bytes: usize) -> Result<Self, Errno> {
        let fd = socket_with(
            AddressFamily::NETLINK,
            SocketType::DGRAM,
            SocketFlags::CLOEXEC,
            Some(netlink::SOCK_DIAG),
        )?;
        // Beyond net.core.rmem_max only with CAP_NET_ADMIN.
        if sockopt::set_socket_recv_buffer_size_force(&fd, bytes).is_err() {
            sockopt::set_socket_recv_buffer_size(&fd, bytes)?;
        }
        // Groups joined later, by setsockopt(2) on a socket bound without any, deliver nothing.
        bind(&fd, &SocketAddrNetlink::new(0, GROUPS))?;
        Ok(Self {
            fd,
            buffer: vec![0; BUFFER],
        })
    }

    /// Hands over the events that have come; whether the kernel had to drop some.
    pub(super) fn take(&mut self, mut each: impl FnMut(&Record)) -> bool {
        let mut lost = false;
        for _ in 0..MOST_EVENTS {
            match recv(&self.fd, self.buffer.as_mut_slice(), RecvFlags::DONTWAIT) {
                Ok((read, _)) => {
                    for framed in messages(&self.buffer[..read]).flatten() {
                        if let Message::Socket(record) = framed.message {
                            each(&record);
                        }
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::NOBUFS) => lost = true,
                Err(_) => break,
            }
        }
        lost
    }
}

impl AsFd for Closings {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    #[test]
    fn a_flood_is_survived_and_said() {
        let mut small = Closings::open(2048).unwrap();
        // The kernel sends the events when it likes: more come until it had no room for some.
        let flood = |small: &mut Closings| {
            for _ in 0..300 {
                drop(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
            }
            small.take(|_| ())
        };
        assert!((0..1000).any(|_| flood(&mut small)));
        // It goes on to hear what comes after; the end of the flood may still crowd some of it out.
        let is_heard = |small: &mut Closings| {
            let last = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let cookie = sockopt::socket_cookie(&last).unwrap();
            drop(last);
            (0..100_000).any(|_| {
                std::thread::yield_now();
                let mut found = false;
                small.take(|record| found |= record.cookie == Some(cookie));
                found
            })
        };
        assert!((0..200).any(|_| is_heard(&mut small)));
    }
}
