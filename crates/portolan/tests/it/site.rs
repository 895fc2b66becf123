//! Steps on the site registry as a script takes them: documents, exit codes, lists, the trail.

mod interview;
mod last_word;
mod mistake;
mod person;
mod width;
mod wording;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{Run, alone, finished, portolan, portolan_as_nobody};
use crate::schema;

/// A registry of its own.
struct Site {
    home: TempDir,
}

const NEVER_SEEN: &str = "000000000000";

impl Site {
    fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
        }
    }

    fn folder(&self) -> &Path {
        self.home.path()
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = portolan();
        command.arg("--state").arg(self.folder()).arg("registry");
        finished(command.args(arguments).output().unwrap())
    }

    /// A request for a port, with all that has to be said.
    fn request(&self, name: &str, port: &str, more: &[&str]) -> Run {
        let all = [
            &["request", name, "--port", port, "--transport", "tcp"][..],
            &["--assignee", "Payments", "--contact", "pay@example.net"],
            &["--description", "An API", "--reference", "Design 1"],
            &["--why-not-dynamic", "firewalls open it by number"],
            more,
        ];
        self.run(&all.concat())
    }

    /// The document of a run, held to its schema.
    fn json(&self, arguments: &[&str], name: &str) -> (Value, Option<i32>) {
        let run = self.run(&[arguments, &["--json"]].concat());
        (read(&run, name), run.code)
    }
}

fn read(run: &Run, name: &str) -> Value {
    let document = serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{e}: {run:?}"));
    schema::check(name, &document);
    document
}

#[test]
fn every_step_has_a_document() {
    let _alone = alone();
    let site = Site::new();
    let step = |arguments: &[&str]| {
        let (document, code) = site.json(arguments, "site-step.json");
        let text = |key: &str| document[key].as_str().unwrap_or_default().to_owned();
        let status = document["record"]["status"].as_str().unwrap_or_default();
        (text("step"), text("outcome"), status.to_owned(), code)
    };
    let said = |step: &str, outcome: &str, status: &str, code: i32| {
        (
            step.to_owned(),
            outcome.to_owned(),
            status.to_owned(),
            Some(code),
        )
    };
    let filed = site.request("billing-api", "26905", &["--json"]);
    let filed = read(&filed, "site-step.json");
    assert_eq!(filed["record"]["id"], 1);
    assert_eq!(filed["record"]["source"], "site");
    assert_eq!(
        step(&["review", "1"]),
        said("review", "undecided", "requested", 2)
    );
    assert_eq!(
        step(&["review", "1", "--ask", "--because", "why?"]),
        said("ask", "taken", "questioned", 0)
    );
    assert_eq!(
        step(&["modify", "1", "--because", "so", "--dry-run"]),
        said("modify", "taken", "requested", 0)
    );
    assert_eq!(
        step(&[
            "modify",
            "1",
            "--because",
            "so",
            "--expires",
            "2999-12-31",
            "--program",
            "nginx"
        ]),
        said("modify", "taken", "requested", 0)
    );
    let (taken, _) = site.json(&["list", "26905"], "site.json");
    assert_eq!(taken["records"][0]["expires"], "2999-12-31");
    assert_eq!(taken["records"][0]["serves"]["program"], "nginx");
    assert_eq!(
        step(&["modify", ":26905", "--no-expires", "--no-program"]),
        said("modify", "taken", "requested", 0)
    );
    assert_eq!(
        step(&["review", "26905/tcp", "--approve"]),
        said("approve", "taken", "assigned", 0)
    );
    assert_eq!(
        step(&["transfer", "billing-api", "Shop"]),
        said("transfer", "refused", "assigned", 1)
    );
    assert_eq!(
        step(&["revoke", "1", "--because", "idle"]),
        said("announce-revocation", "taken", "assigned", 0)
    );
    assert_eq!(
        step(&["revoke", "1", "--complete"]),
        said("complete-revocation", "refused", "assigned", 1)
    );
    assert_eq!(
        step(&["revoke", "1", "--cancel"]),
        said("cancel-revocation", "taken", "assigned", 0)
    );
    assert_eq!(
        step(&["report-use", "18325/udp", "--because", "seen on build7"]),
        said("report-use", "taken", "unassigned", 0)
    );
}

#[test]
fn a_request_tells_what_listens_here() {
    let _alone = alone();
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    // Source ports may lie in the Dynamic range, where nothing is requested.
    let port = held.local_addr().unwrap().port();
    let site = Site::new();
    let run = site.request("billing-api", &port.to_string(), &["--json"]);
    let document = read(&run, "site-step.json");
    if port >= 49_152 {
        assert_eq!(document["refusal"]["section"], "RFC 6335 section 8.1.2");
        return;
    }
    let conflicts = document["conflicts"].as_array().unwrap();
    let kinds: Vec<&str> = conflicts
        .iter()
        .filter_map(|c| c["kind"].as_str())
        .collect();
    assert!(kinds.contains(&"listener"), "{kinds:?}");
    assert!(kinds.contains(&"ephemeral"), "{kinds:?}");
}

#[test]
fn records_are_listed_by_what_they_are() {
    let _alone = alone();
    let site = Site::new();
    assert_eq!(site.run(&["list"]).code, Some(0));
    assert_eq!(site.run(&["list", "--pending"]).code, Some(1));
    for (name, port, more) in [
        ("billing-api", "26905", &["--ticket", "NET-1"][..]),
        ("shop-api", "18325", &["--scope", "host:web1"]),
        ("old-api", "28856", &["--assignee", "Shop"]),
    ] {
        // clap takes the last word on a flag that is given once.
        let run = match more.contains(&"--assignee") {
            false => site.request(name, port, more),
            true => site.run(&[
                "request",
                name,
                "--port",
                port,
                "--transport",
                "tcp",
                "--assignee",
                "Shop",
                "--contact",
                "s@example.net",
                "--description",
                "Old",
                "--reference",
                "Design 2",
                "--why-not-dynamic",
                "clients know it",
            ]),
        };
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{name}");
    }
    assert_eq!(site.run(&["review", "1", "--approve"]).code, Some(0));
    let names = |arguments: &[&str]| {
        let (document, code) = site.json(&[&["list"], arguments].concat(), "site.json");
        let records = document["records"].as_array().unwrap().iter();
        let names: Vec<String> = records
            .map(|record| record["service_name"].as_str().unwrap().to_owned())
            .collect();
        (names.join(" "), code.unwrap())
    };
    let found = |names: &str| (names.to_owned(), 0);
    assert_eq!(names(&[]), found("shop-api billing-api old-api"));
    assert_eq!(names(&["26905"]), found("billing-api"));
    assert_eq!(names(&[":26905"]), found("billing-api"));
    assert_eq!(names(&["26905/udp"]), (String::new(), 1));
    assert_eq!(names(&["18000-27000"]), found("shop-api billing-api"));
    assert_eq!(names(&["SHOP"]), found("shop-api old-api"));
    assert_eq!(names(&["net-1"]), found("billing-api"));
    assert_eq!(names(&["--pending"]), found("shop-api old-api"));
    assert_eq!(
        names(&["--status", "assigned,reserved"]),
        found("billing-api")
    );
    assert_eq!(names(&["--scope", "host:WEB1"]), found("shop-api"));
    assert_eq!(names(&["--assignee", "pay"]), found("shop-api billing-api"));
    assert_eq!(names(&["--expired"]), (String::new(), 1));
    assert_eq!(names(&["nothing like it"]), (String::new(), 1));
    let long = site.run(&["list", "shop-api", "--long"]);
    assert!(
        long.out.contains("  valid on         host:web1\n"),
        "{}",
        long.out
    );
}

#[test]
fn of_two_reviewers_one_is_told_what_the_other_did() {
    let _alone = alone();
    let site = Site::new();
    assert_eq!(site.request("billing-api", "26905", &[]).code, Some(0));
    let first = [
        "review",
        "1",
        "--version",
        "1",
        "--approve",
        "--because",
        "fine",
    ];
    assert_eq!(site.run(&first).code, Some(0));
    let second = [
        "review",
        "1",
        "--version",
        "1",
        "--decline",
        "--because",
        "no",
    ];
    let second = site.run(&second);
    assert_eq!((second.code, second.out.as_str()), (Some(1), ""));
    let lines: Vec<&str> = second.err.lines().collect();
    assert!(lines[0].starts_with("portolan: refused by this site's rules: record 1 (billing-api) has changed since it was read"), "{lines:?}");
    assert!(
        lines[1].starts_with("meanwhile, ") && lines[1].ends_with(": fine"),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_changed_trail_is_found() {
    let _alone = alone();
    let site = Site::new();
    assert_eq!(site.run(&["audit"]).code, Some(1));
    assert_eq!(site.request("billing-api", "26905", &[]).code, Some(0));
    assert_eq!(site.run(&["review", "1", "--approve"]).code, Some(0));
    let (trail, _) = site.json(&["audit"], "site-audit.json");
    let entries = trail["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1]["previous"], entries[0]["hash"]);
    assert_eq!(entries[1]["step"], "approve");
    let (whole, code) = site.json(&["audit", "--verify"], "site-audit.json");
    assert_eq!(
        (&whole["verified"]["whole"], code),
        (&Value::Bool(true), Some(0))
    );
    let head = whole["verified"]["head"].as_str().unwrap();
    assert_eq!(site.run(&["audit", "--head", head]).code, Some(0));
    assert_eq!(site.run(&["audit", "--head", NEVER_SEEN]).code, Some(1));
    // Somebody writes into the file with other means.
    let path = site.folder().join("portolan.db");
    let mut bytes = fs::read(&path).unwrap();
    let word = b"pay@example.net";
    let places: Vec<usize> = (0..bytes.len() - word.len())
        .filter(|at| bytes[*at..].starts_with(word))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 3].copy_from_slice(b"you");
    }
    fs::write(&path, bytes).unwrap();
    let (broken, code) = site.json(&["audit", "--verify"], "site-audit.json");
    assert_eq!(
        (&broken["verified"]["whole"], code),
        (&Value::Bool(false), Some(1))
    );
    let told = site.run(&["audit", "--verify"]);
    assert!(told.out.contains("not whole"), "{told:?}");
    assert!(
        told.err
            .lines()
            .all(|line| line.starts_with("portolan: entry ")),
        "{told:?}"
    );
}

#[test]
fn a_registry_that_is_a_file_takes_no_steps() {
    let _alone = alone();
    let site = Site::new();
    let file = site.folder().join("site.toml");
    fs::write(&file, "").unwrap();
    let configuration = site.folder().join("portolan.toml");
    fs::write(&configuration, "[site]\nfile = \"site.toml\"\n").unwrap();
    let configuration = configuration.display().to_string();
    let run = site.request("billing-api", "26905", &["--config", &configuration]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert!(
        run.err
            .starts_with("portolan: refused by this site's rules: the site registry is the file "),
        "{}",
        run.err
    );
    let listed = site.run(&["list", "--config", &configuration]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert_eq!(
        site.run(&["audit", "--config", &configuration]).code,
        Some(2)
    );
}

#[test]
fn every_step_has_help_with_examples_and_exit_codes() {
    let site = Site::new();
    for step in [
        "request",
        "review",
        "modify",
        "withdraw",
        "deassign",
        "reuse",
        "revoke",
        "report-use",
        "audit",
        "list",
    ] {
        let help = site.run(&[step, "--help"]);
        assert_eq!(help.code, Some(0));
        let example = format!("  portolan registry {step}");
        for word in ["Usage:", "Example", &example, "Exit codes: 0 "] {
            assert!(help.out.contains(word), "{word} in {}", help.out);
        }
    }
}
