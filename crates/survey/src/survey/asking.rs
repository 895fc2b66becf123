//! Asking listeners what they speak: whom, as whom, and each address once.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use portolan_inspect::privilege::{Outcome as Dropping, drop_to_unprivileged};
use portolan_ports::{Expectation, Identification, Listener, Probe};
use portolan_probe::{Limits, Outcome, Plan, Request};
use portolan_registry::Transport;

use super::Asking;
use crate::restraint::{self, Crowd};

/// What came of asking.
pub(crate) struct Asked {
    /// For each listener, how far it was asked and what answered.
    pub(crate) answers: Vec<Answer>,
    /// Why nobody was asked, where privileges could not be given up first.
    pub(crate) held_back: Option<String>,
}

/// Whether a listener shall be asked, before it is known whether it may be; else why not, as the
/// end of a sentence.
pub(crate) type Wanted<'w> = &'w dyn Fn(&Listener, &Expectation<'_>) -> Result<(), &'static str>;

/// Asks those listeners that are `wanted`, as far as that is allowed. Where there is one, privileges
/// are dropped for good before the first byte is dialled.
pub(crate) fn ask(
    listeners: &[Listener],
    expectations: &[Expectation<'_>],
    asking: &Asking,
    wanted: Wanted<'_>,
    on_answer: &mut dyn FnMut(usize, usize),
) -> Asked {
    let wanted: Vec<Result<(), &'static str>> = listeners
        .iter()
        .zip(expectations)
        .map(|(listener, expectation)| match asking.passive {
            Some(why) => Err(why),
            None => wanted(listener, expectation),
        })
        .collect();
    let silent = wanted.iter().all(Result::is_err);
    let dropped = match silent {
        true => Ok(Dropping::NotRoot),
        false => drop_to_unprivileged(asking.identity).map_err(|error| error.to_string()),
    };
    let root_looked = matches!(dropped, Ok(Dropping::Dropped(_)));
    let held_back = dropped.err();
    let crowd = match silent {
        true => Crowd::default(),
        false => Crowd::of(listeners, root_looked),
    };
    let plans: Vec<Result<Plan, String>> = listeners
        .iter()
        .zip(expectations)
        .zip(wanted)
        .map(|((listener, expectation), wanted)| {
            wanted.map_err(str::to_owned)?;
            match &held_back {
                Some(error) => Err(error.clone()),
                None => restraint::plan(listener, expectation, &asking.never, &crowd),
            }
        })
        .collect();
    Asked {
        answers: dial(listeners, plans, on_answer),
        held_back,
    }
}

type Answer = (Probe, Option<Identification>);

/// Asks each address once, however many sockets share it.
fn dial(
    listeners: &[Listener],
    plans: Vec<Result<Plan, String>>,
    on_answer: &mut dyn FnMut(usize, usize),
) -> Vec<Answer> {
    let mut requests: Vec<Request> = Vec::new();
    let mut asked: HashMap<(Transport, SocketAddr), usize> = HashMap::new();
    let places: Vec<Result<usize, String>> = listeners
        .iter()
        .zip(plans)
        .map(|(listener, plan)| {
            let plan = plan?;
            let target = dial_address(listener);
            let transport = listener.transport;
            Ok(*asked.entry((transport, target)).or_insert_with(|| {
                requests.push(Request {
                    target,
                    transport,
                    host: None,
                    plan,
                });
                requests.len() - 1
            }))
        })
        .collect();
    let total = requests.len();
    let mut answered = 0;
    let outcomes: Vec<Outcome> = if requests.is_empty() {
        Vec::new()
    } else {
        portolan_probe::identify(requests, &Limits::default(), &mut |_, _| {
            answered += 1;
            on_answer(answered, total);
        })
    };
    places
        .into_iter()
        .map(|place| match place {
            Ok(place) => (
                outcomes[place].probe.clone(),
                outcomes[place].identification.clone(),
            ),
            Err(why) => (Probe::skipped(why), None),
        })
        .collect()
}

/// An address at which the listener takes connections: its own, or loopback where it takes all.
fn dial_address(listener: &Listener) -> SocketAddr {
    let address = match listener.address {
        IpAddr::V4(a) if a.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(a) if a.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        address => address.to_canonical(),
    };
    match address {
        // A link-local address means nothing without its interface (RFC 4007 section 6).
        IpAddr::V6(address) if address.is_unicast_link_local() => {
            let interface = listener.interface.as_deref();
            let scope = interface.and_then(portolan_inspect::interface_index);
            SocketAddrV6::new(address, listener.port, 0, scope.unwrap_or(0)).into()
        }
        address => SocketAddr::new(address, listener.port),
    }
}
