//! Assignees and contacts, where the registry knows its people.

use serde_json::{Value, json};

use crate::command::{json, run};
use crate::schema::check;

const PEOPLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../registry/tests/fixtures/people.xml"
);

/// The lines on who has it.
fn who(arguments: &[&str]) -> Vec<String> {
    let run = run(&[&["--registry", PEOPLE, "--no-live"], arguments].concat());
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let lines = run.out.lines().map(str::trim);
    let lines = lines.filter(|line| line.starts_with("assigned to"));
    lines.map(str::to_owned).collect()
}

fn people(arguments: &[&str]) -> Value {
    let document = json(&[&["--no-live"], arguments].concat());
    check("lookup.json", &document);
    document["people"].clone()
}

#[test]
fn a_look_up_names_whom_the_registry_knows() {
    assert_eq!(
        who(&["2723"]),
        ["assigned to Kennel Ltd, contact Rex Example (Kennel Ltd), modified 2020-07-20"]
    );
    assert_eq!(
        who(&["flock"]),
        [
            "assigned to Rex Example (Kennel Ltd), [Lost_Sheep], Ewe Example, contact Trap \\u{202e}Example"
        ]
    );
    assert_eq!(who(&["meadow"]), ["assigned to Ewe Example"]);
}

#[test]
fn mail_addresses_are_told_on_request_alone() {
    assert_eq!(
        who(&["2723", "--mail"]),
        [
            "assigned to Kennel Ltd, contact Rex Example (Kennel Ltd) <rex@kennel.example>, modified 2020-07-20"
        ]
    );
    let flock = run(&["--registry", PEOPLE, "show", "flock", "--no-live", "--mail"]);
    assert!(
        flock
            .out
            .contains("contact Trap \\u{202e}Example <trap@\\u{9b}2J.example>"),
        "{flock:?}"
    );
    let survey = run(&["--mail"]);
    assert_eq!((survey.code, survey.err.lines().count()), (Some(2), 1));
}

#[test]
fn the_document_lists_each_of_them_once() {
    let rex = |mail: Value| {
        json!({
            "id": "Rex_Example", "name": "Rex Example", "organisation": "Kennel Ltd",
            "mail": mail, "updated": "2020-07",
        })
    };
    let ewe = json!({
        "id": "Ewe_Example", "name": "Ewe Example", "organisation": null, "mail": null,
        "updated": null,
    });
    let known = people(&["--registry", PEOPLE, "2724", "2723", "meadow"]);
    let ids: Vec<&str> = known
        .as_array()
        .unwrap()
        .iter()
        .map(|person| person["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        ["Ewe_Example", "Kennel_Ltd", "Rex_Example", "Trap_Example"]
    );
    assert_eq!((&known[0], &known[2]), (&ewe, &rex(Value::Null)));
    let mailed = people(&["--registry", PEOPLE, "2723", "--mail"]);
    assert_eq!(mailed[1], rex("rex@kennel.example".into()));
}

#[test]
fn the_embedded_registry_knows_nobody() {
    assert_eq!(people(&["2723", "--mail"]), json!([]));
    let shown = |arguments: &[&str]| run(arguments).out;
    assert_eq!(
        shown(&["2723", "--no-live", "--mail"]),
        shown(&["2723", "--no-live"])
    );
}

/// What an update fetched as XML knows people too, whichever table look-ups read.
#[test]
fn an_update_from_xml_brings_them() {
    let state = tempfile::tempdir().unwrap();
    let state = state.path().to_str().unwrap();
    let update = ["registry", "update", "--allow-shrink", "--from", PEOPLE];
    let update = run(&[&["--state", state], &update[..]].concat());
    assert_eq!(update.code, Some(0), "{}", update.err);
    let shown = run(&["--state", state, "--no-live", "2723", "--mail"]).out;
    assert!(
        shown.contains("contact Rex Example (Kennel Ltd) <rex@kennel.example>"),
        "{shown}"
    );
}
