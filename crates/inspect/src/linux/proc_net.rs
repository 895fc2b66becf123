//! `/proc/net/{tcp,tcp6,udp,udp6,sctp/eps}`: the kernel's tables as text, for where netlink is
//! refused.
//!
//! Source: proc_pid_net(5), `tcp4_seq_show` and `udp4_seq_show` of the kernel. One heading line,
//! then `sl local rem st tx:rx tr:when retrnsmt uid timeout inode …`, separated by spaces. An
//! address is words of 32 bits in hexadecimal, each in the machine's byte order; a port is plain
//! hexadecimal.
//!
//! SCTP's endpoints are another form, `sctp_eps_seq_show` of net/sctp/proc.c: `endpoint socket
//! style state bucket port uid inode address …`, the port decimal, the addresses as people write
//! them. Of DCCP there is no such file.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use portolan_registry::Transport;

use crate::sock_diag::Record;

/// SCTP's file.
const ENDPOINTS: &str = "sctp/eps";

/// The files of a transport below `/proc/PID/net`; the flag says whether one must exist.
pub(super) const fn files(transport: Transport) -> &'static [(&'static str, bool)] {
    match transport {
        Transport::Tcp => &[("tcp", true), ("tcp6", false)],
        Transport::Udp => &[("udp", true), ("udp6", false)],
        Transport::Sctp => &[(ENDPOINTS, false)],
        Transport::Dccp => &[],
    }
}

/// Adds the sockets of one file.
pub(super) fn read(name: &str, text: &[u8], out: &mut Vec<Record>) {
    if name == ENDPOINTS {
        out.extend(endpoints(text));
    } else {
        out.extend(records(text));
    }
}

/// The sockets of one file; lines of another form are passed over, the heading first of all.
fn records(text: &[u8]) -> impl Iterator<Item = Record> + '_ {
    text.split(|byte| *byte == b'\n').filter_map(record)
}

/// The endpoints of SCTP's file, one with several addresses once for each.
fn endpoints(text: &[u8]) -> impl Iterator<Item = Record> + '_ {
    let text = std::str::from_utf8(text).unwrap_or_default();
    text.lines().flat_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(3);
        let mut number = || words.next()?.parse::<u32>().ok();
        let (state, _) = (number(), number());
        let (port, uid, inode) = (number(), number(), number());
        words.filter_map(move |address| {
            let local: IpAddr = address.parse().ok()?;
            Some(Record {
                state: state?.try_into().ok()?,
                local: SocketAddr::new(local, port?.try_into().ok()?),
                remote: SocketAddr::new(nothing(local), 0),
                interface: 0,
                cookie: None,
                receive_queue: 0,
                send_queue: None,
                uid: uid?,
                inode: inode?,
                v6_only: None,
                control_group: None,
                drops: None,
            })
        })
    })
}

/// The unspecified address of the same family.
fn nothing(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
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
        drops: None,
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

    /// As net/sctp/proc.c writes it, with one address and with two.
    const EPS: &[u8] =
        b" ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS\n\
        ffff8881 ffff8882 2   10  29   11111     0 25123 10.0.0.1 10.0.0.2 \n\
        ffff8883 ffff8884 0   7   40   2905   1000 25124 2001:0db8:0000:0000:0000:0000:0000:0001 \n";

    #[test]
    fn endpoints_come_once_for_each_address() {
        let mut found = Vec::new();
        read(ENDPOINTS, EPS, &mut found);
        let told = |r: &Record| {
            (
                r.local.to_string(),
                r.uid,
                r.inode,
                r.listens(Transport::Sctp),
            )
        };
        let told: Vec<_> = found.iter().map(told).collect();
        let expected = [
            ("10.0.0.1:11111".to_owned(), 0, 25123, true),
            ("10.0.0.2:11111".to_owned(), 0, 25123, true),
            ("[2001:db8::1]:2905".to_owned(), 1000, 25124, false),
        ];
        assert_eq!(told, expected);
        assert!(found.iter().all(|record| record.peer().is_none()));
    }

    proptest! {
        #[test]
        fn no_damaged_endpoint_panics(at in 0..EPS.len(), byte in any::<u8>()) {
            let mut text = EPS.to_vec();
            text[at] = byte;
            prop_assert!(endpoints(&text).count() <= 4);
        }

        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(records(&text).count() <= text.len());
            prop_assert!(endpoints(&text).count() <= text.len());
        }

        #[test]
        fn no_damaged_line_panics(at in 0..TCP6.len(), byte in any::<u8>()) {
            let mut text = TCP6.to_vec();
            text[at] = byte;
            prop_assert!(records(&text).count() <= 2);
        }
    }
}
