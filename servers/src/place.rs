//! A place: a port number that the system gave, kept from everybody else until the server has it.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::sync::{Mutex, PoisonError};

use rustix::net::{self, AddressFamily, SocketType};

use crate::row::Transport;

/// A number, and the sockets that keep it.
#[derive(Debug)]
pub struct Held {
    /// 127.0.0.1 and the number.
    pub address: SocketAddr,
    stream: Option<OwnedFd>,
    datagram: Option<OwnedFd>,
}

/// Numbers this process has given out: UDP's are free for a moment before their server has them.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// Asks the system a few times for a number that is free in both transports.
const ATTEMPTS: usize = 64;

/// A TCP port that the system gave, and a socket that keeps it.
///
/// # Errors
/// Where the system has none.
pub fn hold() -> io::Result<Held> {
    hold_in(&[Transport::Tcp])
}

/// One number for all these transports.
///
/// A TCP socket that is bound with SO_REUSEADDR and does not listen keeps the kernel from handing
/// the port to anybody else, while a server that names it, with SO_REUSEADDR as nearly all have,
/// gets it. UDP knows no such thing: there the number is kept until [`Held::release`].
pub(crate) fn hold_in(transports: &[Transport]) -> io::Result<Held> {
    for _ in 0..ATTEMPTS {
        let wants = |transport| transports.contains(&transport);
        let first = match wants(Transport::Tcp) {
            true => bind(SocketType::STREAM, 0)?,
            false => bind(SocketType::DGRAM, 0)?,
        };
        let address: SocketAddr = net::getsockname(&first)?.try_into()?;
        let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
        if !given.insert(address.port()) {
            continue;
        }
        drop(given);
        let (stream, datagram) = match (wants(Transport::Tcp), wants(Transport::Udp)) {
            (true, true) => match bind(SocketType::DGRAM, address.port()) {
                Ok(second) => (Some(first), Some(second)),
                Err(_taken) => continue,
            },
            (true, false) => (Some(first), None),
            (false, _) => (None, Some(first)),
        };
        return Ok(Held {
            address,
            stream,
            datagram,
        });
    }
    Err(io::ErrorKind::AddrInUse.into())
}

impl Held {
    /// Frees what a server cannot take from us: UDP always, TCP where `stream` says so.
    pub(crate) fn release(&mut self, stream: bool) {
        self.datagram = None;
        if stream {
            self.stream = None;
        }
    }
}

fn bind(kind: SocketType, number: u16) -> io::Result<OwnedFd> {
    let flags = net::SocketFlags::CLOEXEC;
    let socket = net::socket_with(AddressFamily::INET, kind, flags, None)?;
    if kind == SocketType::STREAM {
        net::sockopt::set_socket_reuseaddr(&socket, true)?;
    }
    net::bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, number)))?;
    Ok(socket)
}
