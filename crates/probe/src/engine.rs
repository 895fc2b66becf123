//! Many addresses, within the limits of this process.

use portolan_ports::{Probe, ProbeState};
use portolan_registry::Transport;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use crate::limits::Pool;
use crate::{Limits, Outcome, Request, datagram, inquiry};

/// Asks every target, many at a time, and answers in the order of `requests`.
///
/// `on_outcome` hears of each answer as soon as it stands, with its place in `requests`. The call
/// blocks its thread on a runtime of its own; from inside another runtime, call it on a thread of
/// its own.
///
/// Cost: at most [`Limits::connections`] sockets, 16 KiB of answer for each, and the waits of the
/// slowest plan; the targets of one wave share that time.
pub fn identify(
    requests: Vec<Request>,
    limits: &Limits,
    on_outcome: &mut dyn FnMut(usize, &Outcome),
) -> Vec<Outcome> {
    let mut answers: Vec<Option<Outcome>> = vec![None; requests.len()];
    let mut why = "the time for the whole run was over before it was asked";
    match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime.block_on(ask(requests, limits, &mut |at, outcome| {
            on_outcome(at, &outcome);
            answers[at] = Some(outcome);
        })),
        Err(_) => why = "this process has no descriptors left to ask with",
    }
    let complete = answers.into_iter().enumerate().map(|(at, answer)| {
        answer.unwrap_or_else(|| {
            let outcome = Outcome::unasked(Probe::skipped(why));
            on_outcome(at, &outcome);
            outcome
        })
    });
    complete.collect()
}

async fn ask(requests: Vec<Request>, limits: &Limits, answer: &mut dyn FnMut(usize, Outcome)) {
    let until = Instant::now() + limits.total;
    let abreast = limits.connections_allowed().div_ceil(SHARE);
    let pool = Pool::new(limits);
    let mut waiting = requests.into_iter().enumerate();
    let mut asking = JoinSet::new();
    let mut places: Vec<(Id, usize)> = Vec::new();
    loop {
        while asking.len() < abreast && Instant::now() < until {
            let Some((at, request)) = waiting.next() else {
                break;
            };
            places.push((asking.spawn(inquire(request, until, pool.clone())).id(), at));
        }
        let Some(ended) = asking.join_next_with_id().await else {
            return;
        };
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let Some(place) = places.iter().position(|(known, ..)| *known == id) else {
            continue;
        };
        let (_, at) = places.swap_remove(place);
        answer(at, ended.map_or_else(|_| broken(), |(_, outcome)| outcome));
    }
}

/// How many sockets an inquiry is expected to want at once; those that want more wait for them.
const SHARE: usize = 8;

async fn inquire(request: Request, until: Instant, pool: Pool) -> Outcome {
    match request.transport {
        Transport::Tcp => inquiry::inquire(request, until, pool).await,
        Transport::Udp => datagram::inquire(request, until, pool).await,
        other => Outcome::unasked(Probe::skipped(format!(
            "no first packet for {other} is known"
        ))),
    }
}

/// For an inquiry that failed by a fault of this program: the others must not suffer from it.
fn broken() -> Outcome {
    let why = Some("asking it failed inside this program; please report that".to_owned());
    Outcome::unasked(Probe {
        state: ProbeState::Inconclusive,
        why,
        sent: Vec::new(),
    })
}
