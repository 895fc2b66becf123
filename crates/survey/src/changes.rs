//! What a follower saw, as changes that mean something to a person. Pure: no clock, no looking.
//!
//! A listener is (transport, namespace, address, port, unit or executable), and a pid is an
//! attribute of it. So a program that is started anew at the same address is no change, nor is one
//! socket more of a group that shares a port; the same program at another address is a change of
//! scope. To tell these from an end, every close is held back for a moment before it is told.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use portolan_inspect::{Closed, Renewed, Seen};
use portolan_ports::{Listener, Owner};
use portolan_registry::{Port, Transport};

/// Something changed at a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When: the kernel's moment of a close, else that of the look that found it.
    pub at: SystemTime,
    /// What.
    pub kind: ChangeKind,
    /// The listener as it is, or for a close as it was.
    pub listener: Listener,
    /// The listener as it was, where its owner or scope changed.
    pub before: Option<Listener>,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// Something listens that did not.
    Opened,
    /// It listens no more.
    Closed,
    /// Another program holds it, or one more, or one fewer.
    Owner,
    /// The same program listens on the same port at another address.
    Scope,
}

impl ChangeKind {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Owner => "owner",
            Self::Scope => "scope",
        }
    }
}

/// Turns what was seen into changes, look by look.
#[derive(Debug)]
pub struct Changes {
    /// How long a close is held back.
    patience: Duration,
    /// Who listens where: one entry for each socket.
    present: HashMap<Place, Vec<Holder>>,
    held_back: Vec<Closed>,
    /// Sockets on their way from one process to another, by cookie or inode, as they were last held.
    orphans: HashMap<u64, Listener>,
}

/// Where a listener is, without who it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    transport: Transport,
    namespace: Option<u64>,
    port: Port,
    address: IpAddr,
    interface: Option<String>,
}

impl Place {
    fn of(listener: &Listener) -> Self {
        Self {
            transport: listener.transport,
            namespace: listener.namespace.as_ref().map(|n| n.inode),
            port: listener.port,
            address: listener.address,
            interface: listener.interface.clone(),
        }
    }

    /// The same port, whatever the address.
    fn is_beside(&self, other: &Self) -> bool {
        (self.transport, self.namespace, self.port)
            == (other.transport, other.namespace, other.port)
    }
}

/// The programs that hold a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Holder {
    /// Sorted, each once.
    programs: Vec<Program>,
    /// What is known where no owner is: the maker's user and control group.
    maker: (Option<u32>, Option<u64>),
}

/// What stays when a process is replaced by its successor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Program {
    /// A unit that is one program's; a scope or slice may hold any number of them.
    unit: Option<String>,
    /// The executable's path, or the name where that is hidden.
    exe: String,
}

impl Program {
    fn of(owner: &Owner) -> Self {
        let unit = owner.unit.as_ref().map(|unit| unit.0.as_str());
        Self {
            unit: unit
                .filter(|unit| !unit.ends_with(".scope"))
                .map(str::to_owned),
            exe: owner.exe.as_ref().unwrap_or(&owner.program).clone(),
        }
    }

    /// Whether one can be the other's successor.
    fn is_same(&self, other: &Self) -> bool {
        self.exe == other.exe || (self.unit.is_some() && self.unit == other.unit)
    }
}

impl Holder {
    fn of(listener: &Listener) -> Self {
        let mut programs: Vec<Program> = listener.owners.iter().map(Program::of).collect();
        programs.sort_unstable();
        programs.dedup();
        Self {
            programs,
            maker: (listener.uid, listener.control_group),
        }
    }

    /// Whether both may be one program's. Where owners are hidden, what made the socket decides.
    fn is_same(&self, other: &Self) -> bool {
        if self.programs.is_empty() || other.programs.is_empty() {
            return self.maker == other.maker;
        }
        let theirs = |mine: &Program| other.programs.iter().any(|their| mine.is_same(their));
        self.programs.iter().any(theirs)
    }

    /// Whether every program of each has its like in the other.
    fn is_equal(&self, other: &Self) -> bool {
        let within = |one: &Self, other: &Self| {
            let known = |program: &Program| other.programs.iter().any(|p| p.is_same(program));
            one.programs.iter().all(known)
        };
        within(self, other) && within(other, self)
    }
}

impl Changes {
    /// Begins with what is there. A close is told once it is `patience` old.
    pub fn new<'a>(listeners: impl Iterator<Item = &'a Listener>, patience: Duration) -> Self {
        let mut changes = Self {
            patience,
            present: HashMap::new(),
            held_back: Vec::new(),
            orphans: HashMap::new(),
        };
        for listener in listeners {
            changes.enter(listener);
        }
        changes
    }

    /// When the next close that is held back will be old enough to be told.
    #[must_use]
    pub fn due(&self) -> Option<SystemTime> {
        let oldest = self.held_back.iter().map(|closed| closed.at).min();
        oldest.map(|at| at + self.patience)
    }

    /// What changed, by time: what this look saw, and closes that have become old enough.
    pub fn tell(&mut self, seen: Seen, now: SystemTime) -> Vec<Change> {
        let mut told = Vec::new();
        for closed in seen.closed {
            self.orphans.remove(&socket(&closed.listener));
            let others_listen = self.leave(&closed.listener);
            if !others_listen {
                self.held_back.push(closed);
            }
        }
        for renewed in seen.renewed {
            told.extend(self.renew(renewed, now));
        }
        // Same address first, that a program with several ends finds each again.
        let (again, elsewhere): (Vec<_>, Vec<_>) = seen
            .opened
            .into_iter()
            .map(|listener| {
                let at = self.predecessor(&listener, |before, now| before == now);
                if let Some(at) = at {
                    self.held_back.remove(at);
                }
                (listener, at.is_some())
            })
            .partition(|(_, is_again)| *is_again);
        for (listener, _) in again {
            self.enter(&listener);
        }
        for (listener, _) in elsewhere {
            let before = self
                .predecessor(&listener, Place::is_beside)
                .map(|at| self.held_back.remove(at).listener);
            // Another program has taken the place: the end of the one before is told first.
            let place = Place::of(&listener);
            let taken = |closed: &mut Closed| Place::of(&closed.listener) == place;
            told.extend(self.held_back.extract_if(.., taken).map(closed));
            let others_listen = self.enter(&listener);
            if others_listen && before.is_none() {
                continue;
            }
            told.push(Change {
                at: now,
                kind: before
                    .as_ref()
                    .map_or(ChangeKind::Opened, |_| ChangeKind::Scope),
                listener,
                before,
            });
        }
        let patience = self.patience;
        // A clock that was set back is no reason to wait.
        let is_old = |closed: &mut Closed| {
            now.duration_since(closed.at)
                .map_or(true, |age| age >= patience)
        };
        let old = self.held_back.extract_if(.., is_old);
        told.extend(old.map(closed));
        told.sort_by_key(|change| change.at);
        told
    }

    /// Tells every close that is still held back: nobody will look again.
    pub fn finish(&mut self) -> Vec<Change> {
        let mut told: Vec<Change> = self.held_back.drain(..).map(closed).collect();
        told.sort_by_key(|change| change.at);
        told
    }

    /// The close that this open undoes.
    fn predecessor(
        &self,
        opened: &Listener,
        fits: impl Fn(&Place, &Place) -> bool,
    ) -> Option<usize> {
        let (place, holder) = (Place::of(opened), Holder::of(opened));
        self.held_back.iter().position(|closed| {
            fits(&Place::of(&closed.listener), &place)
                && Holder::of(&closed.listener).is_same(&holder)
        })
    }

    fn renew(&mut self, renewed: Renewed, now: SystemTime) -> Option<Change> {
        let Renewed {
            mut before,
            now: listener,
        } = renewed;
        self.leave(&before);
        self.enter(&listener);
        let mut kind = ChangeKind::Scope;
        if Place::of(&before) == Place::of(&listener) {
            kind = ChangeKind::Owner;
            // On its way from one process to another a socket is nobody's for a moment.
            if listener.owners.is_empty() {
                self.orphans.entry(socket(&before)).or_insert(before);
                return None;
            }
            if let Some(orphan) = self.orphans.remove(&socket(&before)) {
                before = orphan;
            }
            let (old, new) = (Holder::of(&before), Holder::of(&listener));
            // An owner that could not be seen until now has not changed.
            if old.is_equal(&new) || old.programs.is_empty() {
                return None;
            }
        }
        Some(Change {
            at: now,
            kind,
            listener,
            before: Some(before),
        })
    }

    /// Notes a socket; whether another one of the same program was there already.
    fn enter(&mut self, listener: &Listener) -> bool {
        let holder = Holder::of(listener);
        let here = self.present.entry(Place::of(listener)).or_default();
        let shared = here.iter().any(|other| other.is_same(&holder));
        here.push(holder);
        shared
    }

    /// Strikes a socket out; whether another one of the same program is left.
    fn leave(&mut self, listener: &Listener) -> bool {
        let (place, holder) = (Place::of(listener), Holder::of(listener));
        let Some(here) = self.present.get_mut(&place) else {
            return false;
        };
        let exact = here.iter().position(|other| *other == holder);
        if let Some(at) = exact.or_else(|| here.iter().position(|other| other.is_same(&holder))) {
            here.swap_remove(at);
        }
        let shared = here.iter().any(|other| other.is_same(&holder));
        if here.is_empty() {
            self.present.remove(&place);
        }
        shared
    }
}

/// A socket's cookie, or its inode where that is all there is.
fn socket(listener: &Listener) -> u64 {
    listener.cookie.unwrap_or(listener.inode)
}

fn closed(closed: Closed) -> Change {
    Change {
        at: closed.at,
        kind: ChangeKind::Closed,
        listener: closed.listener,
        before: None,
    }
}

#[cfg(test)]
mod tests;
