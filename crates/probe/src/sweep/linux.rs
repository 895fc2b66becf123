//! How the work is shared out on Linux.

use std::net::SocketAddr;
use std::thread;
use std::time::Instant;

use super::dialler::{Dialler, Pass};
use super::ledger::Ledger;
use super::pace::Pace;
use super::{PortState, Sweep, is_own, now};

/// Threads for an address of this machine; measured on two cores, where it halves the time.
const THREADS: usize = 2;

pub(super) fn sweep(
    target: SocketAddr,
    ledger: &Ledger<'_>,
    how: &Sweep,
    until: Instant,
    on_step: &mut dyn FnMut(usize),
) {
    let near = is_own(target);
    let alone = !near || how.rate.is_some();
    let threads = if alone { 1 } else { THREADS };
    let dialler = |pass| {
        let pace = how.rate.map(|rate| Pace::new(rate, now()));
        let window = (how.window() / threads).max(1);
        Dialler::new(
            target,
            near,
            ledger,
            pace,
            window,
            how.patience,
            until,
            pass,
        )
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| {
                let mut dialler = dialler(Pass::First);
                while let Some(ports) = ledger.chunk() {
                    dialler.ask(ports);
                }
                dialler.finish();
            });
        }
        let mut own = dialler(Pass::First);
        while let Some(ports) = ledger.chunk() {
            own.ask(ports);
            on_step(ledger.done());
        }
        own.finish();
    });

    // What could not be asked by the sockets at hand, and, elsewhere, what may have been lost on
    // the way: if nothing at all came back and there was much to ask, nobody is there to ask.
    let mut again = ledger.take_deferred();
    if !near {
        let silent = ledger.in_state(PortState::Silent);
        let answered = !ledger.in_state(PortState::Open).is_empty()
            || !ledger.in_state(PortState::Closed).is_empty();
        if answered || silent.len() <= how.window() {
            silent.ports().for_each(|port| again.insert(port));
        }
    }
    if again.is_empty() || ledger.is_stopped() {
        return;
    }
    let mut last = dialler(Pass::Last);
    for port in again.ports() {
        last.ask(port..=port);
        on_step(ledger.done());
    }
    last.finish();
}
