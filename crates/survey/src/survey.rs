//! The survey: listeners, owners, what answers, verdicts.

mod asking;
mod astray;

use std::collections::HashMap;
use std::net::IpAddr;

use portolan_inspect::Options;
use portolan_inspect::privilege::Identity;
use portolan_ports::system::LocalRanges;
use portolan_ports::{
    Expectation, Gap, Identification, Listener, Namespace, Observation, Probe, Publication,
    Surroundings, Verdict, VerdictKind, judge,
};
use portolan_registry::Transport;

use crate::Sources;
use crate::restraint::Never;

pub(crate) use asking::{Asked, ask};

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
    if let Some(site) = sources.site {
        astray::read_ahead(site, &seen.listeners);
    }
    let (mut listeners, held_back) =
        ask_and_judge(sources, seen.listeners, asking, &ranges, on_answer);
    let mut gaps = seen.gaps;
    gaps.extend(ranges.gaps);
    if let Some(site) = sources.site {
        astray::note(site, &mut listeners, asking.now, &gaps);
        gaps.extend(site.gaps());
    }
    listeners.sort_by_key(worst_first);
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
        .map(|l| sources.expectation_here(l.port, l.transport))
        .collect();
    let Asked { answers, held_back } =
        ask(&listeners, &expectations, asking, &|_, _| Ok(()), on_answer);
    let by_port = by_port(&listeners);
    let judged = listeners
        .iter()
        .zip(expectations)
        .zip(answers)
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
