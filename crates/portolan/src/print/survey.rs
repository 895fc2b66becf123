//! The survey as text: the summary, the table with the worst first, then reasons in plain words.

use std::collections::BTreeMap;

use portolan_ports::{FindingKind, Scope, Severity, VerdictKind};
use portolan_survey::Sources;
use portolan_survey::survey::{Judged, Survey};

use super::judged::{address, answer, bound, gap_lines, marked_verdict, owners, place, verdict};
use super::{Columns, Output, Tone, holder, neutral, registered};

pub(crate) fn text(
    survey: &Survey<'_>,
    sources: &Sources<'_>,
    passive: bool,
    output: &Output,
) -> String {
    let mut text = output.paint(Tone::Strong, &summary(survey, output));
    text.push('\n');
    if !survey.listeners.is_empty() || !survey.publications.is_empty() {
        text.push('\n');
        text.push_str(&table(survey, sources, output));
    }
    attention(&mut text, survey, output);
    not_the_registered(&mut text, survey, output);
    unknown(&mut text, survey, passive, output);
    notes(&mut text, survey, output);
    unseen(&mut text, survey, passive, output);
    text.truncate(text.trim_end().len());
    text
}

/// "web1: 31 listeners, 9 beyond loopback, 2 need attention; 6 owners hidden".
fn summary(survey: &Survey<'_>, output: &Output) -> String {
    let count =
        |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let listeners = &survey.listeners;
    let beyond = listeners
        .iter()
        .filter(|j| j.listener.scope() != Scope::Loopback)
        .count();
    let attention = listeners
        .iter()
        .filter(|j| j.verdict.needs_attention())
        .count();
    let hidden = listeners
        .iter()
        .filter(|j| j.listener.owners.is_empty())
        .count();
    let mut line = format!(
        "{}: {}, {beyond} beyond loopback, {}",
        neutral(&survey.host),
        count(listeners.len(), "listener", "listeners"),
        count(attention, "needs attention", "need attention"),
    );
    if hidden > 0 {
        let permission = |j: &Judged<'_>| {
            j.listener
                .owner_gap
                .as_ref()
                .is_some_and(|g| g.why == portolan_ports::Why::Permission)
        };
        let hint = if !output.is_root() && listeners.iter().any(permission) {
            " (run as root to see them)"
        } else {
            ""
        };
        line.push_str(&format!(
            "; {} hidden{hint}",
            count(hidden, "owner", "owners")
        ));
    }
    line
}

/// Listeners, then ports that are published without a socket, of which nothing is judged.
fn table(survey: &Survey<'_>, sources: &Sources<'_>, output: &Output) -> String {
    let mut columns = Columns::new([
        "PORT",
        "ADDRESS",
        "PROGRAM",
        "ANSWERS",
        "REGISTERED",
        "VERDICT",
    ]);
    for judged in &survey.listeners {
        columns.push([
            (place(&judged.listener), Tone::Strong),
            (address(&judged.listener), Tone::Plain),
            (owners(&judged.listener), Tone::Plain),
            answer(judged),
            registered::judged(judged),
            marked_verdict(&judged.verdict),
        ]);
    }
    for published in &survey.publications {
        columns.push([
            (
                format!("{}/{}", published.port, published.transport),
                Tone::Strong,
            ),
            (bound(published.address), Tone::Plain),
            (holder::publication(published), Tone::Plain),
            ("not asked".to_owned(), Tone::Faint),
            registered::at(sources, published.port, published.transport),
            (String::new(), Tone::Faint),
        ]);
    }
    columns.text(0, output)
}

fn heading(text: &mut String, title: &str, output: &Output) {
    text.push_str(&format!("\n{}\n", output.paint(Tone::Strong, title)));
}

/// Each listener that needs a person, with its reasons and their sources.
fn attention(text: &mut String, survey: &Survey<'_>, output: &Output) {
    let mut columns = Columns::new(["", "", ""]);
    for judged in survey
        .listeners
        .iter()
        .filter(|j| j.verdict.needs_attention())
    {
        let own = &judged.verdict;
        if own.kind.needs_attention() {
            let sources = own.sources.join("; ");
            columns.push([
                (place(&judged.listener), Tone::Strong),
                verdict(own),
                (
                    neutral(&format!("{} [{sources}]", own.because)).into_owned(),
                    Tone::Plain,
                ),
            ]);
        }
        // What is the verdict's reason was told.
        let told = |because: &str| own.kind.needs_attention() && because == own.because;
        let findings = own.findings.iter().filter(|f| !told(&f.because));
        for finding in findings.filter(|f| f.severity.needs_attention()) {
            let tone = if finding.severity == Severity::Alert {
                Tone::Bad
            } else {
                Tone::Warning
            };
            let source = finding
                .source
                .as_ref()
                .map(|s| format!(" [{s}]"))
                .unwrap_or_default();
            columns.push([
                (place(&judged.listener), Tone::Strong),
                (finding.kind.as_str().replace('_', " "), tone),
                (
                    neutral(&format!("{}{source}", finding.because)).into_owned(),
                    Tone::Plain,
                ),
            ]);
        }
    }
    put(text, "Needs attention", &columns, output);
}

fn put<const N: usize>(text: &mut String, title: &str, columns: &Columns<N>, output: &Output) {
    let lines = columns.text(2, output);
    if !lines.is_empty() {
        heading(text, title, output);
        text.push_str(&lines);
    }
}

/// What answers although the registry does not name it there: why, and who says so.
fn not_the_registered(text: &mut String, survey: &Survey<'_>, output: &Output) {
    let mut columns = Columns::new(["", "", ""]);
    let kinds = [VerdictKind::Customary, VerdictKind::Unregistered];
    let mut said: Vec<(String, &str)> = Vec::new();
    for judged in survey
        .listeners
        .iter()
        .filter(|j| kinds.contains(&j.verdict.kind))
    {
        let own = &judged.verdict;
        let once = (place(&judged.listener), own.because.as_str());
        if said.contains(&once) {
            continue;
        }
        let because =
            neutral(&format!("{} [{}]", own.because, own.sources.join("; "))).into_owned();
        columns.push([
            (once.0.clone(), Tone::Strong),
            verdict(own),
            (because, Tone::Plain),
        ]);
        said.push(once);
    }
    put(text, "Not the registered service", &columns, output);
}

/// Each reason for not knowing, once, with the ports that share it.
fn unknown(text: &mut String, survey: &Survey<'_>, passive: bool, output: &Output) {
    if passive {
        return;
    }
    let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for judged in survey
        .listeners
        .iter()
        .filter(|j| j.verdict.kind == VerdictKind::Unknown)
    {
        // As a finding it stands above.
        let findings = judged.verdict.findings.iter();
        let mut grave = findings.filter(|f| f.severity.needs_attention());
        if grave.any(|finding| finding.because == judged.verdict.because) {
            continue;
        }
        by_reason
            .entry(&judged.verdict.because)
            .or_default()
            .push(place(&judged.listener));
    }
    put(
        text,
        "Unknown, and why",
        &grouped(by_reason.into_iter()),
        output,
    );
}

/// Each note, once, with the ports that it is about.
fn notes(text: &mut String, survey: &Survey<'_>, output: &Output) {
    let mut by_kind: BTreeMap<(FindingKind, &str), Vec<String>> = BTreeMap::new();
    for judged in &survey.listeners {
        let notes = judged
            .verdict
            .findings
            .iter()
            .filter(|f| f.severity == Severity::Note);
        // A hidden owner is said in the summary, in the table and among what was not seen.
        for note in notes.filter(|f| f.kind != FindingKind::OwnerHidden) {
            by_kind
                .entry((note.kind, &note.because))
                .or_default()
                .push(place(&judged.listener));
        }
    }
    let rows = by_kind
        .into_iter()
        .map(|((_, because), places)| (because, places));
    put(text, "Good to know", &grouped(rows), output);
}

/// The most ports that one reason is said of.
const MOST_PLACES: usize = 8;

fn grouped<'a>(rows: impl Iterator<Item = (&'a str, Vec<String>)>) -> Columns<2> {
    let mut columns = Columns::new(["", ""]);
    for (reason, mut places) in rows {
        places.sort_by_key(|place| {
            place
                .split('/')
                .next()
                .and_then(|port| port.parse::<u16>().ok())
        });
        places.dedup();
        let more = places.len().saturating_sub(MOST_PLACES);
        places.truncate(MOST_PLACES);
        if more > 0 {
            places.push(format!("and {more} more"));
        }
        columns.push([
            (places.join(" "), Tone::Strong),
            (neutral(reason).into_owned(), Tone::Plain),
        ]);
    }
    columns
}

fn unseen(text: &mut String, survey: &Survey<'_>, passive: bool, output: &Output) {
    let own = survey
        .listeners
        .iter()
        .filter_map(|j| j.listener.owner_gap.as_ref());
    let mut lines = gap_lines(own.chain(&survey.gaps), output);
    if let Some(why) = &survey.held_back {
        lines.push(format!("what answers: {why}"));
    }
    if passive {
        lines.push("what answers: nothing was sent (--passive)".to_owned());
    }
    let mut columns = Columns::new([""]);
    for line in lines {
        columns.push([(line, Tone::Plain)]);
    }
    put(text, "Not seen", &columns, output);
}
