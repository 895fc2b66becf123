//! Other tools' scan results, made by hand in their public forms.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::command::{finished, json, portolan, run};
use crate::readme::examples_hold;
use crate::schema::check;

const SCAN: &str = "# made by hand\n\
    Host: 192.0.2.7 (web1.example)\tPorts: 22/open/tcp//ssh//OpenSSH 9.2p1/, 80/closed/tcp//http///, 443/open/tcp//ssl|http///, 4444/open/tcp//http//nginx/\n";

fn written(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan");
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn the_page_s_example_holds() {
    let (_folder, scan) = written(SCAN);
    let page = include_str!("../../../../docs/annotate.md").replace("SCAN", &scan);
    assert_eq!(examples_hold(&page), 1);
}

#[test]
fn documents_keep_to_their_schemas_and_claims_stay_claims() {
    let (_folder, scan) = written(SCAN);
    let document = json(&["annotate", &scan]);
    check("annotate.json", &document);
    let ports = document["ports"].as_array().unwrap();
    assert_eq!((ports.len(), &document["not_open"]), (3, &1.into()));
    for port in ports {
        assert_eq!(port["verdict"], "unknown");
        assert_eq!(
            port["because"],
            "not asked: another tool's word is no proof"
        );
    }
    assert_eq!(ports[0]["claimed"]["product"], "OpenSSH 9.2p1");
    assert_eq!(ports[0]["registered"][0]["service_name"], "ssh");
    let lines = run(&["annotate", &scan, "--lines"]);
    assert_eq!((lines.code, lines.out.lines().count()), (Some(0), 3));
    for line in lines.out.lines() {
        check(
            "annotated-line.json",
            &serde_json::from_str::<Value>(line).unwrap(),
        );
    }
}

#[test]
fn standard_input_is_read_and_hostile_text_is_neutral() {
    let mut child = portolan()
        .args(["annotate", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let hostile =
        "{\"ip\":\"192.0.2.7\",\"port\":22,\"service\":\"a\\u001b[2J\\u202e\\nb\"}\n\u{1b}]0;x\n";
    child
        .stdin
        .take()
        .unwrap()
        .write_all(hostile.as_bytes())
        .unwrap();
    let run = finished(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0));
    for text in [&run.out, &run.err] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
    assert!(run.out.contains("a\\u{1b}[2J"), "{}", run.out);
    assert_eq!(
        run.err,
        "portolan: 1 entry of - could not be read; the first, on line 2: not JSON: expected value\n"
    );
}

#[test]
fn exit_codes_and_complaints() {
    for (text, code, said) in [
        (
            "Host: 192.0.2.7 ()\tPorts: 80/closed/tcp//http///\n",
            1,
            "no open port is in SCAN",
        ),
        (
            "hello world\n",
            2,
            "cannot read SCAN as a scan result: line 1: no host and port in \"hello world\"; it holds no hosts and ports as XML, JSON or lines such as 192.0.2.7:22",
        ),
        ("", 2, "cannot read SCAN as a scan result: it is empty"),
        (
            "<!DOCTYPE r [<!ENTITY a \"b\">]>\n<r/>",
            2,
            "cannot read SCAN as a scan result: line 1: it defines entities of its own, which no scan result needs",
        ),
    ] {
        let (_folder, scan) = written(text);
        let run = run(&["annotate", &scan]);
        assert_eq!(
            (run.code, run.err.replace(&scan, "SCAN")),
            (Some(code), format!("portolan: {said}\n"))
        );
    }
    let run = run(&["annotate", "/nonexistent"]);
    assert_eq!(run.code, Some(3));
    assert_eq!(
        run.err,
        "portolan: cannot open the scan result /nonexistent: No such file or directory (os error 2)\n"
    );
}
