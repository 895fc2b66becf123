//! Which socket unit of systemd listens at a place: systemd.socket(5).
//!
//! Source: org.freedesktop.systemd1(5), the properties `Listen`, `Triggers` and their like of every
//!         active socket unit, over the system bus; where that does not answer root, as on
//!         a machine without one, through systemctl(1). Units of the users' own managers are not asked for: each has a
//!         bus of its own, which only its user may use.
//! Cost:   nothing where the machine is not run by systemd or no listener can be such a unit's;
//!         else one call for the list and one for each unit, four more for a unit in question.
//!
//! zbus runs on a runtime of this thread that is gone with its last thread before the answer is
//! given: a survey drops its privileges afterwards, thread by thread.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use portolan_ports::{Gap, Listener, Unit, Unseen, Why};
use portolan_registry::{Port, Transport};

use super::gap;

mod bus;
mod systemctl;

/// Where systemd says that it runs this machine, sd_booted(3).
const BOOTED: &str = "/run/systemd/system";

/// An address of an active socket unit.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    unit: String,
    transport: Transport,
    address: IpAddr,
    port: Port,
    /// Whether the address names an interface, `%eth0`.
    scoped: bool,
    /// `BindIPv6Only`: `default`, `both`, `ipv6-only`.
    v6_only: String,
    /// `BindToDevice`, empty for none.
    device: String,
    /// The units that it starts.
    triggers: Vec<String>,
}

/// Names the socket unit of every listener that has one.
pub(super) fn name(listeners: &mut [Listener]) -> Vec<Gap> {
    if !Path::new(BOOTED).is_dir() {
        return Vec::new();
    }
    let concerned: Vec<usize> = (0..listeners.len())
        .filter(|at| {
            let listener = &listeners[*at];
            held_by_systemd(listener) || made_by_systemd(listener)
        })
        .collect();
    // What pid 1 holds is hidden from most users: then any service may have got its socket so.
    let sees_pid_1 = || fs::read_dir("/proc/1/fd").is_ok();
    // In another network namespace there may be another systemd, with units of the same names.
    let by_service = |listener: &Listener| {
        listener.namespace.is_none() && listener.owners.iter().any(in_service)
    };
    let heirs: Vec<usize> = if listeners.iter().any(by_service) && !sees_pid_1() {
        let all = 0..listeners.len();
        all.filter(|at| by_service(&listeners[*at])).collect()
    } else {
        Vec::new()
    };
    if concerned.is_empty() && heirs.is_empty() {
        return Vec::new();
    }
    let ports: Vec<Port> = concerned
        .iter()
        .chain(&heirs)
        .map(|at| listeners[*at].port)
        .collect();
    let answer = match bus::places(&ports) {
        Err(refusal) if rustix::process::geteuid().is_root() => {
            systemctl::places().map_err(|_| refusal)
        }
        answer => answer,
    };
    let places = match answer {
        Ok(places) => places,
        // A hunch is no gap.
        Err(_) if concerned.is_empty() => return Vec::new(),
        Err((why, detail)) => {
            let detail = format!("cannot ask systemd for its socket units: {detail}");
            return vec![gap(Unseen::SocketUnits, why, detail)];
        }
    };
    let mut gaps = Vec::new();
    for at in concerned.into_iter().chain(heirs) {
        let listener = &mut listeners[at];
        match unit_of(listener, &places) {
            Ok(unit) => listener.socket_unit = unit,
            Err(units) => {
                let place = listener.socket_address();
                let detail = format!("{} all listen at {place}", units.join(", "));
                gaps.push(gap(Unseen::SocketUnits, Why::Failed, detail));
            }
        }
    }
    gaps
}

/// Whether pid 1 holds it, as it does for every active socket unit, activated or not.
fn held_by_systemd(listener: &Listener) -> bool {
    listener.owners.iter().any(|owner| owner.pid == 1)
}

/// Whether systemd made it, where its owners are hidden: it opens a socket inside the control group
/// of its unit, or in its own.
fn made_by_systemd(listener: &Listener) -> bool {
    listener.owners.is_empty()
        && listener.namespace.is_none()
        && made_in(listener).is_some_and(|unit| unit == "init.scope" || unit.ends_with(".socket"))
}

fn made_in(listener: &Listener) -> Option<&str> {
    Some(listener.creator.as_ref()?.unit.as_ref()?.0.as_str())
}

fn in_service(owner: &portolan_ports::Owner) -> bool {
    owner.container.is_none()
        && owner
            .unit
            .as_ref()
            .is_some_and(|unit| unit.0.ends_with(".service"))
}

/// The one unit that listens there; several are an error, since nothing tells whose it is.
fn unit_of(listener: &Listener, places: &[Place]) -> Result<Option<Unit>, Vec<String>> {
    let fits = |place: &&Place| place.is_at(listener) && place.may_be_of(listener);
    let mut units: Vec<String> = places.iter().filter(fits).map(|p| p.unit.clone()).collect();
    units.sort_unstable();
    units.dedup();
    match units.len() {
        0 => Ok(None),
        1 => Ok(units.pop().map(Unit)),
        _ => Err(units),
    }
}

impl Place {
    /// Whether the listener is bound exactly as the unit says.
    fn is_at(&self, listener: &Listener) -> bool {
        let at_device = if !self.device.is_empty() {
            listener.interface.as_deref() == Some(&self.device)
        } else {
            self.scoped || listener.interface.is_none()
        };
        let as_wide = match &*self.v6_only {
            "both" if self.address.is_unspecified() => listener.dual_stack,
            "ipv6-only" => !listener.dual_stack,
            // The kernel's setting decided when the socket was made.
            _ => true,
        };
        self.transport == listener.transport
            && self.port == listener.port
            && self.address == listener.address
            && at_device
            && (as_wide || self.address.is_ipv4())
    }

    /// Whether those who hold or made the listener may have it from this unit.
    fn may_be_of(&self, listener: &Listener) -> bool {
        if held_by_systemd(listener) {
            return true;
        }
        if listener.owners.is_empty() {
            return made_in(listener) == Some("init.scope")
                || made_in(listener) == Some(&*self.unit);
        }
        let units = listener.owners.iter().filter_map(|o| o.unit.as_ref());
        units
            .into_iter()
            .any(|unit| self.triggers.contains(&unit.0))
    }
}

/// The transport and address of one element of `Listen`, and whether it names an interface;
/// `None` for what is no port: paths, netlink, queues.
///
/// `protocol` is the unit's `SocketProtocol`, a number of IANA's protocol registry or 0.
fn place(kind: &str, text: &str, protocol: i32) -> Option<(Transport, IpAddr, Port, bool)> {
    const SCTP: i32 = 132;
    let transport = match (kind, protocol) {
        ("Stream" | "SequentialPacket", SCTP) => Transport::Sctp,
        ("Stream", _) => Transport::Tcp,
        ("Datagram", 0) => Transport::Udp,
        ("SequentialPacket", 0) => Transport::Sctp,
        _ => return None,
    };
    let (address, port) = text.rsplit_once(':')?;
    let (address, scoped) = match address.strip_prefix('[').and_then(|a| a.strip_suffix(']')) {
        None => (address.parse::<std::net::Ipv4Addr>().ok()?.into(), false),
        Some(inside) => {
            let (address, scope) = inside.split_once('%').unwrap_or((inside, ""));
            let address: std::net::Ipv6Addr = address.parse().ok()?;
            (address.into(), !scope.is_empty())
        }
    };
    Some((transport, address, port.parse().ok()?, scoped))
}

#[cfg(test)]
mod tests;
