//! The whole crate from outside: recorded answers, look-alikes, hostile servers and real ones.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod catalogue;
mod hostile;
mod live;
mod server;
mod session;
mod stand;
mod sweep;
mod transcript;
mod whole;
mod wrapped;

use std::net::SocketAddr;
use std::time::Duration;

use portolan_probe::{Hints, Limits, Outcome, Plan, Request, Safety, identify};
use portolan_registry::Transport;

/// Asks one address by one plan.
fn ask(target: SocketAddr, plan: Plan) -> Outcome {
    let requests = vec![request(target, plan)];
    identify(requests, &Limits::default(), &mut |_, _| {}).remove(0)
}

fn request(target: SocketAddr, plan: Plan) -> Request {
    Request {
        target,
        transport: Transport::Tcp,
        host: None,
        plan,
    }
}

/// What a survey sends where the program and the port are expected to speak these.
fn surveying(program: Option<&str>, registered: Option<&str>) -> Plan {
    let hints = Hints {
        program,
        registered,
    };
    Plan::survey(Transport::Tcp, hints)
}

/// What `identify` sends where the port is registered for this.
fn identifying(registered: Option<&str>) -> Plan {
    let hints = Hints {
        program: None,
        registered,
    };
    Plan::identify(Transport::Tcp, hints, Safety::Polite)
}

/// Product and version, as short as a test wants them.
fn product(outcome: &Outcome) -> (Option<&str>, Option<&str>) {
    let found = outcome.identification.as_ref();
    (
        found.and_then(|i| i.product.as_deref()),
        found.and_then(|i| i.version.as_deref()),
    )
}

/// The protocol, and whether it was inside TLS.
fn protocol(outcome: &Outcome) -> Option<(&str, bool)> {
    outcome
        .identification
        .as_ref()
        .map(|i| (i.protocol.as_ref(), i.tls))
}

/// How much longer than its plan an inquiry may take on a machine that is busy.
const SLACK: Duration = Duration::from_millis(500);
