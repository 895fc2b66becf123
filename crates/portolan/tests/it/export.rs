//! The registry written out again.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::command::{json, run};

const BASE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../data/iana/service-names-port-numbers.csv"
);

#[test]
fn a_file_comes_back_as_it_was() {
    let run = run(&["--registry", BASE, "registry", "export", "--format", "csv"]);
    assert!(run.out == fs::read_to_string(Path::new(BASE)).unwrap());
}

#[test]
fn the_embedded_snapshot_is_the_base_but_for_what_it_lists() {
    let untouched = run(&["registry", "export", "--format", "csv", "--only", "file"]).out;
    let base = fs::read_to_string(Path::new(BASE)).unwrap();
    let rows = |text: &str| -> HashSet<String> { text.split("\r\n").map(str::to_owned).collect() };
    let (untouched, base) = (rows(&untouched), rows(&base));
    assert!(untouched.is_subset(&base));

    let stats = json(&["registry", "stats"]);
    let listed = stats["newer"].as_array().unwrap();
    let port = |row: &Value| row["port"].as_str().unwrap().to_owned();
    let touched: HashSet<String> = listed.iter().map(port).collect();
    for gone in base.difference(&untouched).filter(|row| !row.is_empty()) {
        let cell = gone.split(',').nth(1).unwrap();
        let (first, last) = cell.split_once('-').unwrap_or((cell, cell));
        let (first, last) = (first.parse::<u32>().unwrap(), last.parse::<u32>().unwrap());
        let inside = |port: &String| {
            port.split('-')
                .next()
                .unwrap()
                .parse::<u32>()
                .is_ok_and(|p| first <= p && p <= last)
        };
        assert!(
            touched.iter().any(inside),
            "{gone} is gone and nothing newer is listed in its place"
        );
    }
    let newer = run(&["registry", "export", "--only", "newer"]).out;
    assert_eq!(
        newer.split("\r\n").filter(|row| !row.is_empty()).count() - 1,
        listed.len()
    );
    assert!(newer.contains("ollama,11434,tcp,Ollama,,,,,,,,\r\n"));
}

#[test]
fn counts_are_right_for_a_file() {
    let stats = json(&["--registry", BASE, "registry", "stats"]);
    let counts =
        ["rows", "names", "single", "ranges", "portless"].map(|key| stats[key].as_u64().unwrap());
    assert_eq!(counts, [14_447, 7_281, 12_652, 756, 1_039]);
    assert_eq!(stats["last_updated"], "2024-06-12");
    assert_eq!(stats["by_transport"]["dccp"], 11);
}
