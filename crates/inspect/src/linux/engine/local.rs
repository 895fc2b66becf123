//! Whether an engine lives in this network namespace.

use std::net::IpAddr;

/// The IPv4 addresses of this network namespace.
///
/// Source: `/proc/net/fib_trie`, proc_pid_net(5): a local address is a leaf `|-- ADDRESS` with
/// `/32 host LOCAL` below it.
#[derive(Debug, Default)]
pub(super) struct Locals(String);

impl Locals {
    pub(super) fn read() -> Self {
        Self(std::fs::read_to_string("/proc/self/net/fib_trie").unwrap_or_default())
    }

    /// Whether an engine with one of these addresses lives in this network namespace: one that is
    /// asked out of a container publishes on the machine around it. Without any it is believed.
    pub(super) fn have_any(&self, gateways: &[IpAddr]) -> bool {
        gateways.is_empty() || gateways.iter().any(|gateway| self.have(*gateway))
    }

    fn have(&self, address: IpAddr) -> bool {
        let leaf = format!("|-- {address}");
        let mut lines = self.0.lines().map(str::trim);
        while let Some(line) = lines.next() {
            if line == leaf && lines.next() == Some("/32 host LOCAL") {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_address_is_told_from_a_network_and_a_neighbour() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 172.17.0.0\n        /16 link UNICAST\n     \
                    |-- 172.17.0.1\n        /32 host LOCAL\n     |-- 172.17.255.255\n        \
                    /32 link BROADCAST\n";
        let locals = Locals(trie.to_owned());
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(locals.have(address("172.17.0.1")));
        for other in ["172.17.0.0", "172.17.255.255", "172.17.0.11", "fe80::1"] {
            assert!(!locals.have(address(other)), "{other}");
        }
        assert!(locals.have_any(&[]));
        assert!(locals.have_any(&[address("fe80::1"), address("172.17.0.1")]));
        assert!(!Locals::default().have_any(&[address("172.17.0.1")]));
        assert!(Locals::read().have(address("127.0.0.1")));
    }
}
