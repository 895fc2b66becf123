//! Which steps free a port, and whom they would hit that must not be hit. Pure: what it rests on is
//! handed in.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use portolan_act::unit::Manager;
use portolan_act::{Kin, Plan, Reason, Refusal, Signal, Step, Vitals, Way, engine, socket, unit};
use portolan_ports::{Container, Listener, Owner, Publication, Unit, Why};
use portolan_registry::Transport;

use super::Asked;

/// Programs that hold a port for a container's engine, which lives in a unit with all the others.
const PROXIES: [&str; 4] = ["docker-proxy", "rootlessport", "rootlessport-c", "conmon"];

const OTHER_SYSTEM: Reason = Reason::Unsupported {
    why: "free acts on Linux alone",
    next: "stop it by this system's own means",
};

const NO_SYSTEMD: Reason = Reason::Unsupported {
    why: "a socket unit holds it, and systemd does not run here",
    next: "run portolan where systemd runs",
};

const PERSON_S_MANAGER: Reason = Reason::Unsupported {
    why: "it is a person's own unit manager, and everything of that person ends with it",
    next: "find the socket unit with: systemctl --user list-sockets",
};

/// Why a socket cannot be closed alone.
const fn not_closed(why: &'static str) -> Reason {
    Reason::Unsupported {
        why,
        next: "use --stop",
    }
}

/// What the choice rests on, beyond the listeners.
pub(super) struct Scene<'a> {
    pub(super) kin: &'a Kin,
    /// Whether anything can be done on this system at all.
    pub(super) supported: bool,
    /// Whether systemd runs this system.
    pub(super) booted: bool,
    pub(super) own_user: Option<u32>,
    pub(super) may_close: bool,
    pub(super) may_signal: &'a dyn Fn(u32) -> bool,
    /// The index of an interface.
    pub(super) interface: &'a dyn Fn(&str) -> Option<u32>,
    pub(super) vitals: &'a BTreeMap<u32, Vitals>,
}

/// `pid 42 (nginx)`.
pub(super) fn whom(owner: &Owner) -> String {
    format!("pid {} ({})", owner.pid, owner.program)
}

/// Makes the plan.
pub(super) fn plan(
    listeners: &[Listener],
    publications: &[Publication],
    asked: &Asked,
    scene: &Scene<'_>,
) -> Plan {
    let mut draft = Draft {
        asked,
        scene,
        units: Vec::new(),
        others: Vec::new(),
        signals: Vec::new(),
        refusals: Vec::new(),
    };
    for listener in listeners {
        draft.listener(listener);
    }
    for publication in publications {
        let place = SocketAddr::new(publication.address, publication.port);
        let whom = format!("{place}/{}", publication.transport);
        match asked.way {
            Way::Close => draft.refuse(
                whom,
                not_closed("no socket listens there: the kernel's packet filter passes it on"),
            ),
            Way::Stop | Way::Kill => draft.container(whom, &publication.to.container),
        }
    }
    draft.finish()
}

struct Draft<'a> {
    asked: &'a Asked,
    scene: &'a Scene<'a>,
    units: Vec<(Manager, Vec<Unit>)>,
    others: Vec<Step>,
    signals: Vec<Signal>,
    refusals: Vec<Refusal>,
}

impl Draft<'_> {
    fn refuse(&mut self, whom: String, why: Reason) {
        let refusal = Refusal { whom, why };
        if !self.refusals.contains(&refusal) {
            self.refusals.push(refusal);
        }
    }

    fn listener(&mut self, listener: &Listener) {
        let place = format!("{}/{}", listener.socket_address(), listener.transport);
        if !self.scene.supported {
            return self.refuse(place, OTHER_SYSTEM);
        }
        if listener.transport == Transport::Tcp && self.scene.kin.came_in_by(listener.port) {
            return self.refuse(place, Reason::SshSession);
        }
        let closing = self.asked.way == Way::Close;
        // An engine's proxy is left to the engine.
        if let Some(published) = &listener.published
            && !closing
        {
            return self.container(place, &published.container);
        }
        if listener.owners.is_empty() {
            let why = listener
                .owner_gap
                .as_ref()
                .map_or(Why::Failed, |gap| gap.why);
            return self.refuse(place, Reason::Hidden(why));
        }
        let before = self.refusals.len();
        if closing {
            for owner in &listener.owners {
                self.spare(owner, true);
            }
            if self.refusals.len() == before {
                self.close(listener, place);
            }
            return;
        }
        if let Some(unit) = &listener.socket_unit {
            let person = listener.owners.iter().find(|owner| self.is_person_s(owner));
            match person.map_or(Ok(Manager::System), |owner| self.manager(owner.uid)) {
                Ok(manager) => self.unit(place, manager, unit),
                Err(why) => self.refuse(place, why),
            }
        }
        for owner in &listener.owners {
            // The first process holds the sockets of the socket units that it serves.
            let serves = owner.pid == 1 || self.is_person_s(owner);
            if serves && listener.socket_unit.is_some() && self.scene.booted {
                continue;
            }
            if self.is_person_s(owner) {
                self.refuse(whom(owner), PERSON_S_MANAGER);
                continue;
            }
            self.owner(listener, owner);
        }
    }

    /// Refuses an owner that must not be hit; says whether it did.
    fn spare(&mut self, owner: &Owner, socket_alone: bool) -> bool {
        let unknown = Vitals::default();
        let vitals = self.scene.vitals.get(&owner.pid).unwrap_or(&unknown);
        match self.scene.kin.refuses(owner.pid, vitals) {
            // Its container's engine may know better, and closing its socket ends no process.
            Some(Reason::OtherPidNamespace) if socket_alone || owner.container.is_some() => false,
            Some(why) => {
                self.refuse(whom(owner), why);
                true
            }
            None => false,
        }
    }

    fn owner(&mut self, listener: &Listener, owner: &Owner) {
        if self.spare(owner, false) {
            return;
        }
        // Inside a container, everything is in it, and it is no reason to end all.
        let container = owner.container.as_ref();
        if let Some(container) = container.filter(|c| !self.scene.kin.lives_in(&c.id)) {
            return self.container(whom(owner), container);
        }
        if PROXIES.contains(&owner.program.as_str()) {
            return self.refuse(whom(owner), Reason::UnknownContainer);
        }
        let Some(vitals) = self.scene.vitals.get(&owner.pid) else {
            return self.refuse(whom(owner), Reason::NotHolding);
        };
        match &vitals.unit {
            Some(unit) if self.scene.booted => {
                let manager = match vitals.manager_of {
                    None => Ok(Manager::System),
                    user => self.manager(user),
                };
                let manager = match manager {
                    Ok(manager) => manager,
                    Err(why) => return self.refuse(whom(owner), why),
                };
                self.unit(whom(owner), manager, unit);
            }
            _ if !(self.scene.may_signal)(owner.pid) => {
                let why = Reason::NotPermitted("sending it a signal");
                self.refuse(whom(owner), why);
            }
            _ => self.signal(listener, owner),
        }
    }

    /// Whether it is systemd, but not the machine's: it runs everything of one person.
    fn is_person_s(&self, owner: &Owner) -> bool {
        let vitals = self.scene.vitals.get(&owner.pid);
        owner.pid != 1 && vitals.is_some_and(|vitals| vitals.name == "systemd")
    }

    /// The way to a person's own manager.
    fn manager(&self, user: Option<u32>) -> Result<Manager, Reason> {
        match (user, self.scene.own_user) {
            (Some(user), Some(own)) if user == own => Ok(Manager::Own),
            (Some(user), Some(0)) => Ok(Manager::User(user)),
            _ => Err(Reason::NotPermitted("stopping another user's unit")),
        }
    }

    fn signal(&mut self, listener: &Listener, owner: &Owner) {
        let known = self.signals.iter_mut().find(|s| s.pid == owner.pid);
        if let Some(signal) = known {
            signal.inodes.push(listener.inode);
            return;
        }
        self.signals.push(Signal {
            pid: owner.pid,
            program: owner.program.clone(),
            inodes: vec![listener.inode],
            kill_after: self.grace(),
        });
    }

    fn unit(&mut self, whom: String, manager: Manager, unit: &Unit) {
        if let Some(why) = self.scene.kin.refuses_unit(&unit.0) {
            return self.refuse(whom, why);
        }
        if !self.scene.booted {
            return self.refuse(whom, NO_SYSTEMD);
        }
        let at = self.units.iter().position(|(known, _)| *known == manager);
        let at = at.unwrap_or_else(|| {
            self.units.push((manager, Vec::new()));
            self.units.len() - 1
        });
        let units = &mut self.units[at].1;
        if !units.contains(unit) {
            units.push(unit.clone());
        }
    }

    fn container(&mut self, whom: String, container: &Container) {
        match engine::Stop::new(container, self.grace()) {
            Err(why) => self.refuse(whom, why),
            Ok(stop) => {
                let step = Step::Container(stop);
                if !self.others.contains(&step) {
                    self.others.push(step);
                }
            }
        }
    }

    fn close(&mut self, listener: &Listener, place: String) {
        let why = if listener.transport != Transport::Tcp {
            not_closed("only a TCP socket can be closed alone; others stay bound")
        } else if listener.multipath {
            not_closed("a Multipath TCP socket cannot be closed alone")
        } else if !self.scene.may_close {
            Reason::NotPermitted("closing a socket under its owner (CAP_NET_ADMIN)")
        } else if let Some(cookie) = listener.cookie {
            let interface = listener.interface.as_deref();
            let index = interface.map_or(Some(0), |name| (self.scene.interface)(name));
            if let Some(interface) = index {
                return self.others.push(Step::Close(socket::Target {
                    local: listener.socket_address(),
                    interface,
                    cookie,
                }));
            }
            not_closed("the interface that it is bound to is gone")
        } else {
            not_closed("the kernel does not tell the socket's cookie")
        };
        self.refuse(place, why);
    }

    fn grace(&self) -> Option<std::time::Duration> {
        (self.asked.way == Way::Kill).then_some(self.asked.grace)
    }

    /// Units first, for they may start the others anew; parents before their children.
    fn finish(mut self) -> Plan {
        let grace = self.grace();
        let pids: Vec<u32> = self.signals.iter().map(|signal| signal.pid).collect();
        let vitals = self.scene.vitals;
        let parent = |pid: u32| vitals.get(&pid).map_or(0, |vitals| vitals.parent);
        self.signals
            .sort_by_key(|signal| (depth(signal.pid, &pids, &parent), signal.pid));
        for signal in &mut self.signals {
            signal.inodes.sort_unstable();
        }
        let units = self.units.into_iter().map(|(manager, mut units)| {
            units.sort_by_key(|unit| !unit.0.ends_with(".socket"));
            Step::Unit(unit::Stop {
                units,
                manager,
                kill_after: grace,
            })
        });
        let steps = units
            .chain(self.others)
            .chain(self.signals.into_iter().map(Step::Signal));
        Plan {
            steps: steps.collect(),
            refusals: self.refusals,
        }
    }
}

/// How many of `pids` stand directly above one another over this one.
fn depth(pid: u32, pids: &[u32], parent: &dyn Fn(u32) -> u32) -> usize {
    let above = std::iter::successors(Some(parent(pid)), |pid| Some(parent(*pid)));
    above
        .take(pids.len())
        .take_while(|pid| pids.contains(pid))
        .count()
}

#[cfg(test)]
mod tests;
