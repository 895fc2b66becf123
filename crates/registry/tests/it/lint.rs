//! Lint: every rule is broken once in one file, and nothing else is found there.

use std::collections::BTreeSet;

use portolan_registry::Registry;
use portolan_registry::lint::{RULES, Report, Severity, lint, read};
use proptest::prelude::*;

use crate::{HEADER, base, registry};

const SEEDED: &str = include_str!("../fixtures/lint-seeded.csv");
const CLEAN: &str = include_str!("../fixtures/lint-clean.csv");

/// Which line of the seeded file breaks which rule. An ill-formed legacy name breaks §5.1
/// whatever else it breaks.
const EXPECTED: [(u64, &str); 42] = [
    (5, "reference-missing"),
    (7, "shared-port"),
    (8, "redundant-word"),
    (9, "name-length"),
    (10, "name-characters"),
    (11, "name-no-letter"),
    (12, "name-edge-hyphen"),
    (13, "name-double-hyphen"),
    (15, "name-case"),
    (16, "state-unclear"),
    (18, "row-overlap"),
    (20, "second-port"),
    (21, "named-range"),
    (23, "other-transport"),
    (24, "description-missing"),
    (25, "assignee-missing"),
    (26, "contact-missing"),
    (27, "iesg-contact"),
    (28, "transport-missing"),
    (29, "code-missing"),
    (30, "code-misplaced"),
    (31, "code-malformed"),
    (32, "code-reserved"),
    (33, "code-private"),
    (34, "use-elsewhere"),
    (35, "unassigned-assignee"),
    (37, "name-characters"),
    (37, "alias-note-missing"),
    (38, "alias-target-missing"),
    (39, "name-characters"),
    (41, "alias-target-ill-formed"),
    (42, "date-malformed"),
    (43, "date-backwards"),
    (45, "row-twice"),
    (47, "row-order"),
    (49, "experiment"),
    (51, "range-across"),
    (53, "gap"),
    (54, "edge-reserved"),
    (55, "dynamic-assigned"),
    (57, "name-twice"),
    (58, "portless-transport"),
];

fn report(text: &[u8]) -> Report {
    let (registry, lines) = read(text).unwrap();
    lint(&registry, &lines)
}

fn found(report: &Report) -> BTreeSet<(u64, &'static str)> {
    let found = report.findings.iter();
    found.map(|f| (f.line.unwrap(), f.rule.id)).collect()
}

#[test]
fn each_seeded_violation_is_found_at_its_line_and_nothing_else() {
    let seeded = report(SEEDED.as_bytes());
    assert_eq!(found(&seeded), BTreeSet::from(EXPECTED));
    assert_eq!(seeded.findings.len(), EXPECTED.len());
    let broken: BTreeSet<&str> = EXPECTED.iter().map(|(_, rule)| *rule).collect();
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(broken, rules, "every rule has a line that breaks it");
}

#[test]
fn a_clean_file_has_no_findings() {
    assert_eq!(found(&report(CLEAN.as_bytes())), BTreeSet::new());
}

#[test]
fn an_excerpt_has_no_gaps() {
    let rows = CLEAN
        .split_inclusive("\r\n")
        .filter(|row| !row.contains("-49150"));
    let excerpt: String = rows.collect();
    assert_eq!(found(&report(excerpt.as_bytes())), BTreeSet::new());
}

#[test]
fn what_is_found_is_said() {
    let said: Vec<String> = report(SEEDED.as_bytes())
        .findings
        .iter()
        .map(|f| format!("{} {}: {}", f.place(), f.service_name, f.what))
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    3/tcp shared-b: "shared-a" and "shared-b" share it
    no port/tcp twice: "twice" is at this place already, for "A service"
    4/tcp my-service: "my-service" holds the word "service"
    5/tcp sixteen-letters1: "sixteen-letters1" has 16 characters; no alias (section 10.1)
    6/tcp under_score: "under_score" holds '_'; no alias (section 10.1)
    40/tcp legacy_a: "legacy_a" holds '_'; no alias (section 10.1)
    42/tcp legacy_c: "legacy_c" holds '_'; an alias to "legacy-c"
    7/tcp 12345: "12345" holds no letter; no alias (section 10.1)
    8/tcp edge-: "edge-" ends with a hyphen; no alias (section 10.1)
    9/tcp two--hyphens: "two--hyphens" holds two hyphens in a row; no alias (section 10.1)
    11/tcp Spelling: "Spelling" is "spelling" but for case
    50000/tcp dynamic: "dynamic" is assigned 50000, in the Dynamic range 49152-65535
    1023-1024 : 1023-1024 lies in the system and in the user range
    49151 : 49151 is the edge of a range and unassigned
    2000-2009 : no row speaks of it
    12 : no service name, and "any private thing" is no state
    15/tcp inside: the row of 13-20 speaks of it too, as "Unassigned"
    1021/tcp not-exp1: 1021 is for experiments, as exp1
    22/tcp moved: "moved" has port 21 already
    23-26/tcp run: "run" holds 4 ports
    27/udp : Unassigned, while 27/tcp is "half"'s
    28/tcp silent: no description
    29/tcp nobody: no assignee
    30/tcp unreachable: no contact
    31/tcp ietf: the IESG's, and the contact is [A]
    2/tcp no-reference: a System port without a reference
    32 everywhere: a port without a transport
    no port transportless: a name without a transport
    33/dccp no-code: DCCP without a Service Code
    34/tcp code-on-tcp: Service Code "1145656131" outside of DCCP
    35/dccp code-of-words: "none" is no 32-bit Service Code
    36/dccp code-zero: Service Code 0 is reserved
    37/dccp code-private: Service Code 1056964608 is in 0x3F000000-0x3FFFFFFF
    38/tcp neighbour: the unauthorized use is on 39
    39 : Unassigned, and [A] has it
    40/tcp legacy_a: "legacy_a" stands beside "legacy-a" and does not say that it is its alias
    41/tcp legacy-b: an alias to "nowhere", which has no row here
    42/tcp legacy-cc: an alias to "legacy_c", which holds a character other than letters, digits and hyphens
    43/tcp thirteenth: "2020-13-01" is neither YYYY-MM-DD nor YYYY-MM
    44/tcp earlier: modified 2019-12-31, before it was registered 2020-01-01
    45/tcp again: the same row as one before
    46/tcp late: stands after port 47
    "#);
}

#[test]
fn the_real_file_is_counted() {
    let report = report(&base());
    let counts: Vec<String> = RULES
        .iter()
        .map(|rule| (rule.id, report.of(rule).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(id, count)| format!("{id} {count}"))
        .collect();
    insta::assert_snapshot!(counts.join("\n"), @r#"
    shared-port 37
    name-twice 1
    redundant-word 295
    name-length 4
    name-characters 189
    state-unclear 27
    row-overlap 5
    second-port 35
    named-range 8
    other-transport 4
    description-missing 166
    assignee-missing 1777
    contact-missing 1779
    iesg-contact 3
    reference-missing 1306
    transport-missing 16
    portless-transport 577
    code-missing 6
    use-elsewhere 6
    unassigned-assignee 1
    date-backwards 1
    "#);
    assert_eq!(report.names("5.1").len(), 99);
}

#[test]
fn a_row_without_a_line_is_found_all_the_same() {
    let registry = Registry::from_csv(SEEDED.as_bytes()).unwrap();
    let report = lint(&registry, &[]);
    assert_eq!(report.findings.len(), EXPECTED.len());
    assert!(report.findings.iter().all(|finding| finding.line.is_none()));
}

#[test]
fn a_row_out_of_place_is_told_from_its_neighbours() {
    let lines = |ports: &[u16]| -> Vec<u64> {
        let row = |port: &u16| format!("s{port},{port},tcp,d,[A],[A],,,[R],,,\n");
        let rows: String = ports.iter().map(row).collect();
        let report = report(format!("{HEADER}\n{rows}").as_bytes());
        let of_order = report.findings.iter().filter(|f| f.rule.id == "row-order");
        of_order.map(|f| f.line.unwrap()).collect()
    };
    assert_eq!(lines(&[10, 20, 30]), Vec::<u64>::new());
    assert_eq!(lines(&[10, 20, 15, 30]), [4]);
    assert_eq!(lines(&[10, 90, 20, 30]), [3]);
    assert_eq!(lines(&[20, 10]), [3]);
}

#[test]
fn the_documentation_lists_every_rule() {
    let text = include_str!("../../../../docs/lint.md");
    let listed: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let rules: Vec<String> = RULES
        .iter()
        .map(|rule| {
            let section = rule
                .section
                .map_or("the form".to_owned(), |s| format!("§{s}"));
            let (id, severity, says) = (rule.id, rule.severity.as_str(), rule.says);
            format!("| `{id}` | {section} | {severity} | {says} |")
        })
        .collect();
    assert_eq!(listed, rules);
}

#[test]
fn rules_can_be_told_apart() {
    let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), RULES.len());
    let seeded = report(SEEDED.as_bytes());
    let errors = seeded.count(Severity::Error);
    let only = seeded.only(|rule| rule.severity == Severity::Error);
    assert_eq!(only.findings.len(), errors);
}

proptest! {
    #[test]
    fn no_rows_make_lint_panic(rows in proptest::collection::vec(
        ("[a-zA-Z0-9_-]{0,17}", 0u16.., 0u16..99, "(tcp|udp|dccp|)", "[ -~&&[^\",]]{0,12}"), 1..30
    )) {
        let rows: String = rows
            .iter()
            .map(|(name, first, more, transport, text)| {
                let last = first.saturating_add(*more);
                format!("{name},{first}-{last},{transport},{text},{text},,{text},{text},,{text},{text},{text}\n")
            })
            .collect();
        let registry = registry(&rows);
        prop_assert!(lint(&registry, &[]).findings.iter().all(|f| !f.what.is_empty()));
    }
}
