//! A port that is to be free again: who holds it, what would be done, and, when told so, doing it.
//!
//! Only listeners are ever hit: a program that is connected to the port is none. Everything or
//! nothing is done: one refusal stops it all.

mod choice;
mod deed;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use portolan_act::{Kin, Plan, Process, Reason, Refusal, Vitals, process, socket, unit};
use portolan_inspect::{Namespaces, Options};
use portolan_ports::{Gap, Listener, Publication, Scope, Socket, SocketState, Unseen, Why};
use portolan_registry::{Port, PortRange, Transport};

use choice::Scene;
pub use deed::{Done, Outcome, Taken};
pub use portolan_act::Way;

/// What is to be free, and how hard to act for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The port.
    pub port: Port,
    /// The one transport that is meant; `None` for all.
    pub transport: Option<Transport>,
    /// The one address that is meant, as the listener is bound to it; `None` for all.
    pub address: Option<IpAddr>,
    /// How hard.
    pub way: Way,
    /// How long a process has to end after it was asked to.
    pub grace: Duration,
    /// The variable SSH_CONNECTION of ssh(1).
    pub ssh_connection: Option<String>,
}

/// Where a port stands before or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing listens there.
    Vacant,
    /// It could not be seen whether something listens there.
    Unseen,
    /// There is a plan, and nothing was done yet.
    Planned,
    /// Something there is left alone, and so nothing is done.
    Refused,
    /// This user may not do it.
    NotPermitted,
    /// Who holds it changed between plan and act, and so nothing was done.
    Changed,
    /// It was done, and nothing listens there any more.
    Freed,
    /// It was done, and the same socket still listens there.
    Listening,
    /// It was done, and another socket listens there now: something starts the program anew.
    Returned,
    /// It was not done: a call or a command failed.
    Failed,
}

impl State {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vacant => "vacant",
            Self::Unseen => "unseen",
            Self::Planned => "planned",
            Self::Refused => "refused",
            Self::NotPermitted => "not_permitted",
            Self::Changed => "changed",
            Self::Freed => "freed",
            Self::Listening => "listening",
            Self::Returned => "returned",
            Self::Failed => "failed",
        }
    }
}

/// A plan, with a firm hold on whom it is about.
#[derive(Debug)]
pub struct Prepared {
    /// What was asked for.
    pub asked: Asked,
    /// Who listens there.
    pub listeners: Vec<Listener>,
    /// What an engine publishes there without a socket.
    pub publications: Vec<Publication>,
    /// Connections to it from others, which break unless the socket alone is closed.
    pub connections: usize,
    /// What would be done, and what is refused.
    pub plan: Plan,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
    /// Listeners that take the connections to the address that was named, bound to all addresses.
    pub instead: Vec<Listener>,
    /// Every owner, held by its pidfd since the plan was made.
    held: Vec<Process>,
}

impl Prepared {
    /// Where the port stands before anything is done.
    #[must_use]
    pub fn state(&self) -> State {
        let unseen = |gap: &Gap| gap.what == Unseen::Listeners;
        if !self.plan.refusals.is_empty() {
            let permission = |refusal: &Refusal| refusal.why.is_permission();
            if self.plan.refusals.iter().all(permission) {
                State::NotPermitted
            } else {
                State::Refused
            }
        } else if !self.plan.steps.is_empty() {
            State::Planned
        } else if self.gaps.iter().any(unseen) {
            State::Unseen
        } else if self.instead.is_empty() {
            State::Vacant
        } else {
            State::Refused
        }
    }
}

/// What is there now.
#[derive(Debug, Default)]
struct Sight {
    listeners: Vec<Listener>,
    publications: Vec<Publication>,
    connections: usize,
    instead: Vec<Listener>,
    gaps: Vec<Gap>,
}

/// Looks, and makes the plan. Nothing is changed.
///
/// Cost: one look at one port with all its owners, and a walk up this process's ancestors.
#[must_use]
pub fn prepare(asked: Asked) -> Prepared {
    let sight = look(&asked);
    let kin = Kin::read(asked.ssh_connection.as_deref());
    let pids = sight.listeners.iter().flat_map(|l| &l.owners);
    let vitals: BTreeMap<u32, Vitals> = pids
        .filter_map(|owner| Some((owner.pid, Vitals::read(owner.pid)?)))
        .collect();
    let scene = Scene {
        kin: &kin,
        supported: cfg!(target_os = "linux"),
        booted: unit::is_booted(),
        own_user: process::own_user(),
        may_close: socket::may_close(),
        may_signal: &|pid| process::may_signal(pid) != Err(process::Error::NotPermitted),
        interface: &|name| {
            let number = || name.parse().ok();
            portolan_inspect::interface_index(name).or_else(number)
        },
        vitals: &vitals,
    };
    let mut plan = choice::plan(&sight.listeners, &sight.publications, &asked, &scene);
    let held = if plan.refusals.is_empty() {
        hold(&sight.listeners, &mut plan)
    } else {
        Vec::new()
    };
    Prepared {
        asked,
        listeners: sight.listeners,
        publications: sight.publications,
        connections: sight.connections,
        plan,
        gaps: sight.gaps,
        instead: sight.instead,
        held,
    }
}

/// Takes hold of every owner, and proves that it holds what it was seen to hold.
fn hold(listeners: &[Listener], plan: &mut Plan) -> Vec<Process> {
    let mut held: Vec<Process> = Vec::new();
    for listener in listeners {
        for owner in &listener.owners {
            let whom = || choice::whom(owner);
            let refuse = |why| Refusal { whom: whom(), why };
            if !held.iter().any(|process| process.pid() == owner.pid) {
                match Process::open(owner.pid) {
                    Ok(process) => held.push(process),
                    Err(_) => {
                        plan.refusals.push(refuse(Reason::NotHolding));
                        continue;
                    }
                }
            }
            let process = held.iter().find(|process| process.pid() == owner.pid);
            let holds = process.map(|process| process.holds(listener.inode));
            match holds {
                Some(Ok(true)) => {}
                Some(Err(process::Error::NotPermitted)) => {
                    plan.refusals.push(refuse(Reason::Hidden(Why::Permission)));
                }
                _ => plan.refusals.push(refuse(Reason::NotHolding)),
            }
        }
    }
    plan.refusals.dedup();
    held
}

fn look(asked: &Asked) -> Sight {
    let options = Options {
        namespaces: Namespaces::Own,
        ..Options::default()
    };
    let seen = portolan_inspect::ports(&[PortRange::single(asked.port)], &options);
    let meant = |transport| asked.transport.is_none_or(|only| only == transport);
    let at = |address: IpAddr| {
        let wanted = asked.address.map(|wanted| wanted.to_canonical());
        wanted.is_none_or(|wanted| wanted == address.to_canonical())
    };
    let mut sight = Sight {
        gaps: seen.gaps,
        ..Sight::default()
    };
    for listener in seen.listeners {
        // Another namespace's port is another port.
        if !meant(listener.transport) || listener.namespace.is_some() {
            continue;
        }
        if at(listener.address) {
            sight.listeners.push(listener);
        } else if asked.address.is_some_and(|wanted| takes(&listener, wanted)) {
            sight.instead.push(listener);
        }
    }
    sight.publications = seen
        .publications
        .into_iter()
        .filter(|publication| meant(publication.transport) && at(publication.address))
        .collect();
    let connected = |socket: &&Socket| {
        let wild = sight.listeners.iter().any(|l| l.scope() == Scope::Any);
        socket.local.port() == asked.port
            && socket.transport == Transport::Tcp
            && meant(Transport::Tcp)
            && (wild || at(socket.local.ip()))
            && matches!(
                socket.state,
                SocketState::Established | SocketState::CloseWait | SocketState::SynReceived
            )
    };
    if sight
        .listeners
        .iter()
        .any(|l| l.transport == Transport::Tcp)
    {
        sight.connections = seen.sockets.iter().filter(connected).count();
    }
    sight
}

/// Whether a listener that is bound to all addresses answers at this one.
fn takes(listener: &Listener, wanted: IpAddr) -> bool {
    let family = listener.address.is_ipv4() == wanted.is_ipv4();
    listener.address.is_unspecified() && (family || listener.dual_stack)
}
