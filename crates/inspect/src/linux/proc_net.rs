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
        control_group: None,
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TCP: &[u8] = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
        0: 0100007F:A02D 00000000:0000 0A 00000000:00000002 00:00000000 00000000   101        0 22305 1 0000000000000000 100 0 0 10 0\n   \
        1: 0100007F:0016 0200007F:C001 01 00000000:00000000 02:000A7A3C 00000000     0        0 114 2 0000000000000000 20 4 29 10 -1\n";
    const TCP6: &[u8] = b"  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
        0: B80D0120000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 999 1 0000000000000000 100 0 0 10 0\n";

    /// The texts are of a little-endian machine.
    #[cfg(target_endian = "little")]
    #[test]
    fn lines_are_sockets() {
        let found: Vec<Record> = records(TCP).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].local, "127.0.0.1:41005".parse().unwrap());
        assert_eq!(
            (found[0].uid, found[0].inode, found[0].receive_queue),
            (101, 22305, 2)
        );
        assert!(found[0].listens(Transport::Tcp));
        assert_eq!(found[1].peer(), Some("127.0.0.2:49153".parse().unwrap()));
        assert!(!found[1].listens(Transport::Tcp));

        let found: Vec<Record> = records(TCP6).collect();
        assert_eq!(found[0].local, "[2001:db8::1]:8080".parse().unwrap());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(records(&text).count() <= text.len());
        }

        #[test]
        fn no_damaged_line_panics(at in 0..TCP6.len(), byte in any::<u8>()) {
            let mut text = TCP6.to_vec();
            text[at] = byte;
            prop_assert!(records(&text).count() <= 2);
        }
    }
}
