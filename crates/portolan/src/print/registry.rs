//! Counts over a registry, as text.

use portolan_registry::{Registry, Statistics, Transport};

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
    line("rows with a service name", counted.named_rows);
    line("rows with a cell of several lines", counted.multi_line_rows);
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
    text.push_str(&format!("\n{}", sharing(counted, output)));
    text.push_str(&growth(counted, output));
    if counted.newer > 0 {
        text.push_str(&format!(
            "\n{} rows were changed or cut by a newer source that tells names and descriptions \
             alone;\nportolan registry export --only newer lists them\n",
            counted.newer
        ));
    }
    text
}

/// What is odd about names and ports, in words and numbers.
fn sharing(counted: &Statistics, output: &Output) -> String {
    let mut columns = Columns::new(["", ""]);
    let mut line = |what: &str, count: usize| {
        columns.push([
            (what.to_owned(), Tone::Plain),
            (grouped(count), Tone::Plain),
        ]);
    };
    let sharing = counted.sharing;
    line(
        "ports that several services share on one transport",
        sharing.shared,
    );
    line("ports with a legacy alias beside the name", sharing.aliases);
    line(
        "ports with other names on TCP than on UDP",
        sharing.tcp_udp_differ,
    );
    line("names on several ports", counted.names_on_several_ports);
    line(
        "names that break RFC 6335 section 5.1",
        counted.breaking.names,
    );
    line("rows that bear such a name", counted.breaking.rows);
    line(
        "ports and blocks reported as used without an assignment",
        counted.unauthorized_ports,
    );
    columns.text(2, output)
}

/// Rows by the year of their registration, as bars of at most forty signs.
fn growth(counted: &Statistics, output: &Output) -> String {
    const LONGEST: usize = 40;
    let Some(highest) = counted.by_year.values().copied().max() else {
        return String::new();
    };
    let dated: usize = counted.by_year.values().sum();
    let span = counted
        .dates
        .as_ref()
        .map(|(first, last)| format!("; dates from {first} to {last}"))
        .unwrap_or_default();
    let title = format!(
        "{} rows tell when they were registered{span}",
        grouped(dated)
    );
    let mut columns = Columns::new(["", "", ""]);
    for (year, rows) in &counted.by_year {
        let bar = "#".repeat((rows * LONGEST).div_ceil(highest));
        columns.push([
            (year.to_string(), Tone::Strong),
            (format!("{:>5}", grouped(*rows)), Tone::Plain),
            (bar, Tone::Good),
        ]);
    }
    let title = output.paint(Tone::Strong, &one_line(&title));
    format!("\n{title}\n{}", columns.text(2, output))
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
