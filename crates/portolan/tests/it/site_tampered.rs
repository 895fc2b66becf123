//! `portolan registry audit --verify` over a database that somebody else wrote into: whole answers.

use std::path::Path;

use insta::assert_snapshot;
use regex::{Captures, Regex};
use serde_json::Value;

use crate::command::{Run, alone};
use crate::schema;
use crate::site_source::{request, with};
use crate::sql::execute_unseen;

/// Entries: 1 and 2 ask for records 1 and 2, 3 gives record 1, 4 asks back about record 2.
fn kept(state: &Path) {
    request(state, "bills", "15432", "all");
    request(state, "more-bills", "15433", "host:db1");
    for step in [
        &["registry", "review", "1", "--approve"][..],
        &["registry", "review", "2", "--ask", "--because", "for whom?"],
    ] {
        let run = with(state, step);
        assert_eq!(run.code, Some(0), "{run:?}");
    }
}

/// The hash of an entry, by its place in the trail.
fn hash(state: &Path, place: usize) -> String {
    let run = with(state, &["registry", "audit", "--json"]);
    let trail: Value = serde_json::from_str(&run.out).unwrap();
    trail["entries"][place]["hash"].as_str().unwrap().to_owned()
}

/// All that a run says, with each hash as a letter, in the order in which they are named.
fn said(run: &Run) -> String {
    let hash = Regex::new("[0-9a-f]{64}|[0-9a-f]{12}").unwrap();
    let mut seen: Vec<String> = Vec::new();
    let both = format!("{}{}exit code {}", run.out, run.err, run.code.unwrap());
    let lettered = hash.replace_all(&both, |found: &Captures<'_>| {
        let short = found[0][..12].to_owned();
        let place = seen.iter().position(|other| *other == short);
        let place = place.unwrap_or_else(|| {
            seen.push(short);
            seen.len() - 1
        });
        format!("HASH-{}", char::from(b'A' + u8::try_from(place).unwrap()))
    });
    lettered.into_owned()
}

/// What is said after this SQL: as a text and as a document, which has to keep to its schema.
fn after(sql: &str) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path();
    kept(state);
    execute_unseen(state, sql);
    let text = with(state, &["registry", "audit", "--verify"]);
    let json = with(state, &["registry", "audit", "--verify", "--json"]);
    schema::check("site-audit.json", &serde_json::from_str(&json.out).unwrap());
    (said(&text), said(&json))
}

#[test]
fn a_whole_trail_is_called_whole() {
    let _alone = alone();
    let (text, json) = after("SELECT 1");
    assert_snapshot!(text, @r##"
    4 entries, whole, head HASH-A
    exit code 0
    "##);
    assert_snapshot!(json, @r##"
    {
      "schema": "portolan.site_audit/1",
      "entries": [],
      "verified": {
        "whole": true,
        "entries": 4,
        "head": "HASH-A",
        "faults": []
      }
    }
    exit code 0
    "##);
}

#[test]
fn a_record_that_was_changed_is_named() {
    let _alone = alone();
    let (text, json) = after(
        "UPDATE site_record SET content = replace(content, 'Billing', 'Mallory') WHERE id = 1",
    );
    assert_snapshot!(text, @r##"
    4 entries, not whole: 1 fault, head HASH-A
    portolan: entry 3: left record 1 otherwise than it is now
    exit code 1
    "##);
    assert_snapshot!(json, @r##"
    {
      "schema": "portolan.site_audit/1",
      "entries": [],
      "verified": {
        "whole": false,
        "entries": 4,
        "head": "HASH-A",
        "faults": [
          {
            "number": 3,
            "because": "left record 1 otherwise than it is now"
          }
        ]
      }
    }
    portolan: entry 3: left record 1 otherwise than it is now
    exit code 1
    "##);
    let (text, _) = after("UPDATE site_record SET first_port = 1, last_port = 1 WHERE id = 2");
    assert_snapshot!(text, @r##"
    4 entries, not whole: 1 fault, head HASH-A
    portolan: entry 4: left record 2 otherwise than its columns have it
    exit code 1
    "##);
    let (text, _) = after("DELETE FROM site_record WHERE id = 2");
    assert_snapshot!(text, @r##"
    4 entries, not whole: 3 faults, head HASH-A
    portolan: the database: row 2 of its table site_audit refers to what is gone
    portolan: the database: row 4 of its table site_audit refers to what is gone
    portolan: entry 4: is about record 2, which is gone
    exit code 1
    "##);
}

#[test]
fn an_entry_that_was_changed_is_named() {
    let _alone = alone();
    let (text, json) = after("UPDATE site_audit SET why = 'nobody asked' WHERE number = 3");
    assert_snapshot!(text, @r##"
    4 entries, not whole: 1 fault, head HASH-A
    portolan: entry 3: was changed: its hash is not that of what it says
    exit code 1
    "##);
    assert_snapshot!(json, @r##"
    {
      "schema": "portolan.site_audit/1",
      "entries": [],
      "verified": {
        "whole": false,
        "entries": 4,
        "head": "HASH-A",
        "faults": [
          {
            "number": 3,
            "because": "was changed: its hash is not that of what it says"
          }
        ]
      }
    }
    portolan: entry 3: was changed: its hash is not that of what it says
    exit code 1
    "##);
    // What is no entry at all cannot steer a terminal from there.
    let (text, _) = after(
        "UPDATE site_audit SET hash = char(27) || '[2J', taken_by = char(27) || '[2J' || char(10) || 'portolan: all is well'
         WHERE number = 4",
    );
    assert_snapshot!(text, @r##"
    4 entries, not whole: 1 fault, head \u{1b}[2J
    portolan: entry 4: was changed: its hash is not that of what it says
    exit code 1
    "##);
}

#[test]
fn an_entry_that_was_taken_out_is_named() {
    let _alone = alone();
    let (text, json) = after("DELETE FROM site_audit WHERE number = 2");
    assert_snapshot!(text, @r##"
    3 entries, not whole: 2 faults, head HASH-A
    portolan: entry 2: is missing
    portolan: entry 4: leaves record 2 in version 2, which should be 1
    exit code 1
    "##);
    assert_snapshot!(json, @r##"
    {
      "schema": "portolan.site_audit/1",
      "entries": [],
      "verified": {
        "whole": false,
        "entries": 3,
        "head": "HASH-A",
        "faults": [
          {
            "number": 2,
            "because": "is missing"
          },
          {
            "number": 4,
            "because": "leaves record 2 in version 2, which should be 1"
          }
        ]
      }
    }
    portolan: entry 2: is missing
    portolan: entry 4: leaves record 2 in version 2, which should be 1
    exit code 1
    "##);
}

/// Who takes the end away with all its traces is found out by who noted down the last hash.
#[test]
fn an_end_that_was_cut_off_is_found_by_the_head_that_was_noted() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path();
    kept(state);
    let (third, head) = (hash(state, 2), hash(state, 3));
    let verify = |more: &[&str]| {
        let all = [&["registry", "audit", "--verify"][..], more].concat();
        with(state, &all)
    };
    assert_snapshot!(said(&verify(&["--head", &head])), @r##"
    4 entries, whole, head HASH-A
    HASH-A is entry 4, the last one
    exit code 0
    "##);
    assert_snapshot!(said(&verify(&["--head", &third[..12]])), @r##"
    4 entries, whole, head HASH-A
    HASH-B is entry 3, and 1 came after it
    exit code 0
    "##);
    execute_unseen(
        state,
        "DELETE FROM site_audit WHERE number = 4;
         PRAGMA user_version = 3;
         UPDATE site_record SET version = 1, status = 'requested',
             content = (SELECT content FROM site_audit WHERE number = 2) WHERE id = 2",
    );
    assert_snapshot!(said(&verify(&[])), @r##"
    3 entries, whole, head HASH-A
    exit code 0
    "##);
    let cut = verify(&["--head", &head]);
    assert_snapshot!(said(&cut), @r##"
    3 entries, not whole: 1 fault, head HASH-A
    portolan: no entry has the hash HASH-B: the trail was cut off or written anew since it was noted down, or it is another registry's
    exit code 1
    "##);
    assert!(cut.err.contains(&head), "{cut:?}");
    assert_snapshot!(said(&verify(&["--head", &third])), @r##"
    3 entries, whole, head HASH-A
    HASH-A is entry 3, the last one
    exit code 0
    "##);
    let json = verify(&["--head", &head, "--json"]);
    schema::check("site-audit.json", &serde_json::from_str(&json.out).unwrap());
    assert_snapshot!(said(&json), @r##"
    {
      "schema": "portolan.site_audit/1",
      "entries": [],
      "verified": {
        "whole": false,
        "entries": 3,
        "head": "HASH-A",
        "faults": [
          {
            "number": null,
            "because": "no entry has the hash HASH-B: the trail was cut off or written anew since it was noted down, or it is another registry's"
          }
        ]
      }
    }
    portolan: no entry has the hash HASH-B: the trail was cut off or written anew since it was noted down, or it is another registry's
    exit code 1
    "##);
}
