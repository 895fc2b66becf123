//! The map of the port space, as it is printed.

use std::io::Write;

use insta::assert_snapshot;

use crate::command::{json, run};

const ROWS: &str = "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,\
Registration Date,Modification Date,Reference,Service Code,Unauthorized Use Reported,\
Assignment Notes\n\
all,0-63,tcp,,,,2012-01-02,,,,,\n\
half,64-79,tcp,,,,,,,,,\n\
one,100,tcp,,,,,,,,,\n\
,128-191,tcp,Reserved,,,,,,,,\n\
,192-49151,,Unassigned,,,,,,,,\n";

fn of_rows(arguments: &[&str]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(ROWS.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    let run = run(&[&["--registry", path, "registry", "map"], arguments].concat());
    assert_eq!(run.code, Some(0), "{}", run.err);
    run.out
}

#[test]
fn the_table_adds_up() {
    assert_snapshot!(of_rows(&["--table", "--transport", "tcp"]), @r##"
    PORTS        ASSIGNED  RESERVED  UNASSIGNED  DYNAMIC
    0-1023       81        64        879         0
    1024-49151   0         0         48,128      0
    49152-65535  0         0         0           16,384
    all          81        64        49,007      16,384
    "##);
}

#[test]
fn without_colours_signs_tell_the_uses_apart_in_80_columns() {
    let map = of_rows(&["--transport", "tcp"]);
    assert!(map.lines().all(|line| line.chars().count() <= 80), "{map}");
    let first = map.lines().nth(2).unwrap();
    assert!(first.starts_with("    0  ##*:rr...."), "{first}");
    assert!(map.contains("49152  ~~~~"));
    let coloured = of_rows(&["--transport", "tcp", "--color", "always"]);
    assert_eq!(coloured.matches('\u{2580}').count(), 32 * 64);
}

#[test]
fn the_picture_and_the_document_count_alike() {
    let assigned = json(&["registry", "map", "--transport", "tcp"])["ports"]["assigned"].clone();
    let stats = json(&["registry", "stats"]);
    assert_eq!(assigned, stats["assigned_ports"]["tcp"]);
    let svg = run(&["registry", "map", "--transport", "tcp", "--svg"]).out;
    assert!(svg.contains(&format!("assigned to a service: {assigned} ports")));
}
