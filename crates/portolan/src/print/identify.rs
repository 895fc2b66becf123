//! What answered at the named addresses, as text.

use portolan_ports::ProbeState;
use portolan_probe::State;
use portolan_survey::identify::Identified;

use super::judged::spoken;
use super::{Columns, Output, Tone, neutral};

pub(crate) fn text(identified: &[Identified], output: &Output) -> String {
    let mut columns = Columns::new(["TARGET", "STATE", "ANSWERS", "EVIDENCE"]);
    for one in identified {
        let outcome = &one.outcome;
        let state = match outcome.state {
            State::Open => (outcome.state.as_str().to_owned(), Tone::Good),
            State::Closed | State::Silent => (outcome.state.as_str().to_owned(), Tone::Warning),
        };
        let answer = match (&outcome.identification, outcome.probe.state) {
            (Some(seen), _) => (spoken(seen), Tone::Plain),
            (None, ProbeState::Skipped) => ("not asked".to_owned(), Tone::Faint),
            (None, ProbeState::Silent) if outcome.state == State::Open => {
                ("nothing".to_owned(), Tone::Faint)
            }
            (None, _) => ("unknown".to_owned(), Tone::Faint),
        };
        let evidence = match &outcome.identification {
            Some(seen) => seen.evidence.first().map(evidence_of).unwrap_or_default(),
            None => outcome.probe.why.clone().unwrap_or_default(),
        };
        columns.push([
            (
                format!("{}/{}", one.address, one.target.transport),
                Tone::Strong,
            ),
            state,
            answer,
            (neutral(&evidence).into_owned(), Tone::Faint),
        ]);
    }
    columns.text(0, output)
}

/// What was sent, and the first rule that its answer met.
fn evidence_of(evidence: &portolan_ports::Evidence) -> String {
    let rule = evidence.rule.split("; ").next().unwrap_or_default();
    match &evidence.sent {
        Some(sent) => format!("{rule} (to {sent})"),
        None => format!("{rule} (unasked)"),
    }
}
