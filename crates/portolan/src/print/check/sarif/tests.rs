use std::path::PathBuf;

use portolan_ports::policy::Origin;
use serde_json::Value;

use super::super::example::{
    HOSTILE, clean, drifting, drifting_from_a_file, earlier, everything, origin,
};
use super::*;

const AT: &str = "2026-11-21T21:00:00Z";

fn written(check: &Check) -> String {
    document(check, None, AT, Path::new("/srv")).unwrap()
}

fn run_beside(check: &Check, earlier: &Earlier) -> Value {
    let text = document(check, Some(earlier), AT, Path::new("/srv")).unwrap();
    let log: Value = serde_json::from_str(&text).unwrap();
    log["runs"][0].clone()
}

fn run(check: &Check) -> Value {
    let log: Value = serde_json::from_str(&written(check)).unwrap();
    log["runs"][0].clone()
}

#[test]
fn everything_that_a_check_may_find() {
    let text = written(&everything());
    insta::assert_snapshot!(text.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

/// §3.13.2-4: version, $schema and runs of a log.
#[test]
fn the_log_says_its_version_and_has_one_run() {
    let log: Value = serde_json::from_str(&written(&clean())).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert!(
        log["$schema"]
            .as_str()
            .unwrap()
            .ends_with("sarif-2.1.0.json")
    );
    assert_eq!(log["runs"].as_array().unwrap().len(), 1);
}

/// §3.14.23: a run that found nothing has an empty array, not none; §3.20.14.
#[test]
fn a_machine_in_order_has_no_result_and_was_looked_at() {
    let run = run(&clean());
    assert_eq!(run["results"], json!([]));
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    assert_eq!(invocation["toolExecutionNotifications"], json!([]));
    assert_eq!(invocation["endTimeUtc"], AT);
}

/// §3.18.2, §3.19.2, §3.19.8, §3.49.3: a tool has a driver, that one a name, and each rule an id.
#[test]
fn every_rule_of_the_policy_is_a_rule_with_the_texts_that_github_wants() {
    let check = everything();
    let run = run(&check);
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "portolan");
    assert_eq!(driver["version"], env!("CARGO_PKG_VERSION"));
    let rules = driver["rules"].as_array().unwrap();
    assert_eq!(rules.len(), check.rules.len() + 1);
    for (rule, name) in rules.iter().zip(check.rules.iter().map(|(name, _)| name)) {
        assert_eq!(rule["id"], one_line(name));
        for key in ["shortDescription", "fullDescription", "help"] {
            assert!(!rule[key]["text"].as_str().unwrap().is_empty());
        }
    }
    assert_eq!(rules.last().unwrap()["id"], "allow-unlisted");
}

/// §3.27.5-6, §3.27.10-12: the rule by id and index, the level, the message, the location.
#[test]
fn a_result_names_its_rule_its_level_and_its_place() {
    let run = run(&everything());
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 6);
    for result in results {
        let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[at]["id"], result["ruleId"]);
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "web%201/portolan.toml");
        assert_eq!(place["region"], json!({"startLine": 7, "startColumn": 1}));
    }
    let levels: Vec<&str> = results
        .iter()
        .map(|r| r["level"].as_str().unwrap())
        .collect();
    assert_eq!(
        levels,
        ["error", "error", "warning", "warning", "note", "note"]
    );
    // §3.14.27: columns are counted in characters.
    assert_eq!(run["columnKind"], "unicodeCodePoints");
}

/// §3.27.17: a fingerprint is the same on every run, and tells two results apart.
#[test]
fn fingerprints_hold_whatever_changes_with_a_restart() {
    let prints = |check: &Check| {
        let of = |result: &Value| result["partialFingerprints"].clone();
        let run = run(check);
        run["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(of)
            .collect::<Vec<Value>>()
    };
    let check = everything();
    let mut later = check.clone();
    for violation in &mut later.violations {
        violation.origin = origin(12).into();
        violation.severity = Severity::Note;
        for owner in violation.listener.iter_mut().flat_map(|l| &mut l.owners) {
            owner.pid += 1;
        }
    }
    assert_eq!(prints(&check), prints(&later));
    let own = prints(&check);
    for (at, print) in own.iter().enumerate() {
        // The last two are the same listener told twice.
        assert_eq!(
            own.iter().filter(|other| *other == print).count(),
            if at > 3 { 2 } else { 1 }
        );
        assert!(print["primaryLocationLineHash"].as_str().unwrap().len() == 64);
    }
}

/// §3.20.14, §3.20.21, §3.58: what was not seen makes the run unsuccessful and is told.
#[test]
fn what_could_not_be_judged_is_a_notification_about_its_rule() {
    let whole = run(&everything());
    let invocation = &whole["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = invocation["toolExecutionNotifications"].as_array().unwrap();
    let notifications = whole["tool"]["driver"]["notifications"].as_array().unwrap();
    assert_eq!(told.len(), 4);
    for notification in told {
        let descriptor = &notification["descriptor"];
        let at = usize::try_from(descriptor["index"].as_u64().unwrap()).unwrap();
        assert_eq!(notifications[at]["id"], descriptor["id"]);
        assert!(!notification["message"]["text"].as_str().unwrap().is_empty());
    }
    let rules = whole["tool"]["driver"]["rules"].as_array().unwrap();
    let rule = &told[0]["associatedRule"];
    assert_eq!(rule["id"], "cache");
    assert_eq!(
        rules[usize::try_from(rule["index"].as_u64().unwrap()).unwrap()]["id"],
        "cache"
    );
    assert_eq!(
        (&told[0]["level"], &told[3]["level"]),
        (&json!("error"), &json!("warning"))
    );
    // Of what no rule speaks, no rule is to blame: it has one of its own, as results have.
    let rule = &told[2]["associatedRule"];
    assert_eq!(
        *rule,
        json!({"id": "allow-unlisted", "index": rules.len() - 1})
    );
    // A gap alone leaves every rule judged.
    let gap = Check {
        gaps: everything().gaps,
        ..clean()
    };
    assert_eq!(run(&gap)["invocations"][0]["executionSuccessful"], true);
}

/// §3.11.5-6: no foreign word is a placeholder or a link.
#[test]
fn a_hostile_word_is_text_and_nothing_else() {
    let text = written(&everything());
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    let run = run(&everything());
    let message = run["results"][2]["message"]["text"].as_str().unwrap();
    assert!(!message.contains("]("), "{message}");
    let braces = message.replace("{{", "").replace("}}", "");
    assert!(!braces.contains(['{', '}']), "{message}");
    assert!(
        message.contains("\\u{{1b}}[2J") && message.contains("{{0}}[x] (http"),
        "{message}"
    );
    assert_eq!(run["tool"]["driver"]["rules"][4]["id"], one_line(HOSTILE));
}

/// §3.27.24: what was known stays a result, and is told from what is new; §3.20.14.
#[test]
fn beside_an_earlier_check_nothing_known_looks_mended() {
    let states = |run: &Value| -> Vec<Value> {
        let results = run["results"].as_array().unwrap();
        results.iter().map(|r| r["baselineState"].clone()).collect()
    };
    let mut before = everything();
    before.violations.remove(1);
    let run_now = run_beside(&everything(), &earlier(&before));
    let (old, new) = (json!("unchanged"), json!("new"));
    assert_eq!(
        states(&run_now),
        [&old, &new, &old, &old, &old, &old].map(Clone::clone)
    );
    let invocation = &run_now["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = invocation["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(told.len(), 4);
    // Without an earlier one nothing is said of it.
    assert!(states(&run(&everything())).iter().all(Value::is_null));
}

#[test]
fn the_same_check_is_the_same_document() {
    assert_eq!(written(&everything()), written(&everything()));
}

#[cfg(unix)]
#[test]
fn files_are_named_by_references_that_hold_no_syntax() {
    let uri = |file: &str, base: &str| location::uri(file, &PathBuf::from(base));
    let told = |file, base| uri(file, base).unwrap();
    assert_eq!(told("/srv/a/portolan.toml", "/srv"), "a/portolan.toml");
    assert_eq!(told("portolan.toml", "/srv"), "portolan.toml");
    assert_eq!(told("./a/../portolan.toml", "/srv/."), "portolan.toml");
    assert_eq!(told("../portolan.toml", "/srv"), "file:///portolan.toml");
    assert_eq!(
        told("/etc/portolan/portolan.toml", "/srv"),
        "file:///etc/portolan/portolan.toml"
    );
    // Below the root lies everything.
    assert_eq!(told("/etc/portolan.toml", "/"), "file:///etc/portolan.toml");
    assert_eq!(told("http://x?y#z", "/srv"), "http%3A/x%3Fy%23z");
    assert_eq!(told("a b%20é\u{1b}\\", "/srv"), "a%20b%2520%C3%A9%1B%5C");
    assert_eq!(told("portolan.toml", ""), "portolan.toml");
    assert_eq!(uri("", "/srv"), None);
}

/// §3.30.5-6: lines and columns begin at 1.
#[test]
fn a_place_that_is_not_known_is_the_first() {
    let nowhere = Origin {
        file: "portolan.toml".to_owned(),
        line: 0,
        column: 0,
    };
    let location = location::of(&nowhere.into(), Path::new("/srv"));
    let region = &location["physicalLocation"]["region"];
    assert_eq!(*region, json!({"startLine": 1, "startColumn": 1}));
}

/// GitHub refuses a log of which one result has no physical location.
#[test]
fn drift_has_a_rule_of_its_own_and_a_place() {
    let mut check = drifting();
    check.rules.push(("site registry".to_owned(), origin(30)));
    let run = run(&check);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 2);
    for result in run["results"].as_array().unwrap() {
        assert_eq!(result["ruleId"], "site registry");
        assert_eq!(result["ruleIndex"], 1);
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(place["uri"], "site-registry");
    }
    let told = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(told["associatedRule"]["index"], 1);
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

/// The place is the record's own, so that a review shows the result at its line.
#[test]
fn drift_from_a_file_stands_at_the_record() {
    let run = run(&drifting_from_a_file());
    let place = |result: &Value| result["locations"][0]["physicalLocation"].clone();
    let results = run["results"].as_array().unwrap();
    let places: Vec<Value> = results.iter().map(place).collect();
    let at = |line: u64| {
        json!({
            "artifactLocation": { "uri": "web%201/site.toml" },
            "region": { "startLine": line },
        })
    };
    assert_eq!(places, [at(12), at(14)]);
    let told = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(place(told), at(13));
}
