//! The wire form of NETLINK_SOCK_DIAG: requests written, answers read. Pure; no socket here.
//!
//! Source: sock_diag(7), netlink(7), `linux/inet_diag.h`, `linux/netlink.h`. Netlink speaks the
//! machine's byte order; ports and addresses inside are big-endian.
//!
//! ```text
//! nlmsghdr       len u32, type u16, flags u16, sequence u32, port u32                      16
//! sockid         sport be16, dport be16, src [u8;16], dst [u8;16], if u32, cookie u64      48
//! inet_diag_msg  family u8, state u8, timer u8, retrans u8, sockid,
//!                expires u32, rqueue u32, wqueue u32, uid u32, inode u32                   72
//! nlattr         len u16, type u16, then its value, padded to 4
//! ```
//!
//! SCTP (net/sctp/diag.c) tells an endpoint with all its addresses in INET_DIAG_LOCALS, a run of
//! `sockaddr_storage`, and an association with INET_DIAG_PEERS too.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use portolan_registry::Transport;

use crate::state;

const HEADER: usize = 16;
const SOCKET_ID: usize = 48;
const DIAG_MESSAGE: usize = 72;
const ATTRIBUTE: usize = 4;
/// `sockaddr_storage`, the same on every architecture.
const ADDRESS: usize = 128;

const NLMSG_NOOP: u16 = 1;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const TCPDIAG_GETSOCK: u16 = 18;
const SOCK_DIAG_BY_FAMILY: u16 = 20;

const NLM_F_REQUEST: u16 = 0x1;
const NLM_F_DUMP: u16 = 0x300;
const NLM_F_DUMP_INTR: u16 = 0x10;

const INET_DIAG_REQ_BYTECODE: u16 = 1;
const INET_DIAG_REQ_PROTOCOL: u16 = 3;
const INET_DIAG_SKMEMINFO: u16 = 7;
const INET_DIAG_SKV6ONLY: u16 = 11;
const INET_DIAG_LOCALS: u16 = 12;
const INET_DIAG_PEERS: u16 = 13;
const INET_DIAG_CGROUP_ID: u16 = 21;

/// The bit that asks for INET_DIAG_SKMEMINFO; extensions are counted from 1.
const SKMEMINFO_WANTED: u8 = 1 << (INET_DIAG_SKMEMINFO - 1);
/// SK_MEMINFO_DROPS of `linux/sock_diag.h`, as bytes into the array.
const DROPS_AT: usize = 8 * 4;

const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;

/// Whose sockets a dump lists, by the numbers of `linux/in.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// IPPROTO_TCP, with the TCP side of Multipath TCP sockets among them.
    Tcp,
    /// IPPROTO_UDP.
    Udp,
    /// IPPROTO_SCTP.
    Sctp,
    /// IPPROTO_DCCP.
    Dccp,
    /// IPPROTO_MPTCP, Linux 5.9. Older kernels must not be asked: they overlook the attribute that
    /// carries so large a number and may tell of TCP instead.
    Mptcp,
}

impl Protocol {
    const fn number(self) -> u16 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Dccp => 33,
            Self::Sctp => 132,
            Self::Mptcp => 262,
        }
    }
}

impl From<Transport> for Protocol {
    fn from(transport: Transport) -> Self {
        match transport {
            Transport::Tcp => Self::Tcp,
            Transport::Udp => Self::Udp,
            Transport::Sctp => Self::Sctp,
            Transport::Dccp => Self::Dccp,
        }
    }
}

/// Which address families a dump covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4 and IPv6 in one walk of the kernel's tables, by the request of Linux 2.6
    /// (TCPDIAG_GETSOCK), the only one that can say "any family". For UDP it needs Linux 5.9.
    Both,
    /// IPv4 alone, by SOCK_DIAG_BY_FAMILY (Linux 3.3).
    V4,
    /// IPv6 alone, by the same.
    V6,
}

/// What is asked of the kernel in one dump.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Whose sockets.
    pub protocol: Protocol,
    /// The address families.
    pub family: Family,
    /// A bit mask of the states wanted, `1 << state`; see [`crate::state`].
    pub states: u32,
    /// A program for the kernel's filter, of [`crate::filter::ports`]; empty for every socket.
    pub filter: &'a [u8],
    /// Whether to be told what each socket threw away; 40 bytes more for each.
    pub drops: bool,
}

impl Request<'_> {
    /// The datagram to send; `sequence` comes back with every answer.
    #[must_use]
    pub fn encode(&self, sequence: u32) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER + 72 + ATTRIBUTE + self.filter.len());
        let kind = match self.family {
            Family::Both => TCPDIAG_GETSOCK,
            Family::V4 | Family::V6 => SOCK_DIAG_BY_FAMILY,
        };
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&kind.to_ne_bytes());
        out.extend_from_slice(&(NLM_F_REQUEST | NLM_F_DUMP).to_ne_bytes());
        out.extend_from_slice(&sequence.to_ne_bytes());
        out.extend_from_slice(&[0; 4]);

        let protocol = self.protocol.number();
        let extensions = if self.drops { SKMEMINFO_WANTED } else { 0 };
        let in_attribute = match self.family {
            Family::Both => {
                out.extend_from_slice(&[0, 0, 0, extensions]);
                out.extend_from_slice(&[0; SOCKET_ID]);
                out.extend_from_slice(&self.states.to_ne_bytes());
                out.extend_from_slice(&[0; 4]);
                self.protocol != Protocol::Tcp
            }
            Family::V4 | Family::V6 => {
                let family = if self.family == Family::V4 {
                    AF_INET
                } else {
                    AF_INET6
                };
                let low = u8::try_from(protocol).unwrap_or(u8::MAX);
                out.extend_from_slice(&[family, low, extensions, 0]);
                out.extend_from_slice(&self.states.to_ne_bytes());
                out.extend_from_slice(&[0; SOCKET_ID]);
                self.protocol == Protocol::Mptcp
            }
        };
        if in_attribute {
            let value = u32::from(protocol).to_ne_bytes();
            attribute(&mut out, INET_DIAG_REQ_PROTOCOL, &value);
        }
        if !self.filter.is_empty() {
            attribute(&mut out, INET_DIAG_REQ_BYTECODE, self.filter);
        }
        let length = u32::try_from(out.len()).unwrap_or(u32::MAX);
        out[..4].copy_from_slice(&length.to_ne_bytes());
        out
    }
}

/// Appends one attribute; the values here are far below the 64 KiB that its length can say.
fn attribute(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    let length = u16::try_from(ATTRIBUTE + value.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_ne_bytes());
    out.extend_from_slice(&kind.to_ne_bytes());
    out.extend_from_slice(value);
    out.resize(out.len().next_multiple_of(4), 0);
}

/// One socket as the kernel describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The kernel's state number; see [`crate::state`]. That of an SCTP association is made into
    /// the nearest of TCP's.
    pub state: u8,
    /// Its own end.
    pub local: SocketAddr,
    /// The far end; unspecified address and port 0 where there is none.
    pub remote: SocketAddr,
    /// The index of the interface it is bound to; 0 for none.
    pub interface: u32,
    /// SO_COOKIE; `None` where it was not told.
    pub cookie: Option<u64>,
    /// In LISTEN, connections that wait to be accepted; else bytes to read.
    pub receive_queue: u32,
    /// In LISTEN, how many may wait; else bytes not yet acknowledged. `None` where not told.
    pub send_queue: Option<u32>,
    /// The user that made it.
    pub uid: u32,
    /// The inode number that its descriptors show; 0 where none can.
    pub inode: u32,
    /// IPV6_V6ONLY; `None` where not told.
    pub v6_only: Option<bool>,
    /// The control group (version 2) of its maker; `None` where not told, before Linux 5.9.
    pub control_group: Option<u64>,
    /// Connections or datagrams that it threw away; `None` where not asked for or not told, before
    /// Linux 4.6.
    pub drops: Option<u32>,
}

impl Record {
    /// The far end, where there is one.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        let none = self.remote.port() == 0 && self.remote.ip().is_unspecified();
        (!none).then_some(self.remote)
    }

    /// Whether it waits for others: TCP in LISTEN, UDP without a far end.
    #[must_use]
    pub fn listens(&self, transport: Transport) -> bool {
        match transport {
            Transport::Udp => self.state == state::CLOSE && self.peer().is_none(),
            _ => self.state == state::LISTEN,
        }
    }
}

/// One netlink message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// A socket, or one address of an SCTP socket that has several.
    Socket(Record),
    /// NLMSG_DONE: the dump ended; the number is 0 or the error that ended it.
    Done(i32),
    /// NLMSG_ERROR: the request was refused with this error number (positive, errno(3)).
    Refused(i32),
    /// A message of another kind or family, of no use here.
    Other,
}

/// A message with what its header says about the whole dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framed {
    /// The number of the request it answers.
    pub sequence: u32,
    /// NLM_F_DUMP_INTR: the tables changed under the dump; it may lack or repeat sockets.
    pub interrupted: bool,
    /// What it carries.
    pub message: Message,
}

/// The bytes are no run of netlink messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a netlink message of {length} bytes where {present} are present")]
pub struct Malformed {
    /// The length that the message claims, or the least it must have.
    pub length: usize,
    /// What is left of the datagram.
    pub present: usize,
}

/// Reads the messages of one datagram; ends after the first malformed one. An SCTP socket with
/// several addresses comes once for each.
///
/// Cost: no allocation; each byte is looked at once.
#[must_use]
pub fn messages(datagram: &[u8]) -> Messages<'_> {
    Messages {
        rest: datagram,
        others: None,
    }
}

/// The messages of one datagram, in order.
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    rest: &'a [u8],
    /// The last socket, and those of its addresses that were not told yet.
    others: Option<(Framed, Record, &'a [u8])>,
}

impl Iterator for Messages<'_> {
    type Item = Result<Framed, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(next) = self.another_address() {
            return Some(Ok(next));
        }
        if self.rest.is_empty() {
            return None;
        }
        let present = self.rest.len();
        let result = self.read();
        if result.is_none() {
            let length = u32_at(self.rest, 0).map_or(HEADER, |length| length as usize);
            self.rest = &[];
            return Some(Err(Malformed { length, present }));
        }
        result.map(Ok)
    }
}

impl<'a> Messages<'a> {
    fn read(&mut self) -> Option<Framed> {
        let length = u32_at(self.rest, 0)? as usize;
        let kind = u16_at(self.rest, 4)?;
        let flags = u16_at(self.rest, 6)?;
        let sequence = u32_at(self.rest, 8)?;
        let payload = self.rest.get(HEADER..length)?;
        let mut addresses: &'a [u8] = &[];
        let message = match kind {
            TCPDIAG_GETSOCK | SOCK_DIAG_BY_FAMILY => {
                let (message, others) = decode_socket(payload)?;
                addresses = others;
                message
            }
            // Kernels before 3.x end a dump with no number.
            NLMSG_DONE => Message::Done(i32_at(payload, 0).unwrap_or(0)),
            NLMSG_ERROR => Message::Refused(i32_at(payload, 0)?.wrapping_neg()),
            NLMSG_NOOP => Message::Other,
            _ => Message::Other,
        };
        let step = length.checked_next_multiple_of(4)?;
        self.rest = self.rest.get(step..).unwrap_or_default();
        let framed = Framed {
            sequence,
            interrupted: flags & NLM_F_DUMP_INTR != 0,
            message,
        };
        if let Message::Socket(record) = message
            && !addresses.is_empty()
        {
            self.others = Some((framed, record, addresses));
        }
        Some(framed)
    }

    /// The last socket again, at the next of its addresses.
    fn another_address(&mut self) -> Option<Framed> {
        let (framed, record, addresses) = self.others.take()?;
        let (next, rest) = next_address(addresses)?;
        self.others = Some((framed, record, rest));
        let local = SocketAddr::new(next, record.local.port());
        Some(Framed {
            message: Message::Socket(Record { local, ..record }),
            ..framed
        })
    }
}

/// The first address of a run that is one, and what follows it.
fn next_address(mut addresses: &[u8]) -> Option<(IpAddr, &[u8])> {
    while let Some((first, rest)) = addresses.split_at_checked(ADDRESS) {
        let address = match u16_at(first, 0)? {
            family if family == u16::from(AF_INET) => v4(first, 4),
            family if family == u16::from(AF_INET6) => v6(first, 8),
            _ => None,
        };
        if let Some(address) = address {
            return Some((address, rest));
        }
        addresses = rest;
    }
    None
}

/// The socket, and where it has more addresses than one, all but the first.
fn decode_socket(payload: &[u8]) -> Option<(Message, &[u8])> {
    let fixed: &[u8; DIAG_MESSAGE] = payload.first_chunk()?;
    let (mut local, remote) = match fixed[0] {
        AF_INET => (
            SocketAddr::new(v4(fixed, 8)?, port(fixed, 4)?),
            SocketAddr::new(v4(fixed, 24)?, port(fixed, 6)?),
        ),
        AF_INET6 => (
            SocketAddr::new(v6(fixed, 8)?, port(fixed, 4)?),
            SocketAddr::new(v6(fixed, 24)?, port(fixed, 6)?),
        ),
        _ => return Some((Message::Other, &[])),
    };
    let cookie = u64::from(u32_at(fixed, 44)?) | u64::from(u32_at(fixed, 48)?) << 32;
    let attributes = &payload[DIAG_MESSAGE..];
    let mut told = Told::default();
    told.read(attributes);
    let mut state = fixed[1];
    let mut others: &[u8] = &[];
    if told.is_association {
        state = state::of_association(state);
    } else if let Some(addresses) = told.addresses {
        // A connected endpoint; its association is told beside it.
        if !matches!(state, state::LISTEN | state::CLOSE) {
            return Some((Message::Other, &[]));
        }
        if let Some((first, rest)) = next_address(addresses) {
            local.set_ip(first);
            others = rest;
        }
    }
    let record = Record {
        state,
        local,
        remote,
        interface: u32_at(fixed, 40)?,
        // All ones is INET_DIAG_NOCOOKIE.
        cookie: (cookie != u64::MAX).then_some(cookie),
        receive_queue: u32_at(fixed, 56)?,
        send_queue: Some(u32_at(fixed, 60)?),
        uid: u32_at(fixed, 64)?,
        inode: u32_at(fixed, 68)?,
        v6_only: told.v6_only,
        control_group: told.control_group,
        drops: told.drops,
    };
    Some((Message::Socket(record), others))
}

/// What the attributes of one socket tell.
#[derive(Debug, Default)]
struct Told<'a> {
    v6_only: Option<bool>,
    control_group: Option<u64>,
    drops: Option<u32>,
    addresses: Option<&'a [u8]>,
    is_association: bool,
}

impl<'a> Told<'a> {
    /// One with a false length ends the reading.
    fn read(&mut self, mut attributes: &'a [u8]) {
        while let (Some(length), Some(kind)) = (u16_at(attributes, 0), u16_at(attributes, 2)) {
            let length = usize::from(length);
            let Some(value) = attributes.get(ATTRIBUTE..length) else {
                return;
            };
            match kind {
                INET_DIAG_SKMEMINFO => self.drops = u32_at(value, DROPS_AT),
                INET_DIAG_SKV6ONLY => self.v6_only = value.first().map(|v| *v != 0),
                INET_DIAG_LOCALS => self.addresses = Some(value),
                INET_DIAG_PEERS => self.is_association = true,
                INET_DIAG_CGROUP_ID => {
                    self.control_group = bytes_at(value, 0).map(u64::from_ne_bytes);
                }
                _ => {}
            }
            let next = length.next_multiple_of(4);
            attributes = attributes.get(next..).unwrap_or_default();
        }
    }
}

fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes_at(bytes, at).map(u16::from_ne_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes_at(bytes, at).map(u32::from_ne_bytes)
}

fn i32_at(bytes: &[u8], at: usize) -> Option<i32> {
    bytes_at(bytes, at).map(i32::from_ne_bytes)
}

fn port(bytes: &[u8], at: usize) -> Option<u16> {
    bytes_at(bytes, at).map(u16::from_be_bytes)
}

fn v4(bytes: &[u8], at: usize) -> Option<IpAddr> {
    bytes_at::<4>(bytes, at).map(|octets| Ipv4Addr::from(octets).into())
}

fn v6(bytes: &[u8], at: usize) -> Option<IpAddr> {
    bytes_at::<16>(bytes, at).map(|octets| Ipv6Addr::from(octets).into())
}

#[cfg(test)]
mod tests;
