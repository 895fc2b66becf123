//! What speaks at the addresses that a person named.

use std::net::{SocketAddr, ToSocketAddrs};

use portolan_inspect::privilege::{self, Identity};
use portolan_ports::Probe;
use portolan_probe::{Limits, Outcome, Plan, Request, State};
use portolan_registry::Transport;

use crate::Sources;
use crate::query::Target;

/// The answer for one target.
#[derive(Clone, Debug)]
pub struct Identified {
    /// The target as typed.
    pub target: Target,
    /// The address that was asked: the first that the name has.
    pub address: SocketAddr,
    /// What came of it.
    pub outcome: Outcome,
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

/// Asks every target, as far as politeness goes. Privileges are dropped first, for good; the
/// caller must not have started another thread.
///
/// # Errors
/// Where a name has no address, or privileges could not be dropped: then nothing was sent.
pub fn identify(
    sources: &Sources<'_>,
    targets: Vec<Target>,
    identity: Identity,
    on_answer: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Identified>, Error> {
    privilege::drop_to_unprivileged(identity)?;
    let resolved: Vec<(Target, SocketAddr)> = targets
        .into_iter()
        .map(|target| resolve(&target).map(|address| (target, address)))
        .collect::<Result<_, _>>()?;
    let asked = |(target, _): &&(Target, SocketAddr)| target.transport == Transport::Tcp;
    let requests: Vec<Request> = resolved
        .iter()
        .filter(asked)
        .map(|(target, address)| {
            let expectation = sources.expectation(target.port, target.transport);
            let tls = expectation.usually_tls().then_some("tls");
            let plan = Plan::identify(tls.or_else(|| expectation.usual_protocol()));
            Request {
                target: *address,
                plan,
            }
        })
        .collect();
    let total = requests.len();
    let mut answered = 0;
    let mut outcomes = portolan_probe::identify(requests, &Limits::default(), &mut |_, _| {
        answered += 1;
        on_answer(answered, total);
    })
    .into_iter();
    Ok(resolved
        .into_iter()
        .map(|(target, address)| {
            let outcome = match target.transport {
                Transport::Tcp => outcomes.next(),
                _ => None,
            };
            let outcome = outcome.unwrap_or_else(|| unasked(target.transport));
            Identified {
                target,
                address,
                outcome,
            }
        })
        .collect())
}

fn resolve(target: &Target) -> Result<SocketAddr, Error> {
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

fn unasked(transport: Transport) -> Outcome {
    Outcome {
        state: State::Silent,
        probe: Probe::skipped(format!("no first packet for {transport} is known yet")),
        identification: None,
        elapsed: std::time::Duration::ZERO,
    }
}
