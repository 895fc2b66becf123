//! Which ports of a host are open, and what speaks there.
//!
//! For an address of this machine the kernel's own list of listeners answers, in milliseconds and
//! with their owners; nothing is dialled to learn what is open. Another host is swept.

mod asking;
mod own;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use portolan_inspect::privilege::{self, Identity};
use portolan_inspect::{Namespaces, Options, OwnerSearch, Snapshot};
use portolan_ports::{Gap, Listener, Publication};
use portolan_probe::Safety;
use portolan_probe::sweep::{PortSet, Sweep, Swept, is_own, sweep};
use portolan_registry::{Port, Transport};

use crate::Sources;
use crate::identify::{Error, resolve};
use crate::query::Target;
use crate::restraint::Never;
use crate::survey::Judged;

/// What is to be swept, and how.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The hosts, as typed.
    pub hosts: Vec<String>,
    /// The ports.
    pub ports: PortSet,
    /// Whether UDP counts too.
    pub udp: bool,
    /// Whether addresses of this machine are dialled like any others.
    pub connect: bool,
    /// Whether what is open is asked what it speaks.
    pub identify: bool,
    /// How much asking may risk.
    pub safety: Safety,
    /// The most connections a second; without it [`Sweep::RATE`] for other hosts, and no bound for
    /// this one.
    pub rate: Option<NonZeroU32>,
    /// The longest that the sweep of one host may take.
    pub total: Duration,
    /// Whom never to ask on this machine.
    pub never: Never,
    /// Whom to become before dialling, where this process is root.
    pub identity: Identity,
}

/// How it was learnt what is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From this machine's own list of listeners.
    SocketTable,
    /// By dialling.
    Connect,
}

impl Way {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SocketTable => "socket_table",
            Self::Connect => "connect",
        }
    }
}

/// A host that is about to be swept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// As typed.
    pub name: String,
    /// Its first address; the port means nothing.
    pub address: SocketAddr,
    /// Whether it is an address of this machine.
    pub own: bool,
    /// How it will be learnt what is open.
    pub way: Way,
}

/// An open port.
#[derive(Clone, Debug)]
pub struct Open<'a> {
    /// The listener and the judgement on it. On another host, or where this machine's list has
    /// none, it is a place and nothing else.
    pub judged: Judged<'a>,
    /// Whether this machine's list of listeners has it.
    pub listed: bool,
    /// Whether it took a connection when it was dialled.
    pub dialled: bool,
}

/// What was found at one host.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// The host.
    pub host: Host,
    /// Its open ports, by port and transport.
    pub open: Vec<Open<'a>>,
    /// What every port did, where it was dialled.
    pub swept: Option<Swept>,
    /// How many TCP ports were asked for.
    pub asked: usize,
    /// How many UDP ports were asked for.
    pub asked_udp: usize,
    /// What could not be seen of this machine.
    pub gaps: Vec<Gap>,
}

impl Found<'_> {
    /// How many TCP ports were in each state: open, closed, silent, unreachable, unasked.
    #[must_use]
    pub fn counts(&self) -> [(&'static str, usize); 5] {
        let tcp = |open: &&Open<'_>| open.judged.listener.transport == Transport::Tcp;
        let open = self.open.iter().filter(tcp).count();
        let count = |set: fn(&Swept) -> &PortSet| self.swept.as_ref().map(|s| set(s).len());
        let listed_alone = self.asked.saturating_sub(open);
        [
            ("open", open),
            ("closed", count(|s| &s.closed).unwrap_or(listed_alone)),
            ("silent", count(|s| &s.silent).unwrap_or(0)),
            ("unreachable", count(|s| &s.unreachable).unwrap_or(0)),
            ("unasked", count(|s| &s.unasked).unwrap_or(0)),
        ]
    }
}

/// What happens while hosts are swept.
#[derive(Debug)]
pub enum Step<'s, 'a> {
    /// So many of so many ports have answered.
    Dialled(usize, usize),
    /// So many of so many open ports have been asked what they speak.
    Answered(usize, usize),
    /// An open port, with all that will be known of it.
    Open(&'s Host, &'s Open<'a>),
}

/// Hosts that are known by address, with privileges given up: what is left is to dial.
#[derive(Debug)]
pub struct Prepared {
    /// The hosts, in the order given.
    pub hosts: Vec<Host>,
    asked: Asked,
    seen: Snapshot,
    root_looked: bool,
}

/// More open ports of one host than this are no services: something takes every connection. The
/// others are told as open, and not asked.
pub const MOST_IDENTIFIED: usize = 1024;

/// So many UDP ports or fewer of another host are all asked.
const FEW_UDP_PORTS: usize = 64;

/// Looks at this machine where one of the hosts may be it, gives up privileges for good, and finds
/// the hosts' addresses. The caller must not have started another thread.
///
/// # Errors
/// Where a name has no address, or privileges could not be dropped: then nothing was sent.
pub fn prepare(asked: Asked) -> Result<Prepared, Error> {
    let elsewhere = |host: &String| host.parse().is_ok_and(|ip| !is_own(SocketAddr::new(ip, 0)));
    let unneeded = asked.connect && !asked.identify;
    let seen = if unneeded || asked.hosts.iter().all(elsewhere) {
        Snapshot::default()
    } else {
        portolan_inspect::listeners(&Options {
            namespaces: Namespaces::Own,
            owners: OwnerSearch::Complete,
            ..Options::default()
        })
    };
    let dropped = privilege::drop_to_unprivileged(asked.identity)?;
    let root_looked = matches!(dropped, privilege::Outcome::Dropped(_));
    let hosts = asked
        .hosts
        .iter()
        .map(|name| {
            let target = Target {
                host: name.clone(),
                port: 0,
                transport: Transport::Tcp,
            };
            let address = resolve(&target)?;
            let own = is_own(address);
            let way = if own && !asked.connect {
                Way::SocketTable
            } else {
                Way::Connect
            };
            Ok(Host {
                name: name.clone(),
                address,
                own,
                way,
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok(Prepared {
        hosts,
        asked,
        seen,
        root_looked,
    })
}

impl Prepared {
    /// How fast another host, or an own address that is dialled, gets connections; `None` where
    /// nothing bounds it.
    #[must_use]
    pub fn rate(&self, host: &Host) -> Option<NonZeroU32> {
        self.asked.rate.or((!host.own).then_some(Sweep::RATE))
    }

    /// Sweeps one of [`Prepared::hosts`], then asks what is open.
    #[must_use]
    pub fn sweep<'a>(
        &self,
        host: &Host,
        sources: &Sources<'a>,
        on_step: &mut dyn FnMut(Step<'_, 'a>),
    ) -> Found<'a> {
        let asked = &self.asked;
        // This machine's policy speaks of this machine.
        let sources = &match host.own {
            true => *sources,
            false => sources.foreign(),
        };
        let mut places = if host.own {
            own::listeners(&self.seen.listeners, host.address, &asked.ports, asked.udp)
        } else {
            Vec::new()
        };
        let swept = match host.way {
            Way::Connect => Some(self.dial(host, &asked.ports, on_step)),
            // What an engine publishes without a socket is on no list of listeners.
            Way::SocketTable => {
                let published = self.published(host);
                (!published.is_empty()).then(|| self.dial(host, &published, on_step))
            }
        };
        let mut listed: Vec<Place> = places
            .drain(..)
            .map(|listener| Place {
                dialled: false,
                listed: true,
                listener,
            })
            .collect();
        if let Some(swept) = &swept {
            own::join(&mut listed, host, &swept.open);
        }
        let mut asked_udp = 0;
        if asked.udp {
            let udp = self.udp_ports(host, sources);
            asked_udp = udp.len();
            if !host.own {
                listed.extend(
                    udp.ports()
                        .map(|port| own::place(host, Transport::Udp, port)),
                );
            }
        }
        let open = self.ask(host, listed, sources, on_step);
        Found {
            host: host.clone(),
            open,
            swept: swept.filter(|_| host.way == Way::Connect),
            asked: asked.ports.len(),
            asked_udp,
            gaps: if host.own {
                self.seen.gaps.clone()
            } else {
                Vec::new()
            },
        }
    }

    fn dial<'a>(
        &self,
        host: &Host,
        ports: &PortSet,
        on_step: &mut dyn FnMut(Step<'_, 'a>),
    ) -> Swept {
        let how = Sweep {
            rate: self.rate(host),
            total: self.asked.total,
            ..if host.own {
                Sweep::near()
            } else {
                Sweep::far()
            }
        };
        let all = ports.len();
        sweep(host.address, ports, &how, &mut |done| {
            on_step(Step::Dialled(done.min(all), all));
        })
    }

    /// Over UDP only an answer tells that a port is open, so another host is asked where it may
    /// come: at few ports all of them, else those whose usual protocol we speak.
    fn udp_ports(&self, host: &Host, sources: &Sources<'_>) -> PortSet {
        let ports = &self.asked.ports;
        if host.own || ports.len() <= FEW_UDP_PORTS {
            return ports.clone();
        }
        let spoken = |port: &Port| {
            sources
                .expectation(*port, Transport::Udp)
                .usual_protocol()
                .and_then(portolan_probe::protocol)
                .is_some_and(|protocol| protocol.datagram.is_some())
        };
        ports.ports().filter(spoken).collect()
    }

    fn published(&self, host: &Host) -> PortSet {
        let here = |p: &&Publication| {
            p.transport == Transport::Tcp
                && (p.address == host.address.ip() || p.address.is_unspecified())
                && self.asked.ports.contains(p.port)
        };
        self.seen
            .publications
            .iter()
            .filter(here)
            .map(|p| p.port)
            .collect()
    }
}

/// An open port, before it was asked.
#[derive(Clone, Debug)]
struct Place {
    listener: Listener,
    listed: bool,
    dialled: bool,
}
