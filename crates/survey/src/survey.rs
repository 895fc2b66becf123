//! The survey: listeners, owners, what answers, verdicts.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use portolan_inspect::Options;
use portolan_inspect::privilege::{Identity, Outcome as Dropping, drop_to_unprivileged};
use portolan_ports::system::LocalRanges;
use portolan_ports::{
    Expectation, Gap, Identification, Listener, Namespace, Observation, Probe, Publication,
    Surroundings, Verdict, VerdictKind, judge,
};
use portolan_probe::{Limits, Outcome, Plan, Request};
use portolan_registry::Transport;

use crate::Sources;
use crate::restraint::{self, Crowd, Never};

/// What may be asked of listeners, and as whom.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Why nothing may be sent at all, as a sentence without a full stop; `None` where asking is allowed.
    pub passive: Option<&'static str>,
    /// Whom never to ask.
    pub never: Never,
    /// Whom to become before dialling, where this process is root.
    pub identity: Identity,
    /// The moment, in seconds since 1970, against which certificates are held.
    pub now: Option<i64>,
}

impl Asking {
    /// Nothing is sent, for this reason.
    #[must_use]
    pub fn passive(why: &'static str) -> Self {
        Self {
            passive: Some(why),
            never: Never::default(),
            identity: Identity::NOBODY,
            now: None,
        }
    }
}

/// One listener with everything that is known of it.
#[derive(Clone, Debug)]
pub struct Judged<'a> {
    /// The listener.
    pub listener: Listener,
    /// What is supposed to be there.
    pub expectation: Expectation<'a>,
    /// How far it was asked.
    pub probe: Probe,
    /// What answered.
    pub identification: Option<Identification>,
    /// Whether that is right.
    pub verdict: Verdict,
}

/// This machine, surveyed.
#[derive(Clone, Debug)]
pub struct Survey<'a> {
    /// The machine's name.
    pub host: String,
    /// The listeners, those that need attention first.
    pub listeners: Vec<Judged<'a>>,
    /// Ports that an engine publishes without a socket.
    pub publications: Vec<Publication>,
    /// What could not be seen beyond a single listener.
    pub gaps: Vec<Gap>,
    /// Why nothing was asked, where privileges could not be given up first.
    pub held_back: Option<String>,
}

/// Looks, asks, judges. Sockets are collected first; then privileges are dropped for good, before
/// one byte is dialled. The caller must not have started another thread.
///
/// `on_answer` is told how many listeners have answered and how many were asked.
#[must_use]
pub fn survey<'a>(
    sources: &Sources<'a>,
    asking: &Asking,
    on_answer: &mut dyn FnMut(usize, usize),
) -> Survey<'a> {
    let seen = portolan_inspect::listeners(&Options::default());
    let host = portolan_inspect::host_name();
    let ranges = portolan_inspect::local_ranges();
    let (mut listeners, held_back) =
        ask_and_judge(sources, seen.listeners, asking, &ranges, on_answer);
    listeners.sort_by_key(worst_first);
    let mut gaps = seen.gaps;
    gaps.extend(ranges.gaps);
    Survey {
        host,
        listeners,
        publications: seen.publications,
        gaps,
        held_back,
    }
}

/// What needs attention, then what is not understood, then the rest; each by port.
fn worst_first(judged: &Judged<'_>) -> (u8, u16, Transport, IpAddr) {
    let rank = match judged.verdict.kind {
        VerdictKind::Violation => 0,
        VerdictKind::Mismatch => 1,
        _ if judged.verdict.needs_attention() => 2,
        _ => 3,
    };
    let listener = &judged.listener;
    (rank, listener.port, listener.transport, listener.address)
}

/// Asks the listeners as far as that is allowed, and judges each.
pub(crate) fn ask_and_judge<'a>(
    sources: &Sources<'a>,
    listeners: Vec<Listener>,
    asking: &Asking,
    ranges: &LocalRanges,
    on_answer: &mut dyn FnMut(usize, usize),
) -> (Vec<Judged<'a>>, Option<String>) {
    let expectations: Vec<Expectation<'a>> = listeners
        .iter()
        .map(|l| sources.expectation(l.port, l.transport))
        .collect();
    let dropped = match asking.passive {
        Some(_) => Ok(Dropping::NotRoot),
        None => drop_to_unprivileged(asking.identity).map_err(|error| error.to_string()),
    };
    let root_looked = matches!(dropped, Ok(Dropping::Dropped(_)));
    let held_back = dropped.err();
    let crowd = match asking.passive {
        Some(_) => Crowd::default(),
        None => Crowd::of(&listeners, root_looked),
    };
    let plans: Vec<Result<Plan, String>> = listeners
        .iter()
        .zip(&expectations)
        .map(|(listener, expectation)| {
            if let Some(why) = asking.passive {
                return Err(why.to_owned());
            }
            match &held_back {
                Some(error) => Err(error.clone()),
                None => restraint::plan(listener, expectation, &asking.never, &crowd),
            }
        })
        .collect();
    let outcomes = ask(&listeners, plans, on_answer);
    let by_port = by_port(&listeners);
    let judged = listeners
        .iter()
        .zip(expectations)
        .zip(outcomes)
        .map(|((listener, expectation), (probe, identification))| {
            let ephemeral = ranges.ephemeral_with(listener.port);
            let neighbours = &by_port[&place(listener)];
            let verdict = judge(
                &expectation,
                &Observation {
                    listener,
                    probe: &probe,
                    identification: identification.as_ref(),
                    surroundings: &Surroundings {
                        ephemeral,
                        neighbours,
                        now: asking.now,
                    },
                },
            );
            Judged {
                listener: listener.clone(),
                expectation,
                probe,
                identification,
                verdict,
            }
        })
        .collect();
    (judged, held_back)
}

/// What two listeners must share to be neighbours.
type Place<'a> = (Option<&'a Namespace>, Transport, u16);

fn place(listener: &Listener) -> Place<'_> {
    let namespace = listener.namespace.as_ref();
    (namespace, listener.transport, listener.port)
}

fn by_port(listeners: &[Listener]) -> HashMap<Place<'_>, Vec<&Listener>> {
    let mut by_port: HashMap<_, Vec<&Listener>> = HashMap::new();
    for listener in listeners {
        by_port.entry(place(listener)).or_default().push(listener);
    }
    by_port
}

type Answer = (Probe, Option<Identification>);

/// Asks each address once, however many sockets share it.
fn ask(
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
