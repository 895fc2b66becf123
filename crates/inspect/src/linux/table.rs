//! The kernel's socket tables, in every namespace that was asked for, by whichever way is open:
//! netlink first, then `/proc/net`.

use portolan_ports::{Gap, Namespace, Unseen, Why};
use portolan_registry::{PortRange, Transport};
use rustix::io::Errno;

use super::dump::{Found, dump, dump_multipath, dump_ports, why};
use super::namespace::{Entered, enter_others};
use super::netlink::{Diag, Error};
use super::sockstat::Sockstat;
use super::{gap, proc_net, setting};
use crate::sock_diag::Record;
use crate::{Namespaces, Source, filter, state};

/// What to read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Query<'a> {
    /// Sockets that may be listeners.
    Listening(Transport),
    /// Sockets with a port of these ranges at either end, in any state; in other namespaces than
    /// the own one, only those that may be listeners. More may come.
    Ports(Transport, &'a [PortRange]),
}

impl Query<'_> {
    const fn transport(self) -> Transport {
        let (Self::Listening(transport) | Self::Ports(transport, _)) = self;
        transport
    }

    /// What stays hidden where it fails.
    fn hides(self) -> &'static [Unseen] {
        match self {
            Self::Listening(_) => &[Unseen::Listeners],
            Self::Ports(..) => &[Unseen::Listeners, Unseen::Sockets],
        }
    }
}

/// The ways in, and what they would not show.
#[derive(Debug)]
pub(super) struct Table {
    /// This process's own namespace, then the others.
    places: Vec<Place>,
    source: Source,
    /// The own namespace's, read once, when first asked for; the inner `None` is for where it
    /// cannot be.
    stat: Option<Option<Sockstat>>,
    gaps: Vec<Gap>,
    /// Why `/proc/net` was read for a transport, which netlink did not tell.
    fallen_back: Vec<(Transport, Error)>,
}

/// One namespace.
#[derive(Debug)]
struct Place {
    /// `None` for this process's own.
    namespace: Option<Namespace>,
    diag: Result<Diag, Errno>,
    /// Its folder in `/proc`; `None` where no process is inside.
    folder: Option<String>,
    /// The names of interfaces, each asked for once.
    interfaces: Vec<(u32, String)>,
}

impl Table {
    /// `thorough` as with [`enter_others`].
    pub(super) fn open(source: Source, namespaces: Namespaces, thorough: bool) -> Self {
        let own = Place {
            namespace: None,
            diag: Diag::open(),
            folder: Some("/proc/thread-self/net".to_owned()),
            interfaces: Vec::new(),
        };
        let (others, gaps) = enter_others(namespaces, thorough);
        let others = others.into_iter().map(Place::of);
        let mut places: Vec<Place> = std::iter::once(own).chain(others).collect();
        if source == Source::ProcNet {
            for place in &mut places {
                place.diag = Err(Errno::OPNOTSUPP);
            }
        }
        Self {
            places,
            source,
            stat: None,
            gaps,
            fallen_back: Vec::new(),
        }
    }

    /// How many namespaces there are, the own one being the first.
    pub(super) fn places(&self) -> usize {
        self.places.len()
    }

    /// Which namespace that is; `None` for the own one.
    pub(super) fn namespace(&self, at: usize) -> Option<Namespace> {
        self.places.get(at)?.namespace.clone()
    }

    /// What the reads so far could not see.
    pub(super) fn take_gaps(&mut self) -> Vec<Gap> {
        std::mem::take(&mut self.gaps)
    }

    /// How the reads so far were made, as sentences without a full stop.
    pub(super) fn explanation(&self) -> Vec<String> {
        let mut told = self.how_listed();
        match self.places.len() - 1 {
            0 => {}
            1 => told.push("1 other network namespace was entered".to_owned()),
            n => told.push(format!("{n} other network namespaces were entered")),
        }
        told
    }

    fn how_listed(&self) -> Vec<String> {
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

    /// Every socket that `query` asks for, and maybe others, of all namespaces.
    pub(super) fn read(&mut self, query: Query<'_>) -> Vec<Record> {
        (0..self.places())
            .flat_map(|at| self.read_place(at, query))
            .collect()
    }

    /// As [`Self::read`], of one namespace.
    pub(super) fn read_place(&mut self, at: usize, query: Query<'_>) -> Vec<Record> {
        let transport = query.transport();
        let rare = matches!(transport, Transport::Sctp | Transport::Dccp);
        if rare && !setting::kernel_may_have(transport) {
            return Vec::new();
        }
        let Some(place) = self.places.get_mut(at) else {
            return Vec::new();
        };
        let netlink = match &mut place.diag {
            Ok(diag) => match query {
                Query::Listening(_) => {
                    dump(diag, transport.into(), state::listening(transport), &[])
                }
                // Connections of another namespace have no part in this machine's ports.
                Query::Ports(_, ranges) if place.namespace.is_some() => {
                    let filter = filter::ports(ranges).unwrap_or_default();
                    dump(diag, transport.into(), state::listening(transport), &filter)
                }
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
                    self.note(at, query, Why::Failed, &detail);
                }
                records
            }
            Err(Error::Refused(Errno::NOENT))
                if rare && (self.source == Source::Netlink || place.folder.is_none()) =>
            {
                Vec::new()
            }
            Err(error) if self.source == Source::Netlink => {
                let detail = format!("cannot list {transport} sockets through netlink: {error}");
                self.note(at, query, why(error), &detail);
                Vec::new()
            }
            Err(error) => {
                let known = self
                    .fallen_back
                    .iter()
                    .any(|(known, _)| *known == transport);
                if at == 0 && !known && !(rare && error == Error::Refused(Errno::NOENT)) {
                    self.fallen_back.push((transport, error));
                }
                self.read_proc_net(at, query)
            }
        }
    }

    /// The inode and cookie of every listening Multipath TCP socket of a namespace, sorted.
    pub(super) fn multipath(&mut self, at: usize) -> Vec<(u32, Option<u64>)> {
        let diag = self.places.get_mut(at).map(|place| place.diag.as_mut());
        let records = match diag {
            Some(Ok(diag)) => dump_multipath(diag),
            _ => Vec::new(),
        };
        let socket = |record: Record| (record.inode, record.cookie);
        let mut sockets: Vec<_> = records.into_iter().map(socket).collect();
        sockets.sort_unstable();
        sockets
    }

    /// The name of an interface in its namespace, or its number; `None` for 0.
    pub(super) fn interface(&mut self, at: usize, index: u32) -> Option<String> {
        let place = self.places.get_mut(at).filter(|_| index != 0)?;
        if let Some((_, name)) = place.interfaces.iter().find(|(known, _)| *known == index) {
            return Some(name.clone());
        }
        let asked = place.diag.as_ref().ok();
        let name = asked
            .and_then(|diag| rustix::net::netdevice::index_to_name(diag, index).ok())
            .unwrap_or_else(|| index.to_string());
        place.interfaces.push((index, name.clone()));
        Some(name)
    }

    fn read_proc_net(&mut self, at: usize, query: Query<'_>) -> Vec<Record> {
        let Some(place) = self.places.get(at) else {
            return Vec::new();
        };
        let Some(folder) = place.folder.clone() else {
            let detail = "no process is inside, so /proc does not show its sockets";
            self.note(at, query, Why::Unsupported, detail);
            return Vec::new();
        };
        let is_own = place.namespace.is_none();
        let mut records = Vec::new();
        for (name, required) in proc_net::files(query.transport()) {
            let path = format!("{folder}/{name}");
            match std::fs::read(&path) {
                Ok(text) => proc_net::read(name, &text, &mut records),
                Err(error) => {
                    use std::io::ErrorKind;
                    let absent =
                        matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput);
                    // A transport that the kernel does not have, or a process that has gone, and
                    // with it, as far as it can be known, the namespace.
                    if absent && !(*required && is_own) {
                        continue;
                    }
                    let refused = error.kind() == ErrorKind::PermissionDenied;
                    let why = if refused {
                        Why::Permission
                    } else {
                        Why::Failed
                    };
                    self.note(at, query, why, &format!("cannot read {path}: {error}"));
                }
            }
        }
        records
    }

    /// Notes a gap; in another namespace than the own one, nothing of this one is hidden by it.
    fn note(&mut self, at: usize, query: Query<'_>, why: Why, detail: &str) {
        match self.namespace(at) {
            None => {
                let hidden = query.hides().iter();
                self.gaps.extend(hidden.map(|what| gap(*what, why, detail)));
            }
            Some(namespace) => {
                let detail = format!("network namespace {namespace}: {detail}");
                let gap = gap(Unseen::Namespaces, why, detail);
                if !self.gaps.contains(&gap) {
                    self.gaps.push(gap);
                }
            }
        }
    }
}

impl Place {
    fn of(entered: Entered) -> Self {
        Self {
            namespace: Some(entered.namespace),
            diag: entered.diag,
            folder: entered.pid.map(|pid| format!("/proc/{pid}/net")),
            interfaces: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    fn closed(source: Source) -> Table {
        let mut table = Table::open(source, Namespaces::Own, false);
        table.places[0].diag = Err(Errno::ACCESS);
        table
    }

    fn gaps(table: &mut Table) -> Vec<(Unseen, Why)> {
        table
            .take_gaps()
            .iter()
            .map(|gap| (gap.what, gap.why))
            .collect()
    }

    #[test]
    fn a_socket_that_cannot_be_opened_hides_everything() {
        let mut table = closed(Source::Netlink);
        assert_eq!(
            table.read(Query::Ports(Transport::Tcp, &[PortRange::ALL])),
            []
        );
        let expected = [
            (Unseen::Listeners, Why::Permission),
            (Unseen::Sockets, Why::Permission),
        ];
        assert_eq!(gaps(&mut table), expected);

        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mut table = closed(Source::Automatic);
        let found = table.read(Query::Listening(Transport::Tcp));
        assert!(
            found
                .iter()
                .any(|record| record.local == held.local_addr().unwrap())
        );
        assert_eq!(table.take_gaps(), []);
    }

    #[test]
    fn a_transport_that_the_kernel_does_not_have_is_no_gap() {
        for source in [Source::Automatic, Source::Netlink, Source::ProcNet] {
            let mut table = Table::open(source, Namespaces::Own, false);
            for transport in [Transport::Sctp, Transport::Dccp] {
                table.read(Query::Listening(transport));
                table.read(Query::Ports(transport, &[PortRange::single(9)]));
            }
            assert_eq!(table.take_gaps(), []);
        }
    }

    #[test]
    fn what_another_namespace_hides_is_not_missed_here() {
        let mut table = closed(Source::Automatic);
        let namespace = Some(Namespace {
            inode: 7,
            name: Some("blue".to_owned()),
        });
        table.places[0].namespace = namespace;
        // A process that has gone, then none at all.
        table.places[0].folder = Some("/proc/4194305/net".to_owned());
        assert_eq!(table.read(Query::Listening(Transport::Tcp)), []);
        assert_eq!(gaps(&mut table), []);
        table.places[0].folder = None;
        assert_eq!(table.read(Query::Listening(Transport::Tcp)), []);
        assert_eq!(gaps(&mut table), [(Unseen::Namespaces, Why::Unsupported)]);
    }
}
