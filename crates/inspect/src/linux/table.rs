//! The kernel's socket tables, by whichever way is open: netlink first, then `/proc/net`.

use portolan_ports::{Gap, Unseen, Why};
use portolan_registry::{PortRange, Transport};
use rustix::io::Errno;

use super::netlink::{Diag, Error};
use super::sockstat::Sockstat;
use super::{gap, proc_net, setting};
use crate::sock_diag::{Family, Record, Request};
use crate::{Source, filter, state};

/// With more TCP sockets than this, counting the listeners costs more than it may save.
const FEW: u64 = 256;

/// What to read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Query<'a> {
    /// Sockets that may be listeners.
    Listening(Transport),
    /// Sockets with a port of these ranges at either end, in any state. More may come.
    Ports(Transport, &'a [PortRange]),
}

impl Query<'_> {
    /// What stays hidden where it fails.
    fn hides(self) -> &'static [Unseen] {
        match self {
            Self::Listening(_) => &[Unseen::Listeners],
            Self::Ports(..) => &[Unseen::Listeners, Unseen::Sockets],
        }
    }
}

/// The way in, and what it would not show.
#[derive(Debug)]
pub(super) struct Table {
    diag: Result<Diag, Errno>,
    source: Source,
    /// Read once, when first asked for; the inner `None` is for where it cannot be.
    stat: Option<Option<Sockstat>>,
    gaps: Vec<Gap>,
    /// Why `/proc/net` was read for a transport, which netlink did not tell.
    fallen_back: Vec<(Transport, Error)>,
}

impl Table {
    pub(super) fn open(source: Source) -> Self {
        let diag = match source {
            Source::ProcNet => Err(Errno::OPNOTSUPP),
            Source::Automatic | Source::Netlink => Diag::open(),
        };
        Self {
            diag,
            source,
            stat: None,
            gaps: Vec::new(),
            fallen_back: Vec::new(),
        }
    }

    /// The netlink socket, where it could be opened.
    pub(super) fn diag(&self) -> Option<&Diag> {
        self.diag.as_ref().ok()
    }

    /// What the reads so far could not see.
    pub(super) fn take_gaps(&mut self) -> Vec<Gap> {
        std::mem::take(&mut self.gaps)
    }

    /// How the reads so far were made, as sentences without a full stop.
    pub(super) fn explanation(&self) -> Vec<String> {
        if self.source == Source::ProcNet {
            return vec!["sockets were listed from /proc/net, as was asked for".to_owned()];
        }
        if self.fallen_back.is_empty() {
            return vec!["sockets were listed through netlink (sock_diag)".to_owned()];
        }
        let told = self.fallen_back.iter().map(|(transport, error)| {
            format!(
                "{transport} sockets were listed from /proc/net, for netlink did not tell them: \
                 {error}"
            )
        });
        told.collect()
    }

    /// Every socket that `query` asks for, and maybe others.
    pub(super) fn read(&mut self, query: Query<'_>) -> Vec<Record> {
        let (Query::Listening(transport) | Query::Ports(transport, _)) = query;
        let netlink = match &mut self.diag {
            Ok(diag) => match query {
                Query::Listening(_) => dump(diag, transport, state::listening(transport), &[]),
                Query::Ports(_, ranges) => {
                    let stat = *self.stat.get_or_insert_with(Sockstat::read);
                    dump_ports(diag, transport, ranges, stat)
                }
            },
            Err(errno) => Err(Error::Refused(*errno)),
        };
        match netlink {
            Ok(Found {
                records,
                interrupted,
            }) => {
                if interrupted {
                    let detail =
                        format!("the {transport} sockets kept changing while they were read");
                    self.note(query, Why::Failed, &detail);
                }
                records
            }
            Err(error) if self.source == Source::Netlink => {
                let detail = format!("cannot list {transport} sockets through netlink: {error}");
                self.note(query, why(error), &detail);
                Vec::new()
            }
            Err(error) => {
                if !self
                    .fallen_back
                    .iter()
                    .any(|(known, _)| *known == transport)
                {
                    self.fallen_back.push((transport, error));
                }
                self.read_proc_net(query, transport)
            }
        }
    }

    fn read_proc_net(&mut self, query: Query<'_>, transport: Transport) -> Vec<Record> {
        let mut records = Vec::new();
        for (path, required) in proc_net::paths(transport) {
            match std::fs::read(path) {
                Ok(text) => records.extend(proc_net::records(&text)),
                // No such file for IPv6: the machine has none.
                Err(error) if !required && error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    let refused = error.kind() == std::io::ErrorKind::PermissionDenied;
                    let why = if refused {
                        Why::Permission
                    } else {
                        Why::Failed
                    };
                    self.note(query, why, &format!("cannot read {path}: {error}"));
                }
            }
        }
        records
    }

    fn note(&mut self, query: Query<'_>, why: Why, detail: &str) {
        self.gaps
            .extend(query.hides().iter().map(|what| gap(*what, why, detail)));
    }
}

/// The records of one or two dumps.
#[derive(Debug, Default)]
struct Found {
    records: Vec<Record>,
    interrupted: bool,
}

/// Asks in the cheapest way that this kernel understands.
///
/// One walk for both families, then one for each; then without a filter, should the kernel not
/// know its operations.
fn dump(diag: &mut Diag, transport: Transport, states: u32, filter: &[u8]) -> Result<Found, Error> {
    // Older kernels overlook the attribute that names UDP and would tell of TCP.
    if transport == Transport::Tcp || setting::kernel_is_at_least(5, 9) {
        let request = Request {
            transport,
            family: Family::Both,
            states,
            filter,
        };
        if let Ok(dump) = diag.dump(&request) {
            return Ok(Found {
                records: dump.records,
                interrupted: dump.interrupted,
            });
        }
    }
    match dump_each_family(diag, transport, states, filter) {
        Err(Error::Refused(Errno::INVAL)) if !filter.is_empty() => {
            dump_each_family(diag, transport, states, &[])
        }
        done => done,
    }
}

fn dump_each_family(
    diag: &mut Diag,
    transport: Transport,
    states: u32,
    filter: &[u8],
) -> Result<Found, Error> {
    let v4 = diag.dump(&Request {
        transport,
        family: Family::V4,
        states,
        filter,
    })?;
    let mut found = Found {
        records: v4.records,
        interrupted: v4.interrupted,
    };
    match diag.dump(&Request {
        transport,
        family: Family::V6,
        states,
        filter,
    }) {
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

/// Everything with one of the ports at either end.
///
/// The walk over the tables of connected and bound TCP sockets costs up to twenty times the one
/// over the listeners, however empty they are; where the counters say that they are, it is left out.
fn dump_ports(
    diag: &mut Diag,
    transport: Transport,
    ranges: &[PortRange],
    stat: Option<Sockstat>,
) -> Result<Found, Error> {
    let filter = filter::ports(ranges).unwrap_or_default();
    let Some(stat) = stat.filter(|_| !filter.is_empty()) else {
        return dump(diag, transport, state::ALL, &filter);
    };
    if transport == Transport::Udp {
        let empty = stat.udp_in_use == 0;
        return if empty {
            Ok(Found::default())
        } else {
            dump(diag, transport, state::ALL, &filter)
        };
    }
    let mut states = state::ALL;
    if stat.allocated <= stat.in_use {
        states &= !(1 << state::BOUND_INACTIVE);
    }
    if stat.in_use > FEW || stat.time_wait > 0 || stat.allocated > stat.in_use {
        return dump(diag, transport, states, &filter);
    }
    let listening = state::listening(transport);
    let mut found = dump(diag, transport, listening, &[])?;
    let listeners = found.records.len() as u64;
    let holds = |port| ranges.iter().any(|range| range.contains(port));
    // Half-open connections are counted nowhere, but need a listener.
    let half_open = found
        .records
        .iter()
        .any(|record| holds(record.local.port()));
    if stat.in_use > listeners || half_open {
        let rest = dump(diag, transport, states & !listening, &filter)?;
        found.records.extend(rest.records);
        found.interrupted |= rest.interrupted;
    }
    Ok(found)
}

fn why(error: Error) -> Why {
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
                let at_once = dump(&mut diag, transport, states, filter).unwrap();
                let each = dump_each_family(&mut diag, transport, states, filter).unwrap();
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

    #[test]
    fn a_socket_that_cannot_be_opened_hides_everything() {
        let mut table = Table {
            diag: Err(Errno::ACCESS),
            source: Source::Netlink,
            stat: None,
            gaps: Vec::new(),
            fallen_back: Vec::new(),
        };
        assert_eq!(
            table.read(Query::Ports(Transport::Tcp, &[PortRange::ALL])),
            []
        );
        let gaps: Vec<_> = table
            .take_gaps()
            .iter()
            .map(|gap| (gap.what, gap.why))
            .collect();
        let expected = [
            (Unseen::Listeners, Why::Permission),
            (Unseen::Sockets, Why::Permission),
        ];
        assert_eq!(gaps, expected);

        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mut table = Table {
            source: Source::Automatic,
            ..table
        };
        let found = table.read(Query::Listening(Transport::Tcp));
        assert!(
            found
                .iter()
                .any(|record| record.local == held.local_addr().unwrap())
        );
        assert_eq!(table.take_gaps(), []);
    }
}
