//! A look-up as text: for one port the whole story, for many a table.

mod answer;
mod around;
mod command;
mod connection;
mod here;
mod holding;
mod known;
mod people;
mod policy;
mod range;
mod site;
mod standing;

use portolan_registry::{RangeKind, Transport};
use portolan_survey::Sources;
use portolan_survey::lookup::{Answer, Lookup, MOST_IN_FULL, PortAnswer};
use portolan_survey::query::Query;

use super::judged::gap_lines;
use super::{Columns, Output, Tone, neutral, one_line};

/// How much is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Detail {
    /// Whether long notes are told whole, and facts with their sources' addresses.
    pub(crate) in_full: bool,
    /// Whether people's mail addresses are told.
    pub(crate) mail: bool,
    /// The day, in UTC: what of the site registry is over.
    pub(crate) today: jiff::civil::Date,
}

/// All answers, one after the other.
pub(crate) fn text(
    found: &Lookup<'_>,
    sources: &Sources<'_>,
    detail: Detail,
    output: &Output,
) -> String {
    let mut parts = Vec::new();
    for answer in found.answers.iter().filter(|answer| answer.is_known()) {
        if let (Query::Name { name, .. }, false) = (&answer.query, answer.registered) {
            parts.push(format!(
                "{} is no registered service name; a program of that name listens here:\n",
                neutral(name)
            ));
        }
        parts.extend(site::named(answer, detail, output));
        if answer.ports.len() <= MOST_IN_FULL as usize {
            let stories = answer.ports.iter();
            // A count is of all ports of a query: beside one port where that is all.
            let (within, below) = match answer.ports.len() {
                1 => (answer.site_elsewhere, 0),
                _ => (0, answer.site_elsewhere),
            };
            parts.extend(stories.map(|port| whole_story(port, within, sources, detail, output)));
            if let (1.., Query::Ports { ports, .. }) = (below, &answer.query) {
                parts.push(site::on_others(below, &ports.to_string(), 0, output));
            }
        } else {
            parts.extend(policy::of_all(answer, output));
            parts.push(range::text(answer, sources, output));
        }
        if !answer.portless.is_empty() {
            parts.push(portless(answer, sources, detail, output));
        }
    }
    let mut unseen = Columns::new([""]);
    for line in gap_lines(found.gaps.iter(), output) {
        unseen.push([(format!("Not seen: {line}"), Tone::Plain)]);
    }
    let gaps = unseen.text(0, output);
    if !gaps.is_empty() {
        parts.push(gaps);
    }
    parts.join("\n")
}

/// What to say of a name that nothing is known of, on one line.
pub(crate) fn unknown(answer: &Answer<'_>, not_looked: bool) -> String {
    let name = match &answer.query {
        Query::Name { name, .. } => name.as_str(),
        Query::Ports { .. } | Query::Target(_) => "this",
    };
    let looked = if not_looked {
        " (without --no-live programs are looked for too)"
    } else {
        ", and no listener's program is called so"
    };
    let hint = match answer.nearest.as_slice() {
        [] => format!("; try: portolan search {name}"),
        [name] => format!("; the nearest is {name}"),
        names => format!("; the nearest are {}", names.join(", ")),
    };
    format!("{name:?} is no registered service name{looked}{hint}")
}

/// `elsewhere` counts the site's records that are valid on other hosts alone.
fn whole_story(
    port: &PortAnswer<'_>,
    elsewhere: u64,
    sources: &Sources<'_>,
    detail: Detail,
    output: &Output,
) -> String {
    let bounds = port.range().bounds();
    let range = match port.range() {
        RangeKind::System => "System",
        RangeKind::User => "User",
        RangeKind::Dynamic => "Dynamic",
    };
    let title = output.paint(Tone::Strong, &format!("Port {}", port.port));
    let registry = sources.registry;
    let by_site = site::text(port, elsewhere, detail, output);
    // A title for IANA's word where the site's stands above it.
    let iana = match by_site.is_empty() {
        true => String::new(),
        false => format!("\n{}\n", output.paint(Tone::Strong, "IANA's registry")),
    };
    let parts = [
        format!("{title}, {range} range {bounds}\n"),
        answer::text(port, registry, output),
        by_site,
        iana,
        standing::text(port, registry, detail, output),
        super::neighbours::text(port, registry, output),
        policy::text(port, output),
        known::text(port, sources, detail, output),
        around::text(port, detail, output),
        here::text(port, output),
        command::text(port, output),
    ];
    parts.concat()
}

/// The longest note that a short answer shows, in characters.
const LONGEST_NOTE: usize = 160;

fn shortened(note: &str, in_full: bool) -> String {
    match note.char_indices().nth(LONGEST_NOTE) {
        Some((at, _)) if !in_full => {
            let end = note[..at].rfind(' ').unwrap_or(at);
            format!("{} ... (portolan show has all of it)", &note[..end])
        }
        _ => note.to_owned(),
    }
}

fn portless(answer: &Answer<'_>, sources: &Sources<'_>, detail: Detail, output: &Output) -> String {
    let mut columns = Columns::new(["", ""]);
    for row in &answer.portless {
        let transport = row.transport.map_or("any transport", Transport::as_str);
        columns.push([
            (transport.to_owned(), Tone::Strong),
            (
                one_line(&format!("{}: {}", row.service_name(), row.description())),
                Tone::Plain,
            ),
        ]);
        for line in standing::details(row, sources.registry, detail) {
            columns.push([(String::new(), Tone::Plain), (line, Tone::Faint)]);
        }
    }
    let title = output.paint(
        Tone::Strong,
        "A service name without a port (RFC 6335 section 5)",
    );
    format!("{title}\n{}", columns.text(2, output))
}

#[cfg(test)]
mod tests;
