//! Many addresses, within the limits of this process.

use std::time::Duration;

use portolan_ports::Probe;

use crate::{Limits, Outcome, Request, State};

/// Asks every target and answers in the order of `requests`.
pub fn identify(
    requests: Vec<Request>,
    limits: &Limits,
    on_outcome: &mut dyn FnMut(usize, &Outcome),
) -> Vec<Outcome> {
    let _ = limits.connections_allowed();
    requests
        .iter()
        .enumerate()
        .map(|(at, _)| {
            let outcome = Outcome {
                state: State::Silent,
                probe: Probe::skipped("not built yet"),
                identification: None,
                elapsed: Duration::ZERO,
            };
            on_outcome(at, &outcome);
            outcome
        })
        .collect()
}
