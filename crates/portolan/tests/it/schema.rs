//! Real output keeps to the JSON Schemas under `docs/schema/`.

use std::fs;
use std::net::TcpListener;

use serde_json::Value;

use crate::command::{alone, json, run};

const BASE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../data/iana/service-names-port-numbers.csv"
);
const SEEDED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../registry/tests/fixtures/lint-seeded.csv"
);

pub(crate) fn check(name: &str, document: &Value) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema");
    let folder = fs::canonicalize(folder).unwrap();
    let text = fs::read_to_string(folder.join(name)).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::options()
        .with_base_uri(format!("file://{}/{name}", folder.display()))
        .build(&schema)
        .unwrap();
    let faults: Vec<String> = validator
        .iter_errors(document)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{name}: {faults:#?}");
}

#[test]
fn every_document_keeps_to_its_schema() {
    let _alone = alone();
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    let target = format!("127.0.0.1:{port}");
    check("survey.json", &json(&[]));
    check("survey.json", &json(&["--passive"]));
    check("listen.json", &json(&["listen"]));
    check(
        "identify.json",
        &json(&["identify", &target, &format!("{target}/udp")]),
    );
    let lines = run(&["identify", "--lines", &target, &format!("{target}/udp")]).out;
    assert_eq!(lines.lines().count(), 2);
    for line in lines.lines() {
        let one: Value = serde_json::from_str(line).unwrap();
        assert_eq!(one["schema"], "portolan.identified/1");
        check("identified-target.json", &one);
    }
    check("search.json", &json(&["search", "vite"]));
    check("search.json", &json(&["search", "4444"]));
    check("search.json", &json(&["search", "4444", "--substring"]));
    check("registry-stats.json", &json(&["registry", "stats"]));
    check("registry-export.json", &json(&["registry", "export"]));
    let lines = run(&[
        "registry", "export", "--format", "jsonl", "--ports", "80,6000",
    ])
    .out;
    for line in lines.lines() {
        check("registry-row.json", &serde_json::from_str(line).unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("portolan.toml");
    fs::write(
        &policy,
        format!("deny = [{port}]\n[[expect]]\nport = \"1-9\"\nrequired = true\n"),
    )
    .unwrap();
    let policy = policy.display().to_string();
    let checked = json(&["check", "--config", &policy]);
    assert!(checked["violations"].as_array().unwrap().len() >= 2);
    check("check.json", &checked);
    check(
        "lookup.json",
        &json(&[&port.to_string(), "--config", &policy]),
    );
    check("lint.json", &json(&["registry", "lint"]));
    check("lint.json", &json(&["registry", "lint", SEEDED]));
    check(
        "registry-diff.json",
        &json(&["registry", "diff", "embedded", BASE]),
    );
    check(
        "registry-history.json",
        &json(&["registry", "history", "300"]),
    );
    check("registry-map.json", &json(&["registry", "map"]));
    check(
        "registry-map.json",
        &json(&["registry", "map", "--transport", "udp"]),
    );
    check("suggest.json", &json(&["suggest"]));
    check("suggest.json", &json(&["suggest", "--range", "1-10"]));
    check("suggest.json", &json(&["suggest", "--check", "8080"]));
    for query in [
        vec!["4444"],
        vec!["717-728", "ssh", "63"],
        vec!["nosuchname"],
        vec!["2723/udp", "--no-live"],
        vec![&port.to_string(), "--probe"],
    ] {
        check("lookup.json", &json(&query));
    }
}

#[test]
fn a_schema_refuses_what_is_missing() {
    let mut document = json(&["2723", "--no-live"]);
    document["ports"][0]
        .as_object_mut()
        .unwrap()
        .remove("range");
    let refused = std::panic::catch_unwind(|| check("lookup.json", &document));
    assert!(refused.is_err());
}
