//! What speaks for and against a port on this machine now: listeners, other sockets, what engines
//! publish, and whether it can be bound.

use std::net::IpAddr;

use portolan_inspect::bind::{Outcome, Trial, try_bind};
use portolan_inspect::{Namespaces, Options, OwnerSearch};
use portolan_ports::{Gap, Listener, Owner, Publication, Socket, Unseen};
use portolan_registry::{Port, PortRange, Transport};

use super::reason::{Kind, Reasons, Side, list};

/// How far around a port nothing may listen.
const BESIDE: Port = 2;

/// The most sockets that are told one by one.
const MOST_TOLD: usize = 4;

const THIS_MACHINE: &str = "this machine's sockets";
const BIND: &str = "bind(2)";

/// What uses some ports and those beside them, in this network namespace.
#[derive(Debug)]
pub(super) struct Sight {
    listeners: Vec<Listener>,
    publications: Vec<Publication>,
    sockets: Vec<Socket>,
    pub(super) gaps: Vec<Gap>,
}

impl Sight {
    /// Looks once. Up to 16 ranges are sought by the kernel itself.
    ///
    /// Cost: one walk of the kernel's tables; `owners` is by far the dearer half where somebody
    /// listens.
    pub(super) fn look(ranges: &[PortRange], owners: OwnerSearch) -> Self {
        let options = Options {
            owners,
            // Another namespace's port is another port.
            namespaces: Namespaces::Own,
            ..Options::default()
        };
        let seen = portolan_inspect::ports(ranges, &options);
        let hides = |gap: &Gap| {
            matches!(
                gap.what,
                Unseen::Listeners | Unseen::Sockets | Unseen::Containers
            )
        };
        Self {
            listeners: seen.listeners,
            publications: seen.publications,
            sockets: seen.sockets,
            gaps: seen.gaps.into_iter().filter(hides).collect(),
        }
    }

    /// Everything that this machine says about a port; it is bound where nothing was seen on it, as
    /// well as where something was.
    pub(super) fn reasons(&self, port: Port, transports: &[Transport], reasons: &mut Reasons) {
        if port == 0 {
            // No socket has it.
            let text = "it cannot be bound: bind(2) takes 0 to mean any port";
            reasons.add(Side::Against, Kind::Bind, text, "ip(7)");
        } else {
            self.uses(port, reasons);
            tell(&try_bind(port, transports), port, reasons);
        }
        self.beside(port, reasons);
        for gap in &self.gaps {
            let what = match gap.what {
                Unseen::Containers => "what container engines publish was not seen",
                _ => "some sockets were not seen",
            };
            let text = format!("{what}: {}", gap.detail);
            reasons.add(Side::Aside, Kind::Unseen, text, THIS_MACHINE);
        }
    }

    fn uses(&self, port: Port, reasons: &mut Reasons) {
        let before = reasons.0.len();
        for listener in self.listeners.iter().filter(|l| l.port == port) {
            let text = format!("{} listens on {}", holder(listener), at(listener));
            reasons.add(Side::Against, Kind::Listener, text, THIS_MACHINE);
        }
        for published in self.publications.iter().filter(|p| p.port == port) {
            let text = format!(
                "published for {}, port {}, on {}/{}",
                published.to.container, published.to.port, published.address, published.transport
            );
            reasons.add(Side::Against, Kind::Publication, text, "a container engine");
        }
        // The far end's port is another machine's, or the own end of another socket here.
        let uses = |socket: &&Socket| socket.local.port() == port;
        let using: Vec<&Socket> = self.sockets.iter().filter(uses).collect();
        for socket in using.iter().take(MOST_TOLD) {
            let far = socket.remote.map(|far| format!(" to {far}"));
            let text = format!(
                "a {} socket uses it: {}{}, {}{}",
                socket.transport,
                socket.local,
                far.unwrap_or_default(),
                socket.state.as_str(),
                by(&socket.owners)
            );
            reasons.add(Side::Against, Kind::Socket, text, THIS_MACHINE);
        }
        if let Some(more) = using.len().checked_sub(MOST_TOLD).filter(|more| *more > 0) {
            let text = format!("{more} more sockets use it");
            reasons.add(Side::Against, Kind::Socket, text, THIS_MACHINE);
        }
        if reasons.0.len() == before {
            let text = "nothing listens on it and no socket is bound to it";
            reasons.add(Side::For, Kind::Listener, text, THIS_MACHINE);
        }
    }

    fn beside(&self, port: Port, reasons: &mut Reasons) {
        let before = reasons.0.len();
        let near = |other: Port| other != port && other.abs_diff(port) <= BESIDE;
        for listener in self.listeners.iter().filter(|l| near(l.port)) {
            let text = format!(
                "beside {}, where {} listens on {}",
                listener.port,
                holder(listener),
                at(listener)
            );
            reasons.add(Side::Against, Kind::NeighbourListener, text, THIS_MACHINE);
        }
        for published in self.publications.iter().filter(|p| near(p.port)) {
            let text = format!(
                "beside {}, published for {}",
                published.port, published.to.container
            );
            let source = "a container engine";
            reasons.add(Side::Against, Kind::NeighbourListener, text, source);
        }
        if reasons.0.len() == before {
            let around = around(port);
            let text = format!(
                "nothing listens beside it, from {} to {}",
                around.first(),
                around.last()
            );
            reasons.add(Side::For, Kind::NeighbourListener, text, THIS_MACHINE);
        }
    }
}

/// A port and those beside it of which a look has to tell.
pub(super) fn around(port: Port) -> PortRange {
    let (first, last) = (port.saturating_sub(BESIDE), port.saturating_add(BESIDE));
    PortRange::new(first, last).unwrap_or(PortRange::single(port))
}

/// Several ports and those beside them.
pub(super) fn around_all(ports: PortRange) -> PortRange {
    let (first, last) = (around(ports.first()), around(ports.last()));
    PortRange::new(first.first(), last.last()).unwrap_or(PortRange::ALL)
}

/// What came of trying to have it.
fn tell(trials: &[Trial], port: Port, reasons: &mut Reasons) {
    let (mut had, mut families) = (Vec::new(), Vec::new());
    // Each cause with the places that it is told of.
    let mut refusals: Vec<(&str, Vec<&Trial>)> = Vec::new();
    let mut refused = |why, trial| match refusals.iter_mut().find(|(other, _)| *other == why) {
        Some((_, trials)) => trials.push(trial),
        None => refusals.push((why, vec![trial])),
    };
    for trial in trials {
        let family = family(trial.address);
        match &trial.outcome {
            Outcome::Bound => had.push(trial),
            Outcome::NoSuchFamily if !families.contains(&family) => families.push(family),
            Outcome::NoSuchFamily => {}
            Outcome::InUse => refused("something has it", trial),
            Outcome::NotPermitted => refused("this user may not", trial),
            Outcome::Failed(error) => refused(error, trial),
        }
    }
    for (why, trials) in refusals {
        let text = match trials.as_slice() {
            [trial] => format!("it cannot be bound on {}: {why}", place(trial, port)),
            trials => format!("it cannot be bound on {}: {why}", places(trials)),
        };
        reasons.add(Side::Against, Kind::Bind, text, BIND);
    }
    if had.is_empty() && families.len() > 1 {
        let text = "it cannot be bound: this machine has neither IPv4 nor IPv6";
        reasons.add(Side::Against, Kind::Bind, text, BIND);
        return;
    }
    if !had.is_empty() {
        let text = format!("bound and let go on {}", places(&had));
        reasons.add(Side::For, Kind::Bind, text, BIND);
    }
    for family in families {
        let text = format!("this machine has no {family}, so that it was not tried there");
        reasons.add(Side::Aside, Kind::Bind, text, BIND);
    }
}

/// `0.0.0.0:600/tcp`.
fn place(trial: &Trial, port: Port) -> String {
    match trial.address {
        IpAddr::V4(address) => format!("{address}:{port}/{}", trial.transport),
        IpAddr::V6(address) => format!("[{address}]:{port}/{}", trial.transport),
    }
}

/// `0.0.0.0 (tcp and udp) and [::] (tcp)`.
fn places(trials: &[&Trial]) -> String {
    let on = |v4: bool| {
        let own = trials.iter().filter(|trial| trial.address.is_ipv4() == v4);
        let words: Vec<&str> = own.map(|trial| trial.transport.as_str()).collect();
        let place = if v4 { "0.0.0.0" } else { "[::]" };
        (!words.is_empty()).then(|| format!("{place} ({})", list(&words)))
    };
    let places: Vec<String> = [on(true), on(false)].into_iter().flatten().collect();
    list(&places)
}

const fn family(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(_) => "IPv4",
        IpAddr::V6(_) => "IPv6",
    }
}

fn at(listener: &Listener) -> String {
    format!("{}/{}", listener.socket_address(), listener.transport)
}

/// Who listens: its programs, else the container that it is published for, else why it is unknown.
fn holder(listener: &Listener) -> String {
    if let Some(published) = &listener.published {
        return published.container.to_string();
    }
    if let Some(names) = names(&listener.owners) {
        return names;
    }
    match &listener.owner_gap {
        Some(gap) => format!("somebody unseen ({})", gap.why.as_str()),
        None => "something".to_owned(),
    }
}

fn by(owners: &[Owner]) -> String {
    names(owners).map_or_else(String::new, |names| format!(", of {names}"))
}

fn names(owners: &[Owner]) -> Option<String> {
    let first = owners.first()?;
    let others = match owners.len() - 1 {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    Some(format!("{} (pid {}){others}", first.program, first.pid))
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn told(outcomes: [Outcome; 4]) -> Vec<String> {
        let places = [
            (Transport::Tcp, IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            (Transport::Tcp, IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
            (Transport::Udp, IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            (Transport::Udp, IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
        ];
        let trials: Vec<Trial> = places
            .into_iter()
            .zip(outcomes)
            .map(|((transport, address), outcome)| Trial {
                transport,
                address,
                outcome,
            })
            .collect();
        let mut reasons = Reasons::default();
        tell(&trials, 4444, &mut reasons);
        let lines = reasons.0.iter();
        lines
            .map(|reason| format!("{:?}: {}", reason.side, reason.text))
            .collect()
    }

    #[test]
    fn a_machine_without_ipv6_counts_ipv4_alone_and_says_so() {
        let none = || Outcome::NoSuchFamily;
        assert_eq!(
            told([Outcome::Bound, none(), Outcome::Bound, none()]),
            [
                "For: bound and let go on 0.0.0.0 (tcp and udp)",
                "Aside: this machine has no IPv6, so that it was not tried there",
            ]
        );
        assert_eq!(
            told([none(), none(), none(), none()]),
            ["Against: it cannot be bound: this machine has neither IPv4 nor IPv6"]
        );
    }

    #[test]
    fn each_place_where_it_cannot_be_bound_is_told() {
        assert_eq!(
            told([
                Outcome::InUse,
                Outcome::Bound,
                Outcome::NotPermitted,
                Outcome::Failed("no buffers".to_owned()),
            ]),
            [
                "Against: it cannot be bound on 0.0.0.0:4444/tcp: something has it",
                "Against: it cannot be bound on 0.0.0.0:4444/udp: this user may not",
                "Against: it cannot be bound on [::]:4444/udp: no buffers",
                "For: bound and let go on [::] (tcp)",
            ]
        );
    }

    #[test]
    fn one_cause_is_told_once() {
        let may_not = || Outcome::NotPermitted;
        assert_eq!(
            told([may_not(), may_not(), may_not(), may_not()]),
            [
                "Against: it cannot be bound on 0.0.0.0 (tcp and udp) and [::] (tcp and udp): this user may not"
            ]
        );
        assert_eq!(
            told([Outcome::InUse, Outcome::InUse, may_not(), may_not()]),
            [
                "Against: it cannot be bound on 0.0.0.0 (tcp) and [::] (tcp): something has it",
                "Against: it cannot be bound on 0.0.0.0 (udp) and [::] (udp): this user may not",
            ]
        );
    }

    #[test]
    fn the_ports_beside_one_end_where_ports_end() {
        assert_eq!(around(0), PortRange::new(0, 2).unwrap());
        assert_eq!(around(1), PortRange::new(0, 3).unwrap());
        assert_eq!(around(65_535), PortRange::new(65_533, 65_535).unwrap());
    }
}
