//! The registry written out again.

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use insta::assert_snapshot;
use serde_json::Value;

use crate::command::{json, portolan, run};

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

/// Six rows with every trap, see the registry crate's tests.
const SIX: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../registry/tests/fixture/six.csv"
);

#[test]
fn json_is_one_document_with_a_row_on_each_line() {
    let run = run(&["--registry", SIX, "registry", "export", "--json"]);
    assert_snapshot!(run.out, @r###"
    {"schema":"portolan.registry/1","date":"2024-06-12","rows":[
    {"service_name":"shilp","port":"2049","transport":"tcp","description":null,"assignee":null,"contact":null,"registration_date":null,"modification_date":null,"reference":null,"service_code":null,"unauthorized_use":null,"assignment_notes":"two\n   lines, and a \"quote\"","alias_of":null,"source":"iana","origin":"file"},
    {"service_name":"nfs","port":"2049","transport":"tcp","description":"Network | File System","assignee":"[Brent_Callaghan]","contact":"[Brent_Callaghan]","registration_date":"1998-02","modification_date":"2009-05-11","reference":"[RFC7530][RFC0768]","service_code":null,"unauthorized_use":null,"assignment_notes":"Défined * by 日本","alias_of":null,"source":"iana","origin":"file"},
    {"service_name":"nfs_old","port":"2049","transport":"tcp","description":null,"assignee":null,"contact":null,"registration_date":null,"modification_date":null,"reference":null,"service_code":null,"unauthorized_use":"port 2049, \u202eeht ni\u202c","assignment_notes":null,"alias_of":null,"source":"iana","origin":"file"},
    {"service_name":"x11","port":"6000-6002","transport":null,"description":"<script>alert(1)</script> & more","assignee":null,"contact":null,"registration_date":null,"modification_date":null,"reference":"[RFC1013]","service_code":null,"unauthorized_use":null,"assignment_notes":null,"alias_of":null,"source":"iana","origin":"file"},
    {"service_name":null,"port":"6003-65000","transport":"udp","description":"Unassigned","assignee":null,"contact":null,"registration_date":null,"modification_date":null,"reference":null,"service_code":null,"unauthorized_use":null,"assignment_notes":null,"alias_of":null,"source":"iana","origin":"file"},
    {"service_name":"a-disc","port":null,"transport":null,"description":"no port","assignee":"[A]","contact":"[A]","registration_date":"2024-06-12","modification_date":null,"reference":null,"service_code":"1145656131","unauthorized_use":null,"assignment_notes":"\u001b[2J","alias_of":null,"source":"iana","origin":"file"}
    ]}
    "###);
    let rows = json(&["--registry", BASE, "registry", "export"]);
    assert_eq!(rows["rows"].as_array().unwrap().len(), 14_447);
}

#[test]
fn json_lines_can_be_read_one_by_one() {
    let export = ["--registry", SIX, "registry", "export", "--format", "jsonl"];
    let run = run(&[&export[..], &["--ports", "2049"]].concat());
    assert_snapshot!(run.out, @r###"
    {"schema":"portolan.registry_row/1","service_name":"shilp","port":"2049","transport":"tcp","description":null,"assignee":null,"contact":null,"registration_date":null,"modification_date":null,"reference":null,"service_code":null,"unauthorized_use":null,"assignment_notes":"two\n   lines, and a \"quote\"","alias_of":null,"source":"iana","origin":"file"}
    {"schema":"portolan.registry_row/1","service_name":"nfs","port":"2049","transport":"tcp","description":"Network | File System","assignee":"[Brent_Callaghan]","contact":"[Brent_Callaghan]","registration_date":"1998-02","modification_date":"2009-05-11","reference":"[RFC7530][RFC0768]","service_code":null,"unauthorized_use":null,"assignment_notes":"Défined * by 日本","alias_of":null,"source":"iana","origin":"file"}
    {"schema":"portolan.registry_row/1","service_name":"nfs_old","port":"2049","transport":"tcp","description":null,"assignee":null,"contact":null,"registration_date":null,"modification_date":null,"reference":null,"service_code":null,"unauthorized_use":"port 2049, \u202eeht ni\u202c","assignment_notes":null,"alias_of":null,"source":"iana","origin":"file"}
    "###);
}

#[test]
fn every_form_is_offered_and_writes_what_was_chosen() {
    let help = run(&["registry", "export", "--help"]).out;
    for form in [
        "csv", "xml", "html", "text", "json", "jsonl", "services", "markdown",
    ] {
        assert!(help.contains(&format!("- {form}:")), "{help}");
        let chosen = ["registry", "export", "--format", form, "--ports", "6010"];
        let written = run(&[&chosen[..], &["--transport", "udp"]].concat());
        assert_eq!((written.code, written.err.as_str()), (Some(0), ""));
        assert_eq!(written.out.matches("X Window System").count(), 1, "{form}");
    }
}

#[test]
fn what_cannot_be_is_said() {
    let said = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        let run = run(&[&["registry", "export"], &words[..]].concat());
        (
            run.code,
            run.err.lines().next().unwrap_or_default().to_owned(),
        )
    };
    let (code, line) = said("--only newer --ports 0");
    assert_eq!(code, Some(1));
    assert!(
        line.starts_with("portolan: no row of the registry of "),
        "{line}"
    );
    assert_eq!(
        said("--json --format html"),
        (
            Some(2),
            "portolan: cannot export as html and as JSON at once; give --format or --json, not both"
                .to_owned()
        )
    );
    assert_eq!(
        said("--ports 9-7"),
        (
            Some(2),
            "error: invalid value '9-7' for '--ports <PORTS>': the range runs backwards".to_owned()
        )
    );
    assert_eq!(said("--ports 80,99999").0, Some(2));
    assert_eq!(said("--transport icmp").0, Some(2));
    assert_eq!(said("--format pdf").0, Some(2));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    for form in [
        "csv", "xml", "html", "text", "json", "jsonl", "services", "markdown",
    ] {
        let mut child = portolan()
            .args(["registry", "export", "--format", form])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 10];
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut first).unwrap();
        drop(out);
        let done = child.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{form}");
        assert_eq!(String::from_utf8_lossy(&done.stderr), "", "{form}");
    }
}
