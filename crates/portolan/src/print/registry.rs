//! Counts over a registry, as text.

use portolan_registry::{Origin, Registry, Statistics, Transport};

use super::{Columns, Output, Tone, one_line};

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
        newer(&mut text, registry, counted.newer, output);
    }
    text
}

/// The rows that a newer, poorer source changed: all of them, by name.
fn newer(text: &mut String, registry: &Registry, count: usize, output: &Output) {
    let title = format!(
        "{count} rows are from a newer source that tells names and descriptions alone (or are what \
         it left of a block)"
    );
    text.push_str(&format!("\n{}\n", output.paint(Tone::Strong, &title)));
    let mut columns = Columns::new(["", "", ""]);
    for row in registry.rows().filter(|row| row.origin == Origin::Newer) {
        columns.push([
            (row.place().to_string(), Tone::Strong),
            (one_line(row.service_name()), Tone::Plain),
            (one_line(row.description()), Tone::Plain),
        ]);
    }
    text.push_str(&columns.text(2, output));
}

/// Digits in groups of three, as people write them.
fn grouped(n: usize) -> String {
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
