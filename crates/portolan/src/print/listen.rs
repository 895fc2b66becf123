//! Listeners and owners as text.

use portolan_inspect::Snapshot;
use portolan_registry::Registry;

use super::judged::{address, gap_lines, owners, place, registered};
use super::{Columns, Output, Tone, neutral};

pub(crate) fn text(host: &str, seen: &Snapshot, registry: &Registry, output: &Output) -> String {
    if seen.listeners.is_empty() && seen.gaps.is_empty() {
        return format!("{}: nothing listens\n", neutral(host));
    }
    let mut columns = Columns::new(["PORT", "ADDRESS", "USER", "PROGRAM", "REGISTERED"]);
    let mut before = None;
    let mut name = (String::new(), Tone::Faint);
    for listener in &seen.listeners {
        let key = (listener.port, listener.transport);
        if before.replace(key) != Some(key) {
            name = registered(&registry.standing(listener.port, listener.transport));
        }
        let user = listener.owners.first().map(|owner| {
            owner
                .user
                .clone()
                .or_else(|| owner.uid.map(|uid| uid.to_string()))
                .unwrap_or_default()
        });
        columns.push([
            (place(listener), Tone::Strong),
            (address(listener), Tone::Plain),
            (neutral(&user.unwrap_or_default()).into_owned(), Tone::Plain),
            (owners(listener), Tone::Plain),
            name.clone(),
        ]);
    }
    let mut text = columns.text(0, output);
    let own = seen.listeners.iter().filter_map(|l| l.owner_gap.as_ref());
    for line in gap_lines(own.chain(&seen.gaps), output) {
        text.push_str(&format!("Not seen: {line}\n"));
    }
    text
}
