//! What answered at the named addresses, as text.

use portolan_ports::{Owner, ProbeState, Severity};
use portolan_probe::State;
use portolan_survey::identify::Identified;

use super::columns::wrap;
use super::holder;
use super::judged::spoken;
use super::session;
use super::{Columns, Output, Tone, neutral};

pub(crate) fn text(identified: &[Identified], output: &Output) -> String {
    // Who holds the socket stands beside what answers; on other machines nobody can say.
    let here = identified.iter().any(|one| one.listener.is_some());
    let held_by = if here { "HELD BY" } else { "" };
    let mut columns = Columns::new(["TARGET", "STATE", "ANSWERS", held_by, "EVIDENCE"]);
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
            (
                one.listener
                    .as_ref()
                    .map(holder::holder)
                    .unwrap_or_default(),
                Tone::Plain,
            ),
            (neutral(&evidence).into_owned(), Tone::Faint),
        ]);
    }
    let mut text = columns.text(0, output);
    for one in identified {
        add_details(&mut text, one, output);
    }
    text
}

/// Below the table: what TLS showed, what deserves attention, and what else was told.
fn add_details(text: &mut String, one: &Identified, output: &Output) {
    let Some(seen) = &one.outcome.identification else {
        return;
    };
    let mut lines: Vec<(String, Tone)> = Vec::new();
    lines.extend(session::line(seen).map(|line| (line, Tone::Plain)));
    let owner = one.listener.as_ref().and_then(|l| l.owners.first());
    lines.extend(owner.and_then(program).map(|line| (line, Tone::Plain)));
    for finding in one.findings.iter().filter(|f| f.severity.needs_attention()) {
        let tone = match finding.severity {
            Severity::Alert => Tone::Bad,
            Severity::Warning | Severity::Note => Tone::Warning,
        };
        let kind = finding.kind.as_str().replace('_', " ");
        lines.push((format!("{kind}: {}", finding.because), tone));
    }
    lines.extend(seen.told.iter().map(|told| (told.clone(), Tone::Faint)));
    if lines.is_empty() {
        return;
    }
    let target = format!("{}/{}", one.address, one.target.transport);
    text.push_str(&format!("\n{}\n", output.paint(Tone::Strong, &target)));
    let room = output
        .width()
        .map_or(usize::MAX, |w| w.saturating_sub(2).max(20));
    for (line, tone) in lines {
        let line = neutral(&line).into_owned();
        for part in wrap(&line, room) {
            text.push_str(&format!("  {}\n", output.paint(tone, part)));
        }
    }
}

/// What the program is that holds the socket, by its file and package.
fn program(owner: &Owner) -> Option<String> {
    let package = owner.package.as_ref()?;
    let version = package.version.as_deref().unwrap_or("of unknown version");
    let file = owner.exe.as_deref().unwrap_or(&owner.program);
    Some(format!(
        "held by {file}, package {} {version}",
        package.name
    ))
}

/// What was sent, and the first rule that its answer met.
fn evidence_of(evidence: &portolan_ports::Evidence) -> String {
    let rule = evidence.rule.split("; ").next().unwrap_or_default();
    match &evidence.sent {
        Some(sent) => format!("{rule} (to {sent})"),
        None => format!("{rule} (unasked)"),
    }
}
