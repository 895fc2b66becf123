//! `portolan suggest` beside a site registry: what it avoids, and what it files.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

use crate::command::{Run, alone, finished, portolan};
use crate::schema;

/// A run with its state in a folder.
fn run_in(state: &Path, arguments: &[&str]) -> Run {
    let mut command = portolan();
    command.arg("--state").arg(state).args(arguments);
    finished(command.output().unwrap())
}

fn document(text: &str) -> Value {
    let document = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    schema::check("suggest.json", &document);
    document
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_script_gets_a_number_and_the_same_one_again() {
    let _alone = alone();
    let state = folder();
    let filed = run_in(
        state.path(),
        &["suggest", "--for", "billing-api", "--assign", "--bare"],
    );
    assert_eq!((filed.code, filed.err.as_str()), (Some(0), ""), "{filed:?}");
    let port: u16 = filed.out.trim_end().parse().unwrap();
    // Names are compared without case.
    let again = run_in(
        state.path(),
        &["suggest", "--for", "Billing-API", "--assign", "--bare"],
    );
    assert_eq!(again.out, filed.out);
    assert_eq!(
        (again.code, again.err.as_str()),
        (Some(0), "already filed as record 1\n")
    );
    // The number is what suggest names without filing, and then is nobody else's.
    let other = run_in(
        state.path(),
        &["suggest", "--check", &port.to_string(), "--json"],
    );
    assert_eq!(other.code, Some(1));
    let check = &document(&other.out)["check"];
    assert_eq!(check["ruling"], "taken");
    assert_eq!(check["against"][0]["kind"], "site");
    assert_eq!(check["against"][0]["source"], "site registry, record 1");
    let near = port.to_string();
    let near = run_in(
        state.path(),
        &["suggest", "--near", &near, "--count", "3", "--bare"],
    );
    let beside = |line: &str| line.parse::<u16>().unwrap().abs_diff(port) > 1;
    assert_eq!(near.out.lines().count(), 3);
    assert!(near.out.lines().all(beside), "{port}: {}", near.out);
}

#[test]
fn the_answer_says_what_is_filed_and_what_is_missing() {
    let _alone = alone();
    let state = folder();
    let arguments = ["suggest", "--for", "billing-api", "--assign"];
    let filed = run_in(state.path(), &arguments);
    assert_eq!((filed.code, filed.err.as_str()), (Some(0), ""));
    let port = filed.out.split_once(' ').unwrap().0;
    let end = format!("\
Record 1: billing-api, {port}/tcp,udp, requested
Note: still missing: assignee, contact, description, reference, why-not-dynamic (why no Dynamic port will do); say it with portolan registry modify 1
Next: a reviewer decides it: portolan registry review 1. Until it is assigned, nothing may use it (RFC 6335 section 8.1.1).
");
    assert!(filed.out.ends_with(&end), "{}", filed.out);
    assert!(
        filed
            .out
            .contains(" (tcp, udp)\n  no record of the site registry holds it [site registry]\n")
    );

    let arguments = ["suggest", "--for", "other-api", "--assign", "--json"];
    let more = ["--transport", "udp", "--scope", "group:web"];
    let filed = run_in(state.path(), &[&arguments[..], &more].concat());
    let told = document(&filed.out);
    assert_eq!(
        told["suggestions"][0]["transports"],
        serde_json::json!(["udp"])
    );
    let assigned = &told["assigned"];
    assert_eq!(
        (&assigned["record"], &assigned["version"]),
        (&2.into(), &1.into())
    );
    assert_eq!(assigned["status"], "requested");
    assert_eq!(assigned["scope"], "group:web");
    assert_eq!(assigned["before"], false);
    let again = run_in(state.path(), &[&arguments[..], &more].concat());
    let again = document(&again.out);
    assert_eq!(again["assigned"]["before"], true);
    assert_eq!(
        again["suggestions"][0]["port"],
        told["suggestions"][0]["port"]
    );
}

#[test]
fn what_is_whole_is_given_at_once_where_nobody_reviews() {
    let _alone = alone();
    let state = folder();
    let file = state.path().join("portolan.toml");
    let text = "[site]\nreview = \"first-come\"\nassignee = \"Payments\"\ncontact = \"payments@example.com\"\n";
    std::fs::write(&file, text).unwrap();
    let file = file.display().to_string();
    let filed = run_in(
        state.path(),
        &[
            "suggest",
            "--for",
            "billing-api",
            "--assign",
            "--json",
            "--config",
            &file,
            "--description",
            "Bills",
            "--reference",
            "https://example.com/bills",
            "--why-not-dynamic",
            "Its clients are configured by hand",
            "--because",
            "new",
        ],
    );
    let assigned = &document(&filed.out)["assigned"];
    assert_eq!(assigned["status"], "assigned", "{}", filed.out);
    assert_eq!(assigned["remarks"], serde_json::json!([]));
}

#[test]
fn of_many_names_each_has_a_line_and_those_that_fail_stop_nobody() {
    let _alone = alone();
    let state = folder();
    let mut command = portolan();
    command.arg("--state").arg(state.path());
    command.args(["suggest", "--for", "one-api", "--for-each", "-", "--assign"]);
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let names = "# names\ntwo-api\n\n three_api\nfour-api\n2024\nONE-api\n";
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, names.as_bytes()).unwrap();
    drop(stdin);
    let run = finished(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(1), "{run:?}");
    let told: Vec<&str> = run
        .out
        .lines()
        .map(|l| l.split_once(' ').unwrap().0)
        .collect();
    assert_eq!(told, ["one-api", "two-api", "four-api", "ONE-api"]);
    assert_eq!(
        run.err,
        "\
portolan: no number for three_api: refused by RFC 6335 section 5.1: \"three_api\" is no service name, it holds a character other than letters, digits and hyphens; try three-api
portolan: no number for 2024: refused by RFC 6335 section 5.1: \"2024\" is no service name, it holds no letter; write up to 15 letters, digits and hyphens
ONE-api is already filed as record 1
3 records wait for a review, and may be completed until then: portolan registry list --pending
"
    );
    let lines = |more: &[&str]| {
        let arguments = [
            "suggest", "--for", "four-api", "--for", "5", "--for", "two-api",
        ];
        run_in(
            state.path(),
            &[&arguments[..], &["--assign"], more].concat(),
        )
    };
    let bare = lines(&["--bare"]);
    assert_eq!(bare.code, Some(1));
    assert_eq!(
        bare.out.lines().map(str::is_empty).collect::<Vec<_>>(),
        [false, true, false]
    );
    let json = lines(&["--json"]);
    let told: Vec<Value> = json.out.lines().map(document).collect();
    assert_eq!(told.len(), 3);
    assert_eq!(told[1]["assigned"], Value::Null);
    assert!(
        told[1]["refused"]
            .as_str()
            .unwrap()
            .contains("RFC 6335 section 5.1")
    );
    assert_eq!(told[2]["assigned"]["record"], 2);
}

#[test]
fn a_name_of_somebody_else_and_a_number_that_nobody_may_have_are_refused() {
    let _alone = alone();
    let state = folder();
    let of = |name: &str, more: &[&str]| {
        let run = run_in(
            state.path(),
            &[&["suggest", "--for", name, "--assign", "--bare"], more].concat(),
        );
        assert_eq!(run.err.lines().count(), 1, "{run:?}");
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{run:?}");
        run.err
    };
    let first = [
        "suggest",
        "--for",
        "dns",
        "--transport",
        "tcp",
        "--assign",
        "--bare",
    ];
    let port = run_in(state.path(), &first).out.trim_end().to_owned();
    assert_eq!(
        of("dns", &[]),
        format!(
            "portolan: no number for dns: refused by RFC 6335 section 7.2: record 1 (dns) has {port}/tcp for that name, and a service gets one port; ask for what it lacks with portolan registry modify 1\n"
        )
    );
    assert_eq!(
        of("late", &["--range", "dynamic"]),
        "portolan: no number for late: refused by RFC 6335 section 8.1.2: 49152-65535 lies in the Dynamic range, of which nobody is given a port; ask for one of --range user\n"
    );
    let none = of("late", &["--range", &port]);
    assert!(
        none.starts_with(&format!(
            "portolan: no number for late: {port} is not left: 1 held in the site registry; "
        )),
        "{none}"
    );
}

#[test]
fn without_a_request_nothing_is_kept_and_nothing_is_said_of_a_site() {
    let _alone = alone();
    let state = folder();
    let run = run_in(state.path(), &["suggest", "--for", "billing-api", "--json"]);
    assert!(document(&run.out).get("assigned").is_none());
    assert!(!run.out.contains("site registry"), "{}", run.out);
    assert_eq!(std::fs::read_dir(state.path()).unwrap().count(), 0);
}

#[test]
fn what_does_not_go_with_a_request_is_refused() {
    let state = folder();
    let file = state.path().join("empty");
    std::fs::write(&file, "\n# nothing\n").unwrap();
    let file = file.display().to_string();
    for (arguments, said) in [
        (
            vec!["--for", "a", "--for", "b"],
            "cannot suggest for several names at once: give one, or file a request for each with --assign",
        ),
        (
            vec!["--assign"],
            "a request is for a name: give one with --for, or many with --for-each",
        ),
        (
            vec!["--for-each", file.as_str(), "--assign"],
            "write one on each line",
        ),
        (
            vec!["--for-each", "/nonexistent", "--assign"],
            "cannot read the names in /nonexistent: ",
        ),
        (
            vec!["--for", "a", "--assign", "--count", "2"],
            "cannot be used with",
        ),
        (vec!["--for", "a", "--scope", "all"], "--assign"),
        (
            vec!["--for", "a", "--assign", "--scope", "web"],
            "not a scope: write all, group:NAME or host:NAME",
        ),
    ] {
        let run = run_in(state.path(), &[&["suggest"], &arguments[..]].concat());
        assert_eq!(
            (run.code, run.out.as_str()),
            (Some(2), ""),
            "{arguments:?} {run:?}"
        );
        assert!(run.err.contains(said), "{}", run.err);
    }
}

/// A site that gives numbers at once, and a service with one.
fn with_one() -> TempDir {
    let state = folder();
    let text = "[site]\nreview = \"first-come\"\nassignee = \"Payments\"\ncontact = \"payments@example.com\"\n";
    std::fs::write(state.path().join("portolan.toml"), text).unwrap();
    let given = run_of(
        &state,
        &[
            "registry",
            "request",
            "fc-one",
            "--port",
            "18100",
            "--transport",
            "tcp",
            "--description",
            "One",
            "--reference",
            "its manual",
            "--why-not-dynamic",
            "firewalls open it by number",
        ],
    );
    assert_eq!(given.code, Some(0), "{given:?}");
    state
}

fn run_of(state: &TempDir, arguments: &[&str]) -> Run {
    let file = state.path().join("portolan.toml").display().to_string();
    run_in(state.path(), &[arguments, &["--config", &file]].concat())
}

#[test]
fn a_name_that_has_its_number_gets_that_number() {
    let _alone = alone();
    let state = with_one();
    let bare = run_of(&state, &["suggest", "--for", "FC-one", "--bare"]);
    assert_eq!((bare.code, bare.out.as_str()), (Some(0), "18100\n"));
    assert_eq!(bare.err, "FC-one has 18100/tcp by record 1\n");
    let told = document(&run_of(&state, &["suggest", "--for", "fc-one", "--json"]).out);
    assert_eq!(told["suggestions"][0]["port"], 18100);
    assert_eq!(told["assigned"]["record"], 1);
    assert_eq!(told["assigned"]["before"], true);
    let more = run_of(
        &state,
        &["suggest", "--for", "fc-one", "--count", "2", "--bare"],
    );
    assert_eq!(more.err, "fc-one has 18100/tcp by record 1\n");
    assert_eq!(more.out.lines().count(), 2);
    assert!(!more.out.contains("18100"), "{}", more.out);
    let other = run_of(&state, &["suggest", "--for", "fc-two", "--bare"]);
    assert_eq!((other.code, other.err.as_str()), (Some(0), ""));
}

#[test]
fn another_assignee_is_somebody_else_whoever_asks() {
    let _alone = alone();
    let state = with_one();
    let ask = |more: &[&str]| {
        let words = [
            "suggest",
            "--for",
            "fc-one",
            "--assign",
            "--transport",
            "tcp",
            "--bare",
        ];
        run_of(&state, &[&words[..], more].concat())
    };
    let other = ask(&["--assignee", "Shipping"]);
    assert_eq!((other.code, other.out.as_str()), (Some(1), ""));
    assert_eq!(
        other.err,
        "portolan: no number for fc-one: refused by RFC 6335 section 5.1: record 1 (fc-one) has 18100/tcp for that name, and its assignee is Payments; choose another name\n"
    );
    let same = ask(&["--assignee", "payments"]);
    assert_eq!((same.code, same.out.as_str()), (Some(0), "18100\n"));
}

#[test]
fn a_site_registry_that_cannot_be_read_is_not_passed_over() {
    let _alone = alone();
    let state = folder();
    std::fs::write(state.path().join("portolan.db"), "no database").unwrap();
    let quiet = run_in(state.path(), &["suggest", "--for", "abc", "--bare"]);
    assert_eq!((quiet.code, quiet.out.as_str()), (Some(3), ""), "{quiet:?}");
    assert!(quiet.err.contains("is damaged"), "{}", quiet.err);
    assert_eq!(quiet.err.lines().count(), 1, "{}", quiet.err);
    let filed = run_in(
        state.path(),
        &["suggest", "--for", "abc", "--assign", "--bare"],
    );
    assert_eq!((filed.code, filed.out.as_str()), (Some(3), ""), "{filed:?}");
    let json = run_in(state.path(), &["suggest", "--for", "abc", "--json"]);
    assert_eq!(json.code, Some(3));
    let unread = |document: &Value| {
        let gaps = document["gaps"].as_array().unwrap();
        gaps.iter().any(|gap| gap["what"] == "site_registry")
    };
    assert!(unread(&document(&json.out)), "{}", json.out);
    let taken = run_in(state.path(), &["suggest", "--check", "8080"]);
    assert_eq!(taken.code, Some(1));
    for (words, name) in [
        (&["search", "http-alt", "--json"][..], "search.json"),
        (&["listen", "--json"], "listen.json"),
    ] {
        let run = run_in(state.path(), words);
        let told: Value = serde_json::from_str(&run.out).unwrap();
        schema::check(name, &told);
        assert!(unread(&told), "{name}");
    }
}
