mod property;

use std::net::SocketAddr;

use portolan_ports::policy::Origin;
use portolan_ports::site::Citation;
use portolan_ports::{Owner, Severity};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Sources;
use crate::check::Basis;
use crate::document::{CheckDocument, ListenerDocument};

/// A check as `portolan check --json` writes it, as far as the form is settled.
fn document(check: &Check) -> Vec<u8> {
    let registry = portolan_ports::embedded::registry();
    let finding = |rule: &str,
                   origin: &Basis,
                   ports: PortRange,
                   transport: Option<Transport>,
                   listener: Option<&Listener>| {
        let port = if ports.is_single() {
            json!(ports.first())
        } else {
            json!(ports.to_string())
        };
        json!({
            "rule": rule,
            "file": origin.origin().map(|origin| &origin.file),
            "line": origin.origin().map(|origin| origin.line),
            "record": origin.record(),
            "transport": transport.map(Transport::as_str),
            "port": port,
            "address": listener.map(|l| l.address.to_string()),
            "listener": listener
                .map(|l| ListenerDocument::new(l, registry.standing(l.port, l.transport))),
            "because": "it is so",
        })
    };
    let violations: Vec<Value> = check
        .violations
        .iter()
        .map(|v| {
            let listener = v.listener.as_ref();
            let mut written = finding(&v.rule, &v.origin, v.ports, v.transport, listener);
            written["kind"] = json!(v.kind.as_str());
            written["severity"] = json!(v.severity.as_str());
            written
        })
        .collect();
    let unseen: Vec<Value> = check
        .unseen
        .iter()
        .map(|u| {
            finding(
                &u.rule,
                &u.origin,
                u.ports,
                u.transport,
                u.listener.as_ref(),
            )
        })
        .collect();
    let written = json!({
        "schema": "portolan.check/1", "host": check.host, "observed_at": "2026-11-21T21:00:00Z",
        "policy": [], "rules": 0, "listeners": 0,
        "violations": violations, "unseen": unseen, "gaps": [],
    });
    serde_json::to_vec(&written).unwrap()
}

fn earlier(check: &Check) -> Earlier {
    Earlier::read(&*document(check)).unwrap()
}

fn listener(at: &str, pid: u32, program: &str) -> Listener {
    let mut listener = Listener::new(Transport::Tcp, at.parse().unwrap());
    listener.inode = u64::from(pid) * 7;
    listener.owners.push(Owner {
        pid,
        program: program.to_owned(),
        ..Owner::default()
    });
    listener
}

fn unlisted(listener: Listener) -> Violation {
    Violation {
        kind: ViolationKind::Unlisted,
        rule: "allow-unlisted".to_owned(),
        origin: origin().into(),
        severity: Severity::Warning,
        ports: PortRange::single(listener.port),
        transport: Some(listener.transport),
        listener: Some(listener),
        because: "no rule speaks of it".to_owned(),
    }
}

fn origin() -> Origin {
    Origin {
        file: "portolan.toml".to_owned(),
        line: 1,
        column: 1,
    }
}

fn check(violations: Vec<Violation>, unseen: Vec<UnseenRule>) -> Check {
    Check {
        host: "web1".to_owned(),
        rules: Vec::new(),
        assignments: None,
        undecided: Vec::new(),
        listeners: violations.len() + unseen.len(),
        violations,
        unseen,
        gaps: Vec::new(),
    }
}

#[test]
fn another_pid_is_nothing_new_and_another_program_address_or_kind_is() {
    let before = check(
        vec![unlisted(listener("0.0.0.0:4444", 7, "nc"))],
        Vec::new(),
    );
    let known = |now: Violation| {
        let answer = since(&check(vec![now], Vec::new()), &earlier(&before));
        let told = answer.new.violations.len();
        (told, answer.known.violations.len(), answer.gone)
    };
    let mut same = unlisted(listener("0.0.0.0:4444", 8, "nc"));
    same.severity = Severity::Alert;
    same.because = "in other words".to_owned();
    same.origin = Basis::Rule(Origin {
        file: "portolan.toml".to_owned(),
        line: 40,
        column: 1,
    });
    assert_eq!(known(same), (0, 1, 0));
    let others = [
        unlisted(listener("0.0.0.0:4444", 7, "ncat")),
        unlisted(listener("127.0.0.1:4444", 7, "nc")),
        unlisted(listener("0.0.0.0:4445", 7, "nc")),
        Violation {
            kind: ViolationKind::Denied,
            ..unlisted(listener("0.0.0.0:4444", 7, "nc"))
        },
        Violation {
            rule: "no-shells".to_owned(),
            ..unlisted(listener("0.0.0.0:4444", 7, "nc"))
        },
        Violation {
            transport: Some(Transport::Udp),
            ..unlisted(listener("0.0.0.0:4444", 7, "nc"))
        },
        Violation {
            origin: Basis::Site(Some(Citation::Record(12))),
            ..unlisted(listener("0.0.0.0:4444", 7, "nc"))
        },
    ];
    for other in others {
        assert_eq!(known(other.clone()), (1, 0, 1), "{other:?}");
    }
}

#[test]
fn a_document_since_another_knows_what_that_one_knew_and_what_it_found_itself() {
    let old = unlisted(listener("0.0.0.0:4444", 7, "nc"));
    let young = unlisted(listener("0.0.0.0:4445", 7, "nc"));
    let first = earlier(&check(vec![old.clone()], Vec::new()));
    let both = check(vec![old, young], Vec::new());
    let compared = since(&both, &first);
    assert_eq!(compared.new.violations, both.violations[1..]);
    assert_eq!(compared.known.violations, both.violations[..1]);
    let sources = &Sources::embedded();
    let at = "2026-11-21T22:00:00Z";
    let rotated = CheckDocument::since(&both, (&compared, &first), &[], sources, at);
    let rotated = serde_json::to_value(&rotated).unwrap();
    let known = rotated["violations"].as_array().unwrap().iter();
    assert_eq!(
        known.map(|v| &v["known"]).collect::<Vec<_>>(),
        [true, false]
    );
    let rotated = Earlier::read(rotated.to_string().as_bytes()).unwrap();
    let next = since(&both, &rotated);
    assert!(next.new.is_clean());
    assert_eq!((next.known.violations.len(), next.gone), (2, 0));
}

#[test]
fn what_could_not_be_judged_is_no_violation_of_the_same_rule() {
    let violation = unlisted(listener("0.0.0.0:4444", 7, "nc"));
    let unseen = UnseenRule {
        rule: violation.rule.clone(),
        origin: violation.origin.clone(),
        ports: violation.ports,
        transport: violation.transport,
        listener: violation.listener.clone(),
        because: "its owner was not seen".to_owned(),
    };
    let blind = check(Vec::new(), vec![unseen]);
    let answer = since(&check(vec![violation], Vec::new()), &earlier(&blind));
    assert_eq!(answer.new.violations.len(), 1);
    let answer = since(&blind, &earlier(&blind));
    assert!(answer.new.is_clean());
    assert_eq!((answer.known.unseen.len(), answer.gone), (1, 0));
}

#[test]
fn what_is_no_check_is_refused_in_one_line_that_says_what_it_is_not() {
    let refused = |text: &str| {
        let error = Earlier::read(text.as_bytes()).unwrap_err().to_string();
        assert!(!error.chars().any(char::is_control), "{error:?}");
        error
    };
    let checks = [
        (
            "",
            "it is not JSON (line 1, column 0); give what `portolan check --json` wrote",
        ),
        (
            "{\"schema\":",
            "it is not JSON (line 1, column 10); give what `portolan check --json` wrote",
        ),
        (
            "[]",
            "it is JSON, but no check document; give what `portolan check --json` wrote",
        ),
        (
            "{\"schema\":5}",
            "it is JSON, but no check document; give what `portolan check --json` wrote",
        ),
        (
            "{\"schema\":\"portolan.survey/1\"}",
            "it is a document of the form \"portolan.survey/1\", not \"portolan.check/1\"; give what \
             `portolan check --json` wrote",
        ),
        (
            "{\"schema\":\"\\u001b[2J\\n\"}",
            "it is a document of the form \"\\u{1b}[2J\", not \"portolan.check/1\"; give what \
             `portolan check --json` wrote",
        ),
        (
            "{\"schema\":\"portolan.check/1\",\n\"host\":7}",
            "it says that it is a portolan.check/1 document, but line 2, column 8 is not as one has it",
        ),
    ];
    for (text, complaint) in checks {
        assert_eq!(refused(text), complaint, "{text}");
    }
    let long = format!("{{\"schema\":\"{}\"}}", "x".repeat(100_000));
    assert!(refused(&long).len() < 200);
    assert!(refused(&"[".repeat(1 << 20)).starts_with("it is not JSON"));
}

#[test]
fn every_word_of_a_finding_is_held_to_its_form() {
    let good = check(
        vec![unlisted(listener("0.0.0.0:4444", 7, "nc"))],
        Vec::new(),
    );
    let good: Value = serde_json::from_slice(&document(&good)).unwrap();
    let bad = [
        ("kind", json!("strange")),
        ("kind", Value::Null),
        ("transport", json!("carrier pigeon")),
        ("port", json!(65536)),
        ("port", json!("9-8")),
        ("port", Value::Null),
        ("address", json!("here")),
        ("listener", json!({"address": "::"})),
        ("rule", json!(["web"])),
    ];
    for (key, value) in bad {
        let mut document = good.clone();
        document["violations"][0][key] = value;
        let bytes = serde_json::to_vec(&document).unwrap();
        let error = Earlier::read(&*bytes).unwrap_err();
        assert!(
            matches!(error, EarlierError::Malformed { .. }),
            "{key}: {error}"
        );
    }
}

#[test]
fn a_document_without_end_is_refused() {
    let error = Earlier::read(io::repeat(b' ')).unwrap_err();
    assert!(matches!(error, EarlierError::TooLarge), "{error}");
    assert_eq!(
        error.to_string(),
        "it is larger than 64 MiB, which no check document is"
    );
}

#[test]
fn fingerprints_keep_neighbouring_fields_apart() {
    let of = |rule: &str, program: &str| {
        let mut violation = unlisted(listener("0.0.0.0:4444", 7, program));
        violation.rule = rule.to_owned();
        Identity::of_violation(&violation).fingerprint()
    };
    assert_eq!(of("web", "nc"), of("web", "nc"));
    assert_eq!(of("web", "nc").len(), 64);
    assert_ne!(of("web", "nc"), of("we", "bnc"));
    assert_ne!(of("web", "nc"), of("web", "ncat"));
}

/// Lines move with every change of the file; what drifts from a record of it is known all the same.
#[test]
fn a_record_of_a_file_is_the_same_on_another_line() {
    let on = |line: u64| Violation {
        origin: Basis::Site(Some(Citation::Line {
            file: "site.toml".into(),
            line,
        })),
        ..unlisted(listener("0.0.0.0:4444", 7, "nc"))
    };
    let answer = since(
        &check(vec![on(20)], vec![]),
        &earlier(&check(vec![on(12)], vec![])),
    );
    assert!(answer.new.is_clean());
    assert_eq!((answer.known.violations.len(), answer.gone), (1, 0));
}
