//! A check as text: one line for each thing that breaks the policy, one for each rule that could not
//! be judged, and a summary.

#[cfg(test)]
mod example;
pub(crate) mod junit;
pub(crate) mod sarif;
mod subject;

use std::collections::BTreeSet;

use portolan_ports::policy::Origin;
use portolan_ports::{Gap, Listener, Severity, Unseen, Why};
use portolan_registry::{PortRange, Transport};
use portolan_survey::check::since::{Earlier, Since};
use portolan_survey::check::{Check, ViolationKind};

use super::judged::{address, gap_lines, owners, place};
use super::{Columns, Output, Tone, one_line};

/// What is new since an earlier check, and how much of that is known or gone.
pub(crate) fn new_only(new: &Since, earlier: &Earlier, output: &Output) -> String {
    let known = new.known.violations.len() + new.known.unseen.len();
    format!(
        "{}new since {}; {known} known already, {} gone\n",
        text(&new.new, output),
        one_line(earlier.observed_at()),
        new.gone
    )
}

pub(crate) fn text(check: &Check, output: &Output) -> String {
    let mut text = String::new();
    put(&mut text, &violations(check, output));
    put(&mut text, &unseen(check, output));
    put(&mut text, &gaps(check, output));
    text.push_str(&summary(check, output));
    text.push('\n');
    text
}

/// A part, with an empty line after it.
fn put(text: &mut String, part: &str) {
    if !part.is_empty() {
        text.push_str(part);
        text.push('\n');
    }
}

fn violations(check: &Check, output: &Output) -> String {
    let mut columns = Columns::new(["", "", "", ""]);
    for found in &check.violations {
        let tone = match found.severity {
            Severity::Alert => Tone::Bad,
            Severity::Warning => Tone::Warning,
            Severity::Note => Tone::Plain,
        };
        let mut because = found.because.clone();
        let names_its_holder = [ViolationKind::Denied, ViolationKind::Unlisted];
        if let Some(listener) = &found.listener
            && names_its_holder.contains(&found.kind)
        {
            because.push_str(&format!("; held by {}", holder(listener)));
        }
        columns.push([
            (found.severity.as_str().to_owned(), tone),
            (
                at(found.listener.as_ref(), found.ports, found.transport),
                Tone::Strong,
            ),
            (one_line(&found.rule), Tone::Plain),
            (reason(&because, &found.origin), Tone::Plain),
        ]);
    }
    columns.text(0, output)
}

fn unseen(check: &Check, output: &Output) -> String {
    let mut columns = Columns::new(["", "", "", ""]);
    for found in &check.unseen {
        columns.push([
            ("not seen".to_owned(), Tone::Warning),
            (
                at(found.listener.as_ref(), found.ports, found.transport),
                Tone::Strong,
            ),
            (one_line(&found.rule), Tone::Plain),
            (reason(&found.because, &found.origin), Tone::Plain),
        ]);
    }
    columns.text(0, output)
}

/// What was not seen at all and may hide something. Who else holds a socket, and what some owner is
/// like, is said above where a rule speaks of it.
fn gaps(check: &Check, output: &Output) -> String {
    let beyond_rules = |gap: &&Gap| !matches!(gap.what, Unseen::CoOwners | Unseen::OwnerDetail);
    let mut columns = Columns::new([""]);
    for line in gap_lines(check.gaps.iter().filter(beyond_rules), output) {
        columns.push([(format!("Not seen: {line}"), Tone::Plain)]);
    }
    columns.text(0, output)
}

/// `443/tcp at 0.0.0.0`, or the ports where no listener is.
fn at(listener: Option<&Listener>, ports: PortRange, transport: Option<Transport>) -> String {
    match (listener, transport) {
        (Some(listener), _) => format!("{} at {}", place(listener), address(listener)),
        (None, Some(transport)) => format!("{ports}/{transport}"),
        (None, None) => ports.to_string(),
    }
}

fn holder(listener: &Listener) -> String {
    let published = listener.published.as_ref();
    match published.filter(|_| listener.owners.is_empty() && listener.owner_gap.is_none()) {
        Some(to) => format!("{} (published, no socket)", to.container),
        None => owners(listener),
    }
}

fn reason(because: &str, origin: &Origin) -> String {
    one_line(&format!("{because} [{origin}]"))
}

/// "3 rules, 12 listeners: 1 violation, 1 rule could not be judged (run as root to see it)".
fn summary(check: &Check, output: &Output) -> String {
    let count =
        |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let notes = check
        .violations
        .iter()
        .filter(|found| found.severity == Severity::Note)
        .count();
    let violations = check.violations.len() - notes;
    let rules: BTreeSet<&str> = check.unseen.iter().map(|u| u.rule.as_str()).collect();
    let mut parts = Vec::new();
    if violations > 0 {
        parts.push(count(violations, "violation", "violations"));
    }
    if notes > 0 {
        parts.push(count(notes, "note", "notes"));
    }
    if !rules.is_empty() {
        let them = if rules.len() == 1 { "it" } else { "them" };
        let hint = match !output.is_root() && for_lack_of_permission(check) {
            true => format!(" (run as root to see {them})"),
            false => String::new(),
        };
        parts.push(format!(
            "{} could not be judged{hint}",
            count(rules.len(), "rule", "rules")
        ));
    }
    let (tone, said) = match (violations, parts.is_empty()) {
        (_, true) => (
            Tone::Good,
            "everything is as the policy wants it".to_owned(),
        ),
        (0, false) => (Tone::Warning, parts.join(", ")),
        (_, false) => (Tone::Bad, parts.join(", ")),
    };
    let whole = format!(
        "{}, {}: {said}",
        count(check.rules.len(), "rule", "rules"),
        count(check.listeners, "listener", "listeners"),
    );
    output.paint(tone, &whole)
}

/// Whether root would have seen more of what could not be judged.
fn for_lack_of_permission(check: &Check) -> bool {
    let denied = |gap: &Gap| gap.why == Why::Permission;
    check.unseen.iter().any(|found| match &found.listener {
        Some(listener) => listener.owner_gap.as_ref().is_some_and(denied),
        None => check.gaps.iter().any(denied),
    })
}
