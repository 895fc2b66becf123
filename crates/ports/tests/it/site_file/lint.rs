//! Lint of a site registry's file; its findings are held by the program's tests.

use portolan_ports::site::file::{RULES, lint, read, write};
use portolan_ports::{embedded, site::Record};
use proptest::prelude::*;

use super::records;

#[test]
fn the_page_has_every_rule_as_it_is() {
    let page = include_str!("../../../../../docs/site-file.md");
    for own in &RULES {
        let rule = &own.rule;
        let source = match rule.section {
            Some(section) => format!("§{section}"),
            None => "the file".to_owned(),
        };
        let (id, severity, says) = (rule.id, rule.severity.as_str(), rule.says);
        let line = format!("| `{id}` | {source} | {severity} | {says} |\n");
        assert!(page.contains(&line), "docs/site-file.md lacks: {line}");
    }
}

proptest! {
    #[test]
    fn any_records_are_held_to_the_rules_and_each_finding_has_its_line(records in records()) {
        let text = write(&records);
        let reading = read("FILE", text.as_bytes()).unwrap();
        let today = jiff::civil::date(2026, 11, 22);
        let report = lint(&reading, embedded::registry(), embedded::knowledge(), today);
        let lines: Vec<u64> = reading.records.iter().map(|record: &Record| record.id).collect();
        for finding in report.findings {
            prop_assert!(lines.contains(&finding.line.unwrap()));
            prop_assert!(!finding.what.is_empty());
        }
    }
}
