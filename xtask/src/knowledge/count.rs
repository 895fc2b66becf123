//! How many facts there are, of what sort, and about how many ports.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use portolan_ports::knowledge::{FactCount, FactKind, Knowledge};

/// All counts as text.
pub(super) fn text(knowledge: Knowledge<'_>) -> String {
    let mut all = FactCount::default();
    let mut areas: BTreeMap<&str, FactCount> = BTreeMap::new();
    // By port: whether a fact speaks of it alone, or only one about a range does.
    let mut alone = vec![false; 1 << 16];
    let mut covered = vec![false; 1 << 16];
    for fact in knowledge.facts() {
        all.add(&fact);
        areas.entry(fact.area).or_default().add(&fact);
        for port in fact.ports.ports() {
            covered[usize::from(port)] = true;
            alone[usize::from(port)] |= fact.ports.is_single();
        }
    }
    let contested: Vec<String> = (0..=u16::MAX)
        .filter(|port| knowledge.is_contested(*port))
        .map(|port| port.to_string())
        .collect();
    let ports = |which: &[bool]| which.iter().filter(|named| **named).count();

    let mut text = format!(
        "{} facts, knowledge of {}\n{:.1} % verified, {} not\n\
         {} ports have a fact of their own; with the ranges that facts speak of it is {}\n\n",
        all.all(),
        if knowledge.is_empty() {
            "no day"
        } else {
            knowledge.date()
        },
        share(all),
        all.unverified,
        ports(&alone),
        ports(&covered),
    );
    let kinds = FactKind::ALL.map(|kind| (kind.as_str(), knowledge.count(kind)));
    table(&mut text, "kind", kinds);
    table(&mut text, "file", areas);
    let _infallible = writeln!(
        text,
        "{} contested ports: {}",
        contested.len(),
        contested.join(" ")
    );
    text
}

fn table<'a>(text: &mut String, what: &str, rows: impl IntoIterator<Item = (&'a str, FactCount)>) {
    let _infallible = writeln!(text, "{what:<20} {:>6} {:>10}", "facts", "verified");
    for (name, count) in rows {
        let _infallible = writeln!(
            text,
            "{name:<20} {:>6} {:>8.1} %",
            count.all(),
            share(count)
        );
    }
    text.push('\n');
}

/// How many of a hundred are verified; of nothing, all.
fn share(count: FactCount) -> f64 {
    match count.all() {
        0 => 100.0,
        all => 100.0 * count.verified as f64 / all as f64,
    }
}
