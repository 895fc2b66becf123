//! What is known of each port while a sweep runs, shared by its threads.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};

use portolan_registry::Port;

use super::{PortSet, PortState};

const PORTS: usize = 1 << 16;
/// How many ports a thread takes at a time.
const CHUNK: u32 = 64;

/// A byte for each port, and what its threads tell each other. Nothing is allocated per port.
pub(super) struct Ledger<'a> {
    wanted: &'a PortSet,
    states: Box<[AtomicU8]>,
    next: AtomicU32,
    done: AtomicU32,
    stopped: AtomicBool,
    /// Source ports of this sweep's own sockets: nobody may dial them meanwhile, since two
    /// sockets that dial each other at the same moment both count as connected
    /// (RFC 9293 §3.5, simultaneous open), as does one that dials itself.
    held: Marks,
    /// Ports that have to be asked once more, later.
    deferred: Marks,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(wanted: &'a PortSet) -> Self {
        Self {
            wanted,
            states: (0..PORTS)
                .map(|_| AtomicU8::new(PortState::Unasked as u8))
                .collect(),
            next: AtomicU32::new(0),
            done: AtomicU32::new(0),
            stopped: AtomicBool::new(false),
            held: Marks::default(),
            deferred: Marks::default(),
        }
    }

    /// The next ports that a thread may ask, lowest first; none where all are taken.
    pub(super) fn chunk(&self) -> Option<std::ops::RangeInclusive<Port>> {
        loop {
            let first = self.next.fetch_add(CHUNK, Relaxed);
            let first = Port::try_from(first).ok()?;
            let ports = first..=first.saturating_add(CHUNK as u16 - 1);
            if ports.clone().any(|port| self.wanted.contains(port)) {
                return Some(ports);
            }
        }
    }

    pub(super) fn wants(&self, port: Port) -> bool {
        self.wanted.contains(port)
    }

    pub(super) fn note(&self, port: Port, state: PortState) {
        if let Some(place) = self.states.get(usize::from(port)) {
            place.store(state as u8, Relaxed);
            self.done.fetch_add(1, Relaxed);
        }
    }

    /// How many answers were noted, those of second tries included.
    pub(super) fn done(&self) -> usize {
        self.done.load(Relaxed) as usize
    }

    pub(super) fn hold(&self, port: Port) {
        self.held.set(port, true);
    }

    pub(super) fn release(&self, port: Port) {
        self.held.set(port, false);
    }

    pub(super) fn holds(&self, port: Port) -> bool {
        self.held.get(port)
    }

    pub(super) fn defer(&self, port: Port) {
        self.deferred.set(port, true);
    }

    /// Takes what was deferred.
    pub(super) fn take_deferred(&self) -> PortSet {
        let ports = (0..=Port::MAX).filter(|port| self.deferred.get(*port));
        let taken: PortSet = ports.collect();
        taken
            .ports()
            .for_each(|port| self.deferred.set(port, false));
        taken
    }

    /// Makes every thread end: there is no use in going on.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Relaxed)
    }

    /// The ports in this state.
    pub(super) fn in_state(&self, state: PortState) -> PortSet {
        let is = |port: &Port| {
            self.wants(*port)
                && self
                    .states
                    .get(usize::from(*port))
                    .is_some_and(|place| place.load(Relaxed) == state as u8)
        };
        (0..=Port::MAX).filter(is).collect()
    }
}

/// One bit for each port.
struct Marks(Box<[AtomicU64]>);

impl Default for Marks {
    fn default() -> Self {
        Self((0..PORTS / 64).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Marks {
    fn set(&self, port: Port, on: bool) {
        let Some(word) = self.0.get(usize::from(port >> 6)) else {
            return;
        };
        let bit = 1 << (port & 63);
        // Sequentially consistent: a thread must see a source port held before it dials it.
        if on {
            word.fetch_or(bit, std::sync::atomic::Ordering::SeqCst);
        } else {
            word.fetch_and(!bit, std::sync::atomic::Ordering::SeqCst);
        }
    }

    fn get(&self, port: Port) -> bool {
        self.0.get(usize::from(port >> 6)).is_some_and(|word| {
            word.load(std::sync::atomic::Ordering::SeqCst) >> (port & 63) & 1 == 1
        })
    }
}
