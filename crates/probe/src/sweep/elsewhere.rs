//! The same without anything of Linux's own: one port after another, over some threads.
//!
//! It is slower where answers do not come, a port that took the connection may leave a TIME-WAIT
//! behind, and the connection of a socket to itself is told from others by its addresses alone.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Instant;

use super::ledger::Ledger;
use super::{PortState, Sweep, is_own, now};

const THREADS: usize = 64;

pub(super) fn sweep(
    target: SocketAddr,
    ledger: &Ledger<'_>,
    how: &Sweep,
    until: Instant,
    on_step: &mut dyn FnMut(usize),
) {
    let alone = how.rate.is_some() || is_own(target);
    let threads = if alone { 1 } else { THREADS.min(how.window()) };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| while ask(target, ledger, how, until) {});
        }
        while ask(target, ledger, how, until) {
            on_step(ledger.done());
        }
    });
}

/// Asks the next few ports; false where there are none, or no time for them.
fn ask(target: SocketAddr, ledger: &Ledger<'_>, how: &Sweep, until: Instant) -> bool {
    let Some(ports) = ledger.chunk() else {
        return false;
    };
    for port in ports.filter(|port| ledger.wants(*port)) {
        let begun = now();
        if begun >= until {
            return false;
        }
        let mut place = target;
        place.set_port(port);
        let state = match TcpStream::connect_timeout(&place, how.patience) {
            Ok(stream) if stream.local_addr().ok() == Some(place) => PortState::Closed,
            Ok(_) => PortState::Open,
            Err(error) => match error.kind() {
                ErrorKind::ConnectionRefused => PortState::Closed,
                ErrorKind::ConnectionReset => PortState::Open,
                ErrorKind::TimedOut | ErrorKind::WouldBlock => PortState::Silent,
                ErrorKind::AddrInUse | ErrorKind::AddrNotAvailable => PortState::Unasked,
                _ => PortState::Unreachable,
            },
        };
        ledger.note(port, state);
        if let Some(rate) = how.rate {
            let every = std::time::Duration::from_secs(1) / rate.get();
            thread::park_timeout(every.saturating_sub(begun.elapsed()));
        }
    }
    true
}
