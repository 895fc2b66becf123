//! Counts over a registry, as text.

use portolan_registry::{Registry, Statistics, Transport};

use super::{Columns, Output, Tone};

pub(crate) fn text(registry: &Registry, counted: &Statistics, output: &Output) -> String {
    let title = format!(
        "Registry of {}: {} rows, {} names",
        registry.date(),
        grouped(counted.rows),
        grouped(counted.names)
    );
    let mut text = format!("{}\n\n", output.paint(Tone::Strong, &title));
    let mut columns = Columns::new(["", ""]);
    let mut line = |what: &str, count: usize| {
        columns.push([
            (what.to_owned(), Tone::Plain),
            (grouped(count), Tone::Plain),
        ]);
    };
    line("rows with one port", counted.single);
    line("rows with a range", counted.ranges);
    line("names without a port", counted.portless);
    for transport in Transport::ALL {
        line(
            &format!("rows for {transport}"),
            counted.by_transport[transport as usize],
        );
    }
    line("rows for every transport or none", counted.no_transport);
    text.push_str(&columns.text(2, output));
    text.push('\n');
    let mut columns = Columns::new(["PORTS", "ASSIGNED", "UNASSIGNED", "RESERVED"]);
    for (transport, count) in Transport::ALL.into_iter().zip(counted.ports) {
        let cell = |n: u32| (grouped(n as usize), Tone::Plain);
        columns.push([
            (transport.to_string(), Tone::Strong),
            cell(count.assigned),
            cell(count.unassigned),
            cell(count.reserved),
        ]);
    }
    text.push_str(&columns.text(2, output));
    if counted.newer > 0 {
        text.push_str(&format!(
            "\n{} rows were changed or cut by a newer source that tells names and descriptions \
             alone;\nportolan registry export --only newer lists them\n",
            counted.newer
        ));
    }
    text
}

/// Digits in groups of three, as people write them.
pub(crate) fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
