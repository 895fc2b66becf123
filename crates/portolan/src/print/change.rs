//! A change of a listener as one line, and its cells for other views.

use portolan_ports::Listener;
use portolan_survey::changes::{Change, ChangeKind};

use super::judged;
use super::{Output, Tone, neutral};

/// `2026-11-21T15:01:02Z opened 8080/tcp 0.0.0.0 nginx 123 (nginx.service)`.
pub(crate) fn line(change: &Change, output: &Output) -> String {
    let listener = &change.listener;
    let word = output.paint(tone(change.kind), &format!("{:6}", change.kind.as_str()));
    let mut line = format!(
        "{} {word} {} {} {}",
        second(change.at),
        place(listener),
        address(listener),
        owners(listener)
    );
    if let Some(namespace) = &listener.namespace {
        line.push_str(&format!(
            " in namespace {}",
            neutral(&namespace.to_string())
        ));
    }
    if let Some(before) = &change.before {
        let was = match change.kind {
            ChangeKind::Scope => address(before),
            _ => owners(before),
        };
        line.push_str(&format!(", was {was}"));
    }
    line
}

/// The colour of a kind of change.
pub(crate) const fn tone(kind: ChangeKind) -> Tone {
    match kind {
        ChangeKind::Opened => Tone::Good,
        ChangeKind::Closed => Tone::Bad,
        ChangeKind::Owner | ChangeKind::Scope => Tone::Warning,
    }
}

/// `4444/tcp`.
pub(crate) fn place(listener: &Listener) -> String {
    judged::place(listener)
}

/// The address, with what else the socket takes.
pub(crate) fn address(listener: &Listener) -> String {
    judged::address(listener)
}

/// The first owner and how many more there are, or why none is known.
pub(crate) fn owners(listener: &Listener) -> String {
    judged::owners(listener)
}

/// RFC 3339, in UTC, to the second.
fn second(time: std::time::SystemTime) -> String {
    jiff::Timestamp::try_from(time)
        .map(|time| format!("{time:.0}"))
        .unwrap_or_default()
}
