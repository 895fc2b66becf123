//! One namespace's sockets through netlink, asked for in the cheapest way that this kernel knows.

use portolan_ports::Why;
use portolan_registry::{PortRange, Transport};
use rustix::io::Errno;

use super::netlink::{Diag, Error};
use super::setting;
use super::sockstat::Sockstat;
use crate::sock_diag::{Family, Protocol, Record, Request};
use crate::{filter, state};

/// With more TCP sockets than this, counting the listeners costs more than it may save.
const FEW: u64 = 256;

/// The records of one or two dumps.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) records: Vec<Record>,
    /// The tables kept changing under the dump.
    pub(super) interrupted: bool,
}

/// Asks in the cheapest way that this kernel understands.
///
/// One walk for both families, then one for each; then without a filter, should the kernel not
/// know its operations.
///
/// # Errors
/// `Refused(NOENT)` where the kernel does not have the transport.
pub(super) fn dump(
    diag: &mut Diag,
    protocol: Protocol,
    states: u32,
    filter: &[u8],
) -> Result<Found, Error> {
    // Older kernels overlook the attribute that names another protocol and would tell of TCP.
    if protocol == Protocol::Tcp || setting::kernel_is_at_least(5, 9) {
        match diag.dump(&request(protocol, Family::Both, states, filter)) {
            Ok(found) => return Ok(found),
            Err(Error::Refused(Errno::NOENT)) if is_rare(protocol) => {
                return Err(Error::Refused(Errno::NOENT));
            }
            Err(_) => {}
        }
    }
    match dump_each_family(diag, protocol, states, filter) {
        Err(Error::Refused(Errno::INVAL)) if !filter.is_empty() => {
            dump_each_family(diag, protocol, states, &[])
        }
        done => done,
    }
}

/// Whether most kernels do without it.
fn is_rare(protocol: Protocol) -> bool {
    !matches!(protocol, Protocol::Tcp | Protocol::Udp)
}

fn request(protocol: Protocol, family: Family, states: u32, filter: &[u8]) -> Request<'_> {
    Request {
        protocol,
        family,
        states,
        filter,
        drops: true,
    }
}

fn dump_each_family(
    diag: &mut Diag,
    protocol: Protocol,
    states: u32,
    filter: &[u8],
) -> Result<Found, Error> {
    let mut found = diag.dump(&request(protocol, Family::V4, states, filter))?;
    match diag.dump(&request(protocol, Family::V6, states, filter)) {
        Ok(v6) => {
            found.records.extend(v6.records);
            found.interrupted |= v6.interrupted;
        }
        // IPv4 was answered: this kernel has no IPv6.
        Err(Error::Refused(Errno::NOENT)) => {}
        Err(error) => return Err(error),
    }
    Ok(found)
}

/// The listening Multipath TCP sockets; those of TCP tell their other side, under the same inode.
///
/// Asked for on kernels that have it alone: the others would look for a module each time.
pub(super) fn dump_multipath(diag: &mut Diag) -> Vec<Record> {
    use rustix::fs::{Access, access};
    let may_have =
        setting::kernel_is_at_least(5, 9) && access(c"/proc/sys/net/mptcp", Access::EXISTS).is_ok();
    if !may_have {
        return Vec::new();
    }
    let listening = state::listening(Transport::Tcp);
    // What is refused or cut short here is told by TCP all the same, as plain TCP.
    dump(diag, Protocol::Mptcp, listening, &[]).map_or_else(|_| Vec::new(), |found| found.records)
}

/// Everything with one of the ports at either end.
///
/// The walk over the tables of connected and bound TCP sockets costs up to twenty times the one
/// over the listeners, however empty they are; where the counters say that they are, it is left out.
pub(super) fn dump_ports(
    diag: &mut Diag,
    transport: Transport,
    ranges: &[PortRange],
    stat: Option<Sockstat>,
) -> Result<Found, Error> {
    let protocol = Protocol::from(transport);
    let filter = filter::ports(ranges).unwrap_or_default();
    let Some(stat) = stat.filter(|_| !filter.is_empty() && !is_rare(protocol)) else {
        return dump(diag, protocol, state::ALL, &filter);
    };
    if transport == Transport::Udp {
        let empty = stat.udp_in_use == 0;
        return if empty {
            Ok(Found::default())
        } else {
            dump(diag, protocol, state::ALL, &filter)
        };
    }
    let mut states = state::ALL;
    if stat.allocated <= stat.in_use {
        states &= !(1 << state::BOUND_INACTIVE);
    }
    if stat.in_use > FEW || stat.time_wait > 0 || stat.allocated > stat.in_use {
        return dump(diag, protocol, states, &filter);
    }
    let listening = state::listening(transport);
    let mut found = dump(diag, protocol, listening, &[])?;
    let listeners = found.records.len() as u64;
    let holds = |port| ranges.iter().any(|range| range.contains(port));
    // Half-open connections are counted nowhere, but need a listener.
    let half_open = found
        .records
        .iter()
        .any(|record| holds(record.local.port()));
    if stat.in_use > listeners || half_open {
        let rest = dump(diag, protocol, states & !listening, &filter)?;
        found.records.extend(rest.records);
        found.interrupted |= rest.interrupted;
    }
    Ok(found)
}

pub(super) fn why(error: Error) -> Why {
    match error {
        Error::Refused(Errno::ACCESS | Errno::PERM) => Why::Permission,
        Error::Refused(
            Errno::NOENT | Errno::OPNOTSUPP | Errno::AFNOSUPPORT | Errno::PROTONOSUPPORT,
        ) => Why::Unsupported,
        Error::Refused(_) | Error::Truncated | Error::Malformed(_) => Why::Failed,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, UdpSocket};

    use super::*;

    #[test]
    fn every_way_of_asking_tells_the_same_sockets() {
        let tcp = [
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(),
            TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).unwrap(),
        ];
        let udp = [
            UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(),
            UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).unwrap(),
        ];
        let mine = |transport| match transport {
            Transport::Udp => udp.each_ref().map(|s| s.local_addr().unwrap()),
            _ => tcp.each_ref().map(|s| s.local_addr().unwrap()),
        };
        let mut diag = Diag::open().unwrap();
        for transport in [Transport::Tcp, Transport::Udp] {
            let ends = mine(transport);
            let ranges = ends.map(|end| PortRange::single(end.port()));
            let filter = filter::ports(&ranges).unwrap();
            for filter in [&[][..], &filter] {
                let states = state::listening(transport);
                let protocol = transport.into();
                let at_once = dump(&mut diag, protocol, states, filter).unwrap();
                let each = dump_each_family(&mut diag, protocol, states, filter).unwrap();
                for found in [at_once, each] {
                    for end in ends {
                        assert!(found.records.iter().any(|record| record.local == end));
                    }
                }
            }
        }
    }

    #[test]
    fn a_refusal_names_its_reason() {
        assert_eq!(why(Error::Refused(Errno::PERM)), Why::Permission);
        assert_eq!(why(Error::Refused(Errno::PROTONOSUPPORT)), Why::Unsupported);
        assert_eq!(why(Error::Truncated), Why::Failed);
    }
}
