//! Registries held to rules and against each other, as a person sees it.

use std::fs;

use crate::command::{json, run};

const SEEDED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../registry/tests/fixtures/lint-seeded.csv"
);
const CLEAN: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../registry/tests/fixtures/lint-clean.csv"
);
const BASE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../data/iana/service-names-port-numbers.csv"
);

#[test]
fn lint_says_where_what_and_what_to_do() {
    let lint = run(&[
        "registry",
        "lint",
        SEEDED,
        "--rule",
        "gap",
        "--rule",
        "name-length",
    ]);
    assert_eq!(lint.code, Some(1));
    insta::assert_snapshot!(lint.out.replace(SEEDED, "FILE"), @r#"
    error name-length (1): A service name has 1 to 15 characters. [RFC 6335 section 5.1]
      line 9  5/tcp  "sixteen-letters1" has 16 characters; no alias (section 10.1)
      To do: choose a shorter name; a legacy one stays as an alias to its replacement (section 10.1).

    error gap (1): Every port from 0 to 49151 is assigned, unassigned or reserved by some row. [RFC 6335 section 6]
      line 53  2000-2009  no row speaks of it
      To do: add the row that is missing; a file with holes may be cut short.

    FILE, 57 rows: 2 errors; 1 name breaks section 5.1
    "#);
    let notes = run(&["registry", "lint", SEEDED, "--rule", "redundant-word"]);
    assert_eq!(notes.code, Some(0), "a note is no bad news");
    let clean = run(&["registry", "lint", CLEAN]);
    assert_eq!(clean.code, Some(0));
    assert_eq!(
        clean.out.replace(CLEAN, "FILE"),
        "FILE, 23 rows: keeps to every rule\n"
    );
    assert_eq!(
        run(&["registry", "lint", "--rule", "no-such"]).code,
        Some(2)
    );
    assert_eq!(run(&["registry", "lint", "/nonexistent"]).code, Some(3));
}

#[test]
fn lint_shows_ten_of_a_rule_and_all_on_request() {
    let of_rule = ["registry", "lint", BASE, "--rule", "name-characters"];
    let few = run(&of_rule).out;
    assert!(few.contains("... and 179 more; --all shows them"), "{few}");
    let all = run(&[&of_rule[..], &["--all"]].concat()).out;
    assert_eq!(
        all.lines().filter(|l| l.starts_with("  line ")).count(),
        189
    );
}

#[test]
fn lint_of_the_embedded_registry_has_no_lines() {
    let document = json(&["registry", "lint"]);
    let findings = document["findings"].as_array().unwrap();
    assert!(!findings.is_empty() && findings.iter().all(|f| f["line"].is_null()));
    assert_eq!(document["names_breaking_5_1"].as_array().unwrap().len(), 97);
    let errors = json(&["registry", "lint", "--severity", "error"]);
    assert_eq!(
        errors["errors"],
        errors["findings"].as_array().unwrap().len()
    );
}

#[test]
fn diff_says_what_the_newer_source_brought() {
    let none = run(&["registry", "diff", BASE, BASE]);
    assert_eq!(
        (none.code, none.out.as_str()),
        (Some(0), "2024-06-12 to 2024-06-12: no difference\n")
    );
    let diff = run(&["registry", "diff", BASE, "embedded"]);
    assert_eq!(diff.code, Some(0), "a difference is no bad news");
    insta::assert_snapshot!(diff.out.lines().last().unwrap(), @r#"
    2024-06-12 to 2026-09-17: 42 added, 19 removed, 4 renamed, 12 state changed, 4 described, 10 split, 8 shrunk
    "#);
    let feed = run(&["registry", "diff", BASE, "embedded", "--atom"]).out;
    let changes = json(&["registry", "diff", BASE, "embedded"]);
    let entries = feed.matches("<entry>").count();
    assert_eq!(entries, changes["changes"].as_array().unwrap().len());
    let ids = feed.lines().filter(|line| line.contains("<id>"));
    let ids: std::collections::BTreeSet<&str> = ids.collect();
    assert_eq!(ids.len(), entries + 1, "every entry has an id of its own");
}

#[test]
fn history_goes_through_what_is_embedded_and_what_was_kept() {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("registry/snapshots");
    fs::create_dir_all(&folder).unwrap();
    let header = fs::read_to_string(CLEAN).unwrap();
    let header = header.lines().next().unwrap();
    let rows = "taken,300,tcp,Taken over,[A],[A],2026-10-01,,,,,\n";
    fs::write(
        folder.join("2026-10-01-00000000.csv"),
        format!("{header}\n{rows}"),
    )
    .unwrap();
    fs::write(folder.join("2026-10-02-00000000.csv"), "<html>").unwrap();
    fs::write(folder.join(".incoming"), "half").unwrap();
    let state = state.path().display().to_string();
    let history = run(&["registry", "history", "300", "--state", &state]);
    assert_eq!(history.code, Some(0));
    insta::assert_snapshot!(history.out, @r#"
    2024-06-12 to 2026-09-17
      288-307  split          the unassigned block was cut into 288-299, 301-307; tacacss came in between
      300/tcp  added          tacacss came, was unassigned: TLS Secure Login Host Protocol (TACACSS)
      300/udp  state changed  was unassigned, is reserved
    2026-09-17 to 2026-10-01
      300/tcp  added          taken came, was tacacss's: Taken over
      300/tcp  removed        tacacss went, is taken's
      300/udp  state changed  was reserved, is in no row
    Port 300 changed 2 times over 3 registries: 2024-06-12, 2026-09-17, 2026-10-01
    "#);
    assert_eq!(history.err.lines().count(), 1, "{}", history.err);
    assert!(history.err.contains("the history goes on without it"));
    let still = run(&["registry", "history", "22"]).out;
    assert_eq!(
        still,
        "Port 22 did not change over 2 registries: 2024-06-12, 2026-09-17\n"
    );
}
