//! Which ports of an address take connections: a sweep by connect(2), which says nothing to
//! whoever answers.
//!
//! An address of this machine answers within the call that asks, so two threads ask it, one port
//! at a time each; another host takes its time, so one thread keeps a window of connections open.
//! Both give the same answer on every run, lowest port first, and leave nothing behind: a port
//! that took the connection gets a reset (SO_LINGER 0, socket(7)), and no TIME-WAIT stays.

#[cfg(target_os = "linux")]
mod dialler;
#[cfg(any(not(target_os = "linux"), test))]
mod elsewhere;
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "what only Linux's way needs")
)]
mod ledger;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod pace;
mod port_set;

#[cfg(not(target_os = "linux"))]
use elsewhere as platform;
#[cfg(target_os = "linux")]
use linux as platform;

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use crate::Limits;
use ledger::Ledger;
pub use port_set::{PortSet, PortSetError};

/// How to sweep one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// The most connections to begin in a second; `None` means as fast as it goes.
    pub rate: Option<NonZeroU32>,
    /// The most connections that wait for an answer at once; lowered to what the descriptor limit
    /// leaves.
    pub window: usize,
    /// The longest to wait for one answer. Another host that answers faster is waited for less.
    pub patience: Duration,
    /// The longest that the whole may take; ports that were not asked by then are told as that.
    pub total: Duration,
}

impl Sweep {
    /// As fast as it goes: for addresses of this machine.
    #[must_use]
    pub const fn near() -> Self {
        Self {
            rate: None,
            window: 256,
            // The kernel asks a second time after one second (RFC 6298 §2), which a listener
            // whose queue was full for a moment answers.
            patience: Duration::from_millis(1500),
            total: Duration::from_secs(600),
        }
    }

    /// Paced, for other hosts, whose networks others use as well.
    #[must_use]
    pub const fn far() -> Self {
        Self {
            rate: Some(Self::RATE),
            window: 1024,
            patience: Duration::from_millis(1000),
            total: Duration::from_secs(600),
        }
    }

    /// How many connections a second other hosts get, unless told otherwise.
    pub const RATE: NonZeroU32 = NonZeroU32::new(2500).unwrap();

    fn window(&self) -> usize {
        let limits = Limits {
            connections: self.window,
            rate: None,
            total: self.total,
        };
        limits.raise_open_files();
        limits.connections_allowed()
    }
}

/// What a port did when it was dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum PortState {
    /// It was not dialled, for lack of time or of descriptors.
    Unasked,
    /// It took a connection.
    Open,
    /// It refused one.
    Closed,
    /// Nothing came back in time: a packet filter may drop what comes.
    Silent,
    /// A router, a packet filter or this machine says that nothing gets there.
    Unreachable,
}

impl PortState {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unasked => "unasked",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Silent => "silent",
            Self::Unreachable => "unreachable",
        }
    }
}

/// What a sweep found, each asked port in one of the sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Took a connection.
    pub open: PortSet,
    /// Refused it.
    pub closed: PortSet,
    /// Said nothing in time.
    pub silent: PortSet,
    /// Cannot be reached, by somebody's word.
    pub unreachable: PortSet,
    /// Were not dialled.
    pub unasked: PortSet,
    /// The time that it took.
    pub elapsed: Duration,
}

impl Swept {
    fn of(ledger: &Ledger<'_>, elapsed: Duration) -> Self {
        Self {
            open: ledger.in_state(PortState::Open),
            closed: ledger.in_state(PortState::Closed),
            silent: ledger.in_state(PortState::Silent),
            unreachable: ledger.in_state(PortState::Unreachable),
            unasked: ledger.in_state(PortState::Unasked),
            elapsed,
        }
    }
}

/// Dials every port of the set at one address, whose own port is left out of account, and hangs
/// up at once. `on_step` hears now and then how many ports have answered.
///
/// Cost: on loopback about 10 microseconds of a core for each port, two threads, a byte of memory
/// for each port, and at most [`Sweep::window`] sockets.
#[must_use]
pub fn sweep(
    target: SocketAddr,
    ports: &PortSet,
    how: &Sweep,
    on_step: &mut dyn FnMut(usize),
) -> Swept {
    let begun = now();
    let ledger = Ledger::new(ports);
    platform::sweep(target, &ledger, how, begun + how.total, on_step);
    Swept::of(&ledger, begun.elapsed())
}

/// Whether the address is one of this machine's own, in this network namespace: nobody else's can
/// be bound to (ip(7), `ip_nonlocal_bind` aside). A broadcast address can be bound too, and so can
/// any in a namespace without addresses, but neither can be connected to. Nothing is sent.
#[must_use]
pub fn is_own(address: SocketAddr) -> bool {
    let mut place = address;
    place.set_port(0);
    let unspecified = |ip: IpAddr| ip.is_unspecified() || ip.is_multicast();
    let bound = || UdpSocket::bind(place).and_then(|socket| socket.connect(socket.local_addr()?));
    place.ip().is_loopback() || (!unspecified(place.ip()) && bound().is_ok())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a sweep is paced and bounded by the clock"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests;
