//! How many facts there are, of what sort, and about how many ports.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use portolan_ports::knowledge::{FactCount, FactKind, Knowledge};
use portolan_registry::PortRange;

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
    let contested: Vec<u16> = (0..=u16::MAX)
        .filter(|port| knowledge.is_contested(*port))
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
        runs(&contested).join(" ")
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

/// Ascending ports as the registry writes them: what follows without a gap is a range.
fn runs(ports: &[u16]) -> Vec<String> {
    ports
        .chunk_by(|a, b| b - a == 1)
        .filter_map(|run| PortRange::new(*run.first()?, *run.last()?))
        .map(|range| range.to_string())
        .collect()
}

/// How many of a hundred are verified; of nothing, all.
fn share(count: FactCount) -> f64 {
    match count.all() {
        0 => 100.0,
        all => 100.0 * count.verified as f64 / all as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_without_a_gap_are_a_range() {
        assert_eq!(runs(&[1, 3, 4, 5, 65_535]), ["1", "3-5", "65535"]);
        assert!(runs(&[]).is_empty());
    }

    #[test]
    fn what_the_program_carries_is_counted_whole() {
        let text = text(portolan_ports::embedded::knowledge());
        let all = portolan_ports::embedded::knowledge().len();
        assert!(text.starts_with(&format!("{all} facts, ")), "{text}");
        // Both tables add up to it.
        for heading in ["kind", "file"] {
            let rows = text.lines().skip_while(|line| !line.starts_with(heading));
            let counts = rows
                .skip(1)
                .take_while(|line| !line.is_empty())
                .filter_map(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
            assert_eq!(counts.sum::<usize>(), all, "{heading}");
        }
    }
}
