//! What speaks at the addresses that a person named.

mod here;

use std::net::{SocketAddr, ToSocketAddrs};

use portolan_inspect::privilege::{self, Identity};
use portolan_ports::program::usual_protocol_of;
use portolan_ports::{Finding, Listener, Probe, program_finding, tls_findings};
use portolan_probe::sweep::is_own;
use portolan_probe::{Hints, Limits, Outcome, Plan, Request, Safety};
use portolan_registry::Transport;

use crate::Sources;
use crate::query::Target;
use crate::restraint::PRINTER_PORTS;

/// How targets may be asked, and as whom.
#[derive(Clone, Debug)]
pub struct Asking {
    /// What may be risked at the far end.
    pub safety: Safety,
    /// Sockets, rate and time.
    pub limits: Limits,
    /// Whether to look who holds a target of this machine: that program's protocol is asked first,
    /// and shown beside what answers.
    pub look_here: bool,
    /// Whom to become before dialling, where this process is root.
    pub identity: Identity,
    /// The moment, in seconds since 1970, against which certificates are held.
    pub now: Option<i64>,
}

/// The answer for one target.
#[derive(Clone, Debug)]
pub struct Identified {
    /// The target as typed.
    pub target: Target,
    /// The address that was asked: the first that the name has.
    pub address: SocketAddr,
    /// The listener, where the address is this machine's and it was found.
    pub listener: Option<Listener>,
    /// What came of it.
    pub outcome: Outcome,
    /// What deserves attention about that.
    pub findings: Vec<Finding>,
}

/// Who hears how the asking goes on.
pub trait Audience {
    /// Which addresses of other machines are about to be asked, each once; before the first byte.
    /// Not called where there are none.
    fn contacts(&mut self, addresses: &[SocketAddr]);
    /// An answer, as soon as it stands, with its place among the targets and their number.
    fn answer(&mut self, at: usize, all: usize, identified: &Identified);
}

/// Why no target was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name that has no address.
    #[error("cannot find the address of {host:?}; check its spelling or the name service")]
    Resolve {
        /// The name.
        host: String,
        /// What the system says.
        source: Option<std::io::Error>,
    },
    /// Root was not given up, so nothing is dialled.
    #[error("nothing was asked; run it as an ordinary user")]
    Privilege(#[from] privilege::Error),
}

/// Asks every target, as far as `asking` goes. This machine's own sockets are looked at first;
/// then privileges are dropped, for good. The caller must not have started another thread.
///
/// # Errors
/// Where a name has no address, or privileges could not be dropped: then nothing was sent.
pub fn identify(
    sources: &Sources<'_>,
    targets: Vec<Target>,
    asking: &Asking,
    audience: &mut dyn Audience,
) -> Result<Vec<Identified>, Error> {
    let numeric: Vec<Option<SocketAddr>> = targets.iter().map(by_number).collect();
    let mut listeners = match asking.look_here {
        true => here::listeners(&targets, &numeric),
        false => vec![None; targets.len()],
    };
    privilege::drop_to_unprivileged(asking.identity)?;
    let mut answers: Vec<Identified> = Vec::with_capacity(targets.len());
    let mut requests = Vec::with_capacity(targets.len());
    for (at, target) in targets.into_iter().enumerate() {
        let address = match numeric[at] {
            Some(address) => address,
            None => resolve(&target)?,
        };
        let listener = listeners[at].take();
        let named = numeric[at].is_none().then(|| target.host.clone());
        requests.push(Request {
            target: address,
            transport: target.transport,
            host: named,
            plan: plan(sources, &target, listener.as_ref(), asking.safety),
        });
        answers.push(Identified {
            target,
            address,
            listener,
            outcome: Outcome::unasked(Probe::skipped("it was not asked")),
            findings: Vec::new(),
        });
    }
    let total = answers.len();
    let mut foreign: Vec<SocketAddr> = answers.iter().map(|one| one.address).collect();
    foreign.retain(|address| !is_own(*address));
    foreign.sort();
    foreign.dedup();
    if !foreign.is_empty() {
        audience.contacts(&foreign);
    }
    asking.limits.raise_open_files();
    portolan_probe::identify(requests, &asking.limits, &mut |at, outcome| {
        let seen = outcome.identification.as_ref();
        let one = &mut answers[at];
        if let Some(seen) = seen {
            one.findings = tls_findings(seen, asking.now);
            let owner = one.listener.as_ref().and_then(|l| l.owners.first());
            let disagreement = owner.and_then(|owner| program_finding(owner, seen));
            one.findings.extend(disagreement);
        }
        answers[at].outcome = outcome.clone();
        audience.answer(at, total, &answers[at]);
    });
    Ok(answers)
}

/// What is expected there comes first: the protocol of the program that holds the port, then the
/// one that the port is registered for.
pub(crate) fn plan(
    sources: &Sources<'_>,
    target: &Target,
    listener: Option<&Listener>,
    safety: Safety,
) -> Plan {
    let expectation = sources.expectation(target.port, target.transport);
    let registered = match expectation.usually_tls() {
        true => Some("tls"),
        false => expectation.usual_protocol(),
    };
    let program = listener.and_then(|l| l.owners.iter().find_map(usual_protocol_of));
    // What is sent there is printed: a printer is only listened to.
    let prints = target.transport == Transport::Tcp && PRINTER_PORTS.contains(&target.port);
    let safety = match prints && safety == Safety::Polite {
        true => Safety::Passive,
        false => safety,
    };
    let hints = Hints {
        program,
        registered,
    };
    Plan::identify(target.transport, hints, safety)
}

/// The address of a target that was given by its number.
fn by_number(target: &Target) -> Option<SocketAddr> {
    let ip = target.host.parse().ok()?;
    Some(SocketAddr::new(ip, target.port))
}

/// The first address that the target's name has.
pub(crate) fn resolve(target: &Target) -> Result<SocketAddr, Error> {
    let failed = |source| Error::Resolve {
        host: target.host.clone(),
        source,
    };
    (target.host.as_str(), target.port)
        .to_socket_addrs()
        .map_err(|e| failed(Some(e)))?
        .next()
        .ok_or_else(|| failed(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printer_is_only_listened_to_unless_everything_is_allowed() {
        let passive = |port: u16, transport, safety| {
            let target = Target {
                host: "127.0.0.1".to_owned(),
                port,
                transport,
            };
            plan(&Sources::embedded(), &target, None, safety).passive
        };
        for port in [9100, 9107] {
            assert!(passive(port, Transport::Tcp, Safety::Polite), "{port}");
            assert!(!passive(port, Transport::Tcp, Safety::Full), "{port}");
            assert!(!passive(port, Transport::Udp, Safety::Polite), "{port}");
        }
        for port in [9099, 9108] {
            assert!(!passive(port, Transport::Tcp, Safety::Polite), "{port}");
        }
    }
}
