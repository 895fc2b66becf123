//! `/proc/net/{tcp,tcp6,udp,udp6}`: the kernel's tables as text, for where netlink is refused.
//!
//! Source: proc_pid_net(5), `tcp4_seq_show` and `udp4_seq_show` of the kernel. One heading line,
//! then `sl local rem st tx:rx tr:when retrnsmt uid timeout inode …`, separated by spaces. An
//! address is words of 32 bits in hexadecimal, each in the machine's byte order; a port is plain
//! hexadecimal.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use portolan_registry::Transport;

use crate::sock_diag::Record;

/// The files of a transport; the flag says whether one must exist.
pub(super) const fn paths(transport: Transport) -> [(&'static str, bool); 2] {
    match transport {
        Transport::Udp => [("/proc/self/net/udp", true), ("/proc/self/net/udp6", false)],
        _ => [("/proc/self/net/tcp", true), ("/proc/self/net/tcp6", false)],
    }
}

/// The sockets of one file; lines of another form are passed over, the heading first of all.
pub(super) fn records(text: &[u8]) -> impl Iterator<Item = Record> + '_ {
    text.split(|byte| *byte == b'\n').filter_map(record)
}

fn record(line: &[u8]) -> Option<Record> {
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split_ascii_whitespace();
    let local = end(words.nth(1)?)?;
    let remote = end(words.next()?)?;
    let state = u8::from_str_radix(words.next()?, 16).ok()?;
    let (_, receive) = words.next()?.split_once(':')?;
    let uid = words.nth(2)?.parse().ok()?;
    let inode = words.nth(1)?.parse().ok()?;
    Some(Record {
        state,
        local,
        remote,
        interface: 0,
        cookie: None,
        receive_queue: u32::from_str_radix(receive, 16).ok()?,
        send_queue: None,
        uid,
        inode,
        v6_only: None,
    })
}

fn end(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| {
        let digits = address.get(at * 8..at * 8 + 8)?;
        u32::from_str_radix(digits, 16).ok().map(u32::to_ne_bytes)
    };
    let ip: IpAddr = match address.len() {
        8 => Ipv4Addr::from(word(0)?).into(),
        32 => {
            let mut octets = [0; 16];
            for (at, chunk) in octets.chunks_exact_mut(4).enumerate() {
                chunk.copy_from_slice(&word(at)?);
            }
            Ipv6Addr::from(octets).into()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}
