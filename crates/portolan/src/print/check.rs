//! A check as text: one line for each thing that breaks the policy, one for each rule that could not
//! be judged, and a summary.

#[cfg(test)]
mod example;
pub(crate) mod junit;
pub(crate) mod sarif;
mod subject;
mod summary;

use portolan_ports::{Gap, Listener, Severity, Unseen};
use portolan_registry::{PortRange, Transport};
use portolan_survey::check::since::{Earlier, Since};
use portolan_survey::check::{Basis, Check, SITE_REGISTRY, ViolationKind};

use super::judged::{address, gap_lines, owners, place};
use super::{Columns, Output, Tone, one_line};

pub(crate) fn text(check: &Check, output: &Output) -> String {
    let summary = summary::of(check, output);
    format!("{}{summary}\n", findings(check, output))
}

/// What is new since an earlier check, and how much else stands or is gone.
pub(crate) fn since(since: &Since, earlier: &Earlier, output: &Output) -> String {
    let mut text = findings(&since.new, output);
    text.push_str(&summary::since(since, earlier, output));
    text.push('\n');
    text
}

/// Each finding on a line of its own, and what could not be seen.
fn findings(check: &Check, output: &Output) -> String {
    let mut text = String::new();
    put(&mut text, &violations(check, output));
    put(&mut text, &unseen(check, output));
    put(&mut text, &gaps(check, output));
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
    let site_is_told = check.unseen.iter().any(|one| one.rule == SITE_REGISTRY);
    let beyond_rules = |gap: &&Gap| match gap.what {
        Unseen::CoOwners | Unseen::OwnerDetail => false,
        Unseen::SiteRegistry => !site_is_told,
        _ => true,
    };
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

fn reason(because: &str, origin: &Basis) -> String {
    one_line(&format!("{because} [{origin}]"))
}
