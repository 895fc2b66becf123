//! macOS, Windows and the BSDs: what the crate `listeners` tells, made into listeners.
//!
//! Source: proc_pidfdinfo on macOS, GetExtendedTcpTable and GetExtendedUdpTable on Windows,
//! sysctl(3) on the BSDs, all through that crate; it has no way to say why something is missing,
//! so that what it cannot tell is said here, once for all. Compiled on Linux for its tests alone,
//! and never run by this project's own tests on another system.
//!
//! It tells no queue, drops, cookie, user, interface or dual stack, and of other transports than
//! TCP and UDP nothing.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use listeners::{Process, Protocol, SocketState as Told};
use portolan_ports::system::LocalRanges;
use portolan_ports::{ExeState, Gap, Listener, Owner, Unseen, Why};
use portolan_registry::{Port, PortRange, Transport};

#[cfg(not(target_os = "linux"))]
pub(crate) use crate::polling::Follower;
use crate::privilege::{Error, Identity, Outcome};
use crate::{Options, OwnerSearch, PortSnapshot, Snapshot};

/// The far ends of connections are not told either, only their states.
const NO_SOCKETS: &str = "this system's way tells no far ends of connections";

/// What is known of other systems stands in [`portolan_ports::system::System`].
const NO_RANGES: &str = "this system's way does not tell which ports it sets aside";

pub(crate) fn listeners(options: &Options) -> Snapshot {
    let all = match listeners::get_all() {
        Ok(all) => all,
        Err(error) => {
            return Snapshot {
                gaps: vec![failed(&error.to_string())],
                ..Snapshot::default()
            };
        }
    };
    let mut listeners = BTreeMap::new();
    for told in all {
        if listens(told.protocol, told.state) {
            add(&mut listeners, &told, options);
        }
    }
    Snapshot {
        listeners: listeners.into_values().collect(),
        explanation: vec!["listed by this system's own calls, through the crate listeners".into()],
        gaps: gaps(is_root()),
        ..Snapshot::default()
    }
}

pub(crate) fn ports(ranges: &[PortRange], options: &Options) -> PortSnapshot {
    let mut seen = listeners(options);
    let wanted = |port: Port| ranges.iter().any(|range| range.contains(port));
    seen.listeners.retain(|listener| wanted(listener.port));
    let mut gaps = seen.gaps;
    gaps.push(gap(Unseen::Sockets, Why::Unsupported, NO_SOCKETS));
    PortSnapshot {
        listeners: seen.listeners,
        explanation: seen.explanation,
        gaps,
        ..PortSnapshot::default()
    }
}

/// UDP has no state of its own; Linux calls one that is not connected closed.
const fn listens(protocol: Protocol, state: Told) -> bool {
    match protocol {
        Protocol::TCP => matches!(state, Told::Listen),
        Protocol::UDP => matches!(state, Told::Unknown | Told::Closed),
    }
}

type Places = BTreeMap<(Transport, Port, IpAddr), Listener>;

/// Adds one entry: several at one place are one listener's owners, for nothing tells them apart.
fn add(places: &mut Places, told: &listeners::Listener, options: &Options) {
    let transport = match told.protocol {
        Protocol::TCP => Transport::Tcp,
        Protocol::UDP => Transport::Udp,
    };
    let address = address(told.socket);
    // Bound to nothing yet.
    if told.socket.port() == 0 {
        return;
    }
    let key = (transport, told.socket.port(), address);
    let listener = places
        .entry(key)
        .or_insert_with(|| Listener::new(transport, (address, told.socket.port()).into()));
    if options.owners == OwnerSearch::None {
        return;
    }
    let owner = owner(&told.process);
    if let Err(at) = listener.owners.binary_search_by_key(&owner.pid, |o| o.pid) {
        listener.owners.insert(at, owner);
    }
}

/// macOS shows the IPv4 end of a socket for both as `::7f00:1` (RFC 4291 §2.5.5.1, long deprecated).
fn address(socket: SocketAddr) -> IpAddr {
    match socket.ip() {
        IpAddr::V6(ip) => match (ip.to_ipv4_mapped(), ip.segments()) {
            (Some(mapped), _) => mapped.into(),
            (None, [0, 0, 0, 0, 0, 0, high, _]) if high > 0 => {
                ip.to_ipv4().map_or(ip.into(), IpAddr::from)
            }
            (None, _) => ip.into(),
        },
        ip => ip,
    }
}

fn owner(process: &Process) -> Owner {
    let exe = (!process.path.is_empty()).then(|| process.path.clone());
    let base = exe
        .as_deref()
        .and_then(|path| path.rsplit(['/', '\\']).next());
    let program = base
        .filter(|name| !name.is_empty())
        .unwrap_or(&process.name);
    Owner {
        pid: process.pid,
        program: program.to_owned(),
        exe,
        exe_state: ExeState::Unknown,
        ..Owner::default()
    }
}

/// What none of its answers holds.
fn gaps(root: bool) -> Vec<Gap> {
    let mut gaps = vec![gap(
        Unseen::CoOwners,
        Why::Unsupported,
        "this system's way may tell one of several, tells no user, and takes a UDP socket that is connected for a listener",
    )];
    if !root {
        gaps.push(gap(
            Unseen::Listeners,
            Why::Permission,
            "this system's way leaves out the sockets of processes that this user may not look at",
        ));
    }
    gaps
}

fn failed(error: &str) -> Gap {
    gap(
        Unseen::Listeners,
        Why::Failed,
        &format!("this system's way failed: {error}"),
    )
}

fn gap(what: Unseen, why: Why, detail: &str) -> Gap {
    Gap {
        what,
        why,
        detail: detail.to_owned(),
    }
}

/// Those alone that hold a port: the crate tells of no others.
pub(crate) fn processes() -> Vec<Owner> {
    let all = listeners::get_all().unwrap_or_default();
    let owners: BTreeMap<u32, Owner> = all
        .iter()
        .map(|told| (told.process.pid, owner(&told.process)))
        .collect();
    owners.into_values().collect()
}

#[cfg(unix)]
pub(crate) fn host_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

#[cfg(not(unix))]
pub(crate) fn host_name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

pub(crate) fn sockets_of(_pid: u32) -> Option<Vec<u64>> {
    None
}

pub(crate) const fn interface_index(_name: &str) -> Option<u32> {
    None
}

/// The crate tells of sockets alone.
pub(crate) fn local_ranges() -> LocalRanges {
    LocalRanges {
        gaps: vec![gap(Unseen::SystemRanges, Why::Unsupported, NO_RANGES)],
        ..LocalRanges::default()
    }
}

#[cfg(unix)]
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
pub(crate) const fn is_root() -> bool {
    false
}

/// The user's number; where there are none, what the session calls its user.
#[cfg(unix)]
pub(crate) fn login_name(sudo_uid: Option<u32>) -> String {
    let real = rustix::process::getuid();
    let uid = sudo_uid.filter(|_| real.is_root()).unwrap_or(real.as_raw());
    format!("uid {uid}")
}

#[cfg(not(unix))]
pub(crate) fn login_name(_: Option<u32>) -> String {
    std::env::var("USERNAME").unwrap_or_else(|_| "somebody".to_owned())
}

/// Nobody but Linux has a way here to give root up and prove it: who has it dials nothing.
pub(crate) fn drop_to_unprivileged(_identity: Identity) -> Result<Outcome, Error> {
    if is_root() {
        return Err(Error::Unsupported);
    }
    Ok(Outcome::NotRoot)
}

#[cfg(test)]
mod tests;
