//! Listening: whether a port is listened on, read from the kernel's table.
//!
//! Never by connecting: some servers count connections, and some end after the first.

use std::collections::BTreeSet;
use std::fs;
use std::net::Ipv4Addr;

use crate::row::Transport;

/// proc_pid_net(5): the tables, and the states in which a socket takes what comes.
const TABLES: [(&str, Transport, &str); 4] = [
    ("/proc/net/tcp", Transport::Tcp, "0A"),
    ("/proc/net/tcp6", Transport::Tcp, "0A"),
    ("/proc/net/udp", Transport::Udp, "07"),
    ("/proc/net/udp6", Transport::Udp, "07"),
];

/// Every port on which 127.0.0.1 is answered now.
pub(crate) fn listening() -> BTreeSet<(Transport, u16)> {
    let mut found = BTreeSet::new();
    for (path, transport, state) in TABLES {
        // A kernel without IPv6 lacks two of them.
        let text = fs::read_to_string(path).unwrap_or_default();
        let ports = text.lines().filter_map(|line| port(line, state));
        found.extend(ports.map(|port| (transport, port)));
    }
    found
}

/// The local port of one line, where it has that state and takes what is sent to 127.0.0.1.
fn port(line: &str, state: &str) -> Option<u16> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let (address, port) = fields.next()?.split_once(':')?;
    let own = format!("{:08X}", u32::from_ne_bytes(Ipv4Addr::LOCALHOST.octets()));
    let mapped = format!(
        "{:016X}{:08X}{own}",
        0,
        u32::from_ne_bytes([0, 0, 0xff, 0xff])
    );
    let reached = address.bytes().all(|b| b == b'0') || address == own || address == mapped;
    (reached && fields.nth(1)? == state).then_some(())?;
    u16::from_str_radix(port, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_endian = "little")]
    #[test]
    fn lines_of_the_kernel() {
        let line = |address: &str, state: &str| {
            format!(
                "   0: {address}:1F90 00000000:0000 {state} 00000000:00000000 00:00000000 0 0 0"
            )
        };
        for address in [
            "0100007F",
            "00000000",
            "00000000000000000000000000000000",
            "0000000000000000FFFF00000100007F",
        ] {
            assert_eq!(port(&line(address, "0A"), "0A"), Some(8080), "{address}");
            assert_eq!(port(&line(address, "01"), "0A"), None);
        }
        assert_eq!(
            port(&line("00000000000000000000000001000000", "0A"), "0A"),
            None
        );
        assert_eq!(port("  sl  local_address rem_address   st", "0A"), None);
        assert_eq!(port("", "0A"), None);
    }

    #[test]
    fn a_listener_of_our_own() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let own = (Transport::Tcp, listener.local_addr().unwrap().port());
        assert!(listening().contains(&own));
        drop(listener);
        assert!(!listening().contains(&own));
    }
}
