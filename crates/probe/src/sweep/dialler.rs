//! One thread's connections: made without waiting, looked at again, and closed.
//!
//! A socket that was refused is used again for the next port, which connect(2) of Linux allows
//! and which saves making and closing one for each port.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use portolan_registry::Port;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketAddrAny, SocketFlags, SocketType, bind, connect, getsockname, socket_with,
    sockopt,
};

use super::ledger::Ledger;
use super::pace::Pace;
use super::{PortState, now};

/// Whether what could not be asked may still be asked later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    First,
    Last,
}

/// The connections of one thread.
pub(super) struct Dialler<'a> {
    target: SocketAddr,
    near: bool,
    ledger: &'a Ledger<'a>,
    pace: Option<Pace>,
    window: usize,
    patience: Duration,
    /// The smoothed time of an answer, where one came.
    took: Option<Duration>,
    until: Instant,
    pass: Pass,
    spare: Option<Socket>,
    flights: Vec<Flight>,
}

/// How often to look for a source port that nobody else takes between the look and the taking.
const BIND_TRIES: usize = 8;

/// A socket, and the source port that it is bound to.
struct Socket {
    descriptor: OwnedFd,
    own: Option<Port>,
}

/// A connection that waits for its answer.
struct Flight {
    socket: Socket,
    port: Port,
    begun: Instant,
    until: Instant,
}

/// What a call of connect(2) said.
enum Said {
    Waiting,
    State(PortState),
    /// Nothing about the port: this machine lacks something at the moment.
    Later,
}

impl<'a> Dialler<'a> {
    #[expect(
        clippy::too_many_arguments,
        reason = "made in one place, from one plan"
    )]
    pub(super) const fn new(
        target: SocketAddr,
        near: bool,
        ledger: &'a Ledger<'a>,
        pace: Option<Pace>,
        window: usize,
        patience: Duration,
        until: Instant,
        pass: Pass,
    ) -> Self {
        // On the last pass over an address of this machine sockets could dial each other, were
        // there more than one.
        let window = if near && matches!(pass, Pass::Last) {
            1
        } else {
            window
        };
        Self {
            target,
            near,
            ledger,
            pace,
            window,
            patience,
            took: None,
            until,
            pass,
            spare: None,
            flights: Vec::new(),
        }
    }

    /// Asks those of the ports that are wanted.
    pub(super) fn ask(&mut self, ports: impl Iterator<Item = Port>) {
        for port in ports.filter(|port| self.ledger.wants(*port)) {
            if !self.wait_for_room() {
                return self.ledger.stop();
            }
            self.dial(port);
        }
    }

    /// Waits for the answers that are still to come.
    pub(super) fn finish(&mut self) {
        while !self.flights.is_empty() && now() < self.until {
            self.wait(None);
        }
        let left = std::mem::take(&mut self.flights);
        let sockets = left.into_iter().map(|flight| flight.socket);
        for socket in sockets.chain(self.spare.take()) {
            self.discard(socket);
        }
    }

    /// Whether one more connection may begin, after waiting for that; false where time is over.
    fn wait_for_room(&mut self) -> bool {
        // Asking the clock costs little beside a connection, yet not nothing.
        if self.near && self.pace.is_none() && self.flights.is_empty() {
            return !self.ledger.is_stopped() && (self.spare.is_some() || now() < self.until);
        }
        loop {
            let now = now();
            if now >= self.until || self.ledger.is_stopped() {
                return false;
            }
            if self.flights.len() >= self.window {
                self.wait(None);
                continue;
            }
            let Some(pace) = &mut self.pace else {
                return true;
            };
            if pace.take(now) {
                return true;
            }
            let next = pace.next();
            self.wait(Some(next));
        }
    }

    /// A socket that may dial the port. None where this process lacks something, or where the port
    /// is the source port of a socket of this sweep; it is asked later then.
    ///
    /// A source port is held before what it dials is looked up among those held, so of two sockets
    /// that would dial each other at least one sees the other.
    fn socket_for(&mut self, port: Port) -> Option<Socket> {
        let Some(socket) = self.spare.take().or_else(|| self.fresh()) else {
            // No descriptor, no memory: fewer at once from now on.
            self.window = self.flights.len().max(1);
            return None;
        };
        if !self.near || !self.ledger.holds(port) {
            return Some(socket);
        }
        if self.pass == Pass::First {
            self.spare = Some(socket);
            return None;
        }
        // Made while the old one still holds the port, so it cannot get the same.
        let fresh = self.fresh();
        self.discard(socket);
        fresh
    }

    fn dial(&mut self, port: Port) {
        let Some(socket) = self.socket_for(port) else {
            return self.ledger.defer(port);
        };
        let mut said = self.call(&socket, port);
        if self.near && matches!(said, Said::Waiting) {
            // On this machine the answer has come before connect(2) returns.
            said = self.call(&socket, port);
        }
        match said {
            Said::Waiting => {
                let begun = now();
                let until = (begun + self.patience()).min(self.until);
                self.flights.push(Flight {
                    socket,
                    port,
                    begun,
                    until,
                });
            }
            said => self.note(socket, port, &said),
        }
    }

    fn call(&self, socket: &Socket, port: Port) -> Said {
        let mut place = self.target;
        place.set_port(port);
        match connect(&socket.descriptor, &place) {
            Ok(()) | Err(Errno::ISCONN) if is_itself(socket, place) => Said::Later,
            Ok(()) | Err(Errno::ISCONN) => Said::State(PortState::Open),
            Err(Errno::INPROGRESS | Errno::ALREADY | Errno::INTR) => Said::Waiting,
            Err(Errno::CONNREFUSED) => Said::State(PortState::Closed),
            // A reset after the handshake; before it, it would be a refusal.
            Err(Errno::CONNRESET | Errno::PIPE) => Said::State(PortState::Open),
            Err(Errno::TIMEDOUT) => Said::State(PortState::Silent),
            Err(
                Errno::HOSTUNREACH
                | Errno::NETUNREACH
                | Errno::HOSTDOWN
                | Errno::NETDOWN
                | Errno::ACCESS
                | Errno::PERM
                | Errno::NOPROTOOPT
                | Errno::PROTO
                | Errno::INVAL,
            ) => Said::State(PortState::Unreachable),
            Err(_) => Said::Later,
        }
    }

    /// Notes the answer, and keeps the socket where it may be used again.
    fn note(&mut self, socket: Socket, port: Port, said: &Said) {
        match said {
            Said::State(PortState::Closed) => {
                self.ledger.note(port, PortState::Closed);
                if self.spare.is_none() {
                    self.spare = Some(socket);
                    return;
                }
            }
            Said::State(state) => {
                if *state == PortState::Open {
                    // Where that fails a TIME-WAIT is left, and nothing is wrong.
                    let _left =
                        sockopt::set_socket_linger(&socket.descriptor, Some(Duration::ZERO));
                }
                self.ledger.note(port, *state);
            }
            Said::Waiting | Said::Later => self.ledger.defer(port),
        }
        self.discard(socket);
    }

    /// Closes a socket; its source port may be dialled again.
    fn discard(&self, socket: Socket) {
        drop(socket.descriptor);
        if let Some(own) = socket.own {
            self.ledger.release(own);
        }
    }

    /// A socket; for an address of this machine it is bound, so that its source port is known
    /// before it dials.
    fn fresh(&self) -> Option<Socket> {
        if !self.near {
            let descriptor = self.unbound()?;
            let own = None;
            return Some(Socket { descriptor, own });
        }
        (0..BIND_TRIES).find_map(|_| {
            // A port that the kernel chose is given back after a refusal, and the next connection
            // gets another one; a port that was asked for by number stays (SOCK_BINDPORT_LOCK in
            // net/ipv4/af_inet.c).
            let own = bind_at(&self.unbound()?, self.target, 0)?;
            let descriptor = self.unbound()?;
            bind_at(&descriptor, self.target, own)?;
            self.ledger.hold(own);
            let own = Some(own);
            Some(Socket { descriptor, own })
        })
    }

    fn unbound(&self) -> Option<OwnedFd> {
        let family = if self.target.is_ipv4() {
            AddressFamily::INET
        } else {
            AddressFamily::INET6
        };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        socket_with(family, SocketType::STREAM, flags, None).ok()
    }

    /// How long to wait for an answer: four times what others took and a little, since a sweep
    /// that waits the longest for each dropped packet would take hours.
    fn patience(&self) -> Duration {
        match self.took {
            Some(took) if self.pass == Pass::First => {
                (took * 4 + Duration::from_millis(200)).min(self.patience)
            }
            // Long enough for the kernel's own second packet, after one second (RFC 6298 §2).
            _ if self.pass == Pass::Last && !self.near => self.patience + self.patience / 4,
            _ => self.patience,
        }
    }

    /// Waits for an answer, for the end of somebody's patience, or for that moment.
    fn wait(&mut self, moment: Option<Instant>) {
        let ends = self.flights.iter().map(|flight| flight.until);
        let next = ends
            .chain(moment)
            .min()
            .unwrap_or(self.until)
            .min(self.until);
        let left = next.saturating_duration_since(now());
        let timeout = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: left.subsec_nanos().into(),
        };
        let wanted = PollFlags::OUT;
        let mut polled: Vec<PollFd<'_>> = self
            .flights
            .iter()
            .map(|flight| PollFd::new(&flight.socket.descriptor, wanted))
            .collect();
        // An interrupted wait is a short one.
        let _ready = poll(&mut polled, Some(&timeout));
        let ready: Vec<bool> = polled.iter().map(|p| !p.revents().is_empty()).collect();
        drop(polled);
        let now = now();
        for at in (0..self.flights.len()).rev() {
            let is_ready = ready.get(at).copied().unwrap_or(false);
            let over = self.flights.get(at).is_some_and(|f| f.until <= now);
            if is_ready || over {
                let flight = self.flights.swap_remove(at);
                self.land(flight, now, over);
            }
        }
    }

    /// Looks at a connection that has an answer, or whose time is over.
    fn land(&mut self, flight: Flight, now: Instant, over: bool) {
        let said = match self.call(&flight.socket, flight.port) {
            Said::Waiting if !over => return self.flights.push(flight),
            Said::Waiting => Said::State(PortState::Silent),
            said => said,
        };
        if let Said::State(PortState::Open | PortState::Closed) = said {
            let took = now.saturating_duration_since(flight.begun);
            self.took = Some(self.took.map_or(took, |smooth| (smooth * 7 + took) / 8));
        }
        self.note(flight.socket, flight.port, &said);
    }
}

/// Whether the socket is connected to itself, as one whose source port is the port that it dials
/// (RFC 9293 §3.5).
fn is_itself(socket: &Socket, place: SocketAddr) -> bool {
    getsockname(&socket.descriptor)
        .ok()
        .and_then(address)
        .is_some_and(|own| own.port() == place.port() && own.ip() == place.ip())
}

/// Binds, and says to which port.
fn bind_at(socket: &OwnedFd, place: SocketAddr, port: Port) -> Option<Port> {
    let mut place = place;
    place.set_port(port);
    bind(socket, &place).ok()?;
    Some(address(getsockname(socket).ok()?)?.port())
}

fn address(any: SocketAddrAny) -> Option<SocketAddr> {
    any.try_into().ok()
}
