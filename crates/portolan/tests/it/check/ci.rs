//! A policy that was learned, checks that tell only what is new, and the forms for CI systems.

use std::fs;

use serde_json::Value;

use super::stand::Stand;
use crate::command::Run;

#[test]
fn what_was_learned_is_kept_at_once_and_tells_what_comes_later() {
    let stand = Stand::new();
    let cache = stand.redis("redis-server", "127.0.0.1", 6379);
    let wide = stand.redis("redis-server", "0.0.0.0", 7000);
    // Nothing is read before it is written: the policy may not exist yet.
    fs::write(stand.file(), "").unwrap();
    let learned = stand.check(&["--learn"]);
    assert_eq!((learned.code, learned.err.as_str()), (Some(0), ""));
    stand.policy(&learned.out);
    let clean = stand.check(&[]);
    assert_eq!(clean.code, Some(0), "{}\n{}", clean.out, learned.out);
    assert_eq!(
        clean.out,
        "2 rules, 2 listeners: everything is as the policy wants it\n"
    );

    drop(wide);
    let elsewhere = stand.redis("redis-server", "127.0.0.1", 7001);
    let run = stand.check(&[]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(
        run.out.contains("alert  7001/tcp at 127.0.0.1"),
        "{}",
        run.out
    );
    drop((cache, elsewhere));
}

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap()
}

#[test]
fn only_what_is_new_is_told_and_decides() {
    let stand = Stand::new();
    stand.policy("[[expect]]\nname = \"cache\"\nport = \"6379/tcp\"\nrequired = true\n");
    let old = stand.redis("redis-server", "127.0.0.1", 7000);
    let earlier = stand.check(&["--json"]);
    assert_eq!(earlier.code, Some(1));
    fs::write(stand.path("earlier.json"), &earlier.out).unwrap();

    let same = stand.check(&["--since", "earlier.json"]);
    assert_eq!(same.code, Some(0), "{same:?}");
    let at = document(&earlier)["observed_at"].clone();
    let at = at.as_str().unwrap();
    assert_eq!(
        same.out,
        format!("1 rule, 1 listener: nothing new since {at}; 2 known violations stand, 0 gone\n")
    );

    let new = stand.redis("redis-server", "127.0.0.1", 7001);
    let found = stand.check(&["--since", "earlier.json"]);
    let end = format!(
        "\n\n1 rule, 2 listeners, new since {at}: 1 violation; 2 known violations stand, 0 gone\n"
    );
    assert!(found.out.ends_with(&end), "{found:?}");
    assert!(
        found
            .out
            .starts_with("alert  7001/tcp at 127.0.0.1  allow-unlisted")
    );
    let junit = stand.check(&["--since", "earlier.json", "--junit"]);
    assert_eq!(junit.code, Some(1));
    for (part, number) in [
        (format!("<skipped message=\"known since {at}: "), 2),
        (
            "<failure type=\"unlisted\" message=\"7001/tcp at ".to_owned(),
            1,
        ),
        ("skipped=\"2\"".to_owned(), 1),
    ] {
        let found = junit.out.matches(&part).count();
        assert_eq!(found, number, "{part}\n{}", junit.out);
    }
    let sarif = document(&stand.check(&["--since", "earlier.json", "--sarif"]));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let states: Vec<&Value> = results.iter().map(|r| &r["baselineState"]).collect();
    assert_eq!(states, ["unchanged", "unchanged", "new"]);
    let found = stand.check(&["--since", "earlier.json", "--json"]);
    assert_eq!(found.code, Some(1));
    let document: Value = serde_json::from_str(&found.out).unwrap();
    let told: Vec<(&Value, &Value)> = document["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| (&found["port"], &found["known"]))
        .collect();
    let [old_one, new_one] = [true, false].map(Value::from);
    let ports = [6379, 7000, 7001].map(Value::from);
    assert_eq!(
        told,
        [
            (&ports[0], &old_one),
            (&ports[1], &old_one),
            (&ports[2], &new_one)
        ]
    );
    assert_eq!(document["since"]["known_violations"], 2);
    crate::schema::check("check.json", &document);

    // Each document is the earlier one of the next run.
    fs::write(stand.path("rotated.json"), &found.out).unwrap();
    let rotated = stand.check(&["--since", "rotated.json", "--json"]);
    assert_eq!(rotated.code, Some(0), "{rotated:?}");
    let document: Value = serde_json::from_str(&rotated.out).unwrap();
    assert_eq!(document["violations"].as_array().unwrap().len(), 3);
    assert_eq!(document["since"]["known_violations"], 3);
    assert_eq!(document["since"]["gone"], 0);

    let elsewhere = earlier.out.replacen("\"host\": \"", "\"host\": \"not-", 1);
    fs::write(stand.path("elsewhere.json"), elsewhere).unwrap();
    for (file, told) in [
        (
            "elsewhere.json",
            "cannot compare: the earlier check is of not-",
        ),
        (
            "portolan.toml",
            "cannot read portolan.toml as an earlier check: ",
        ),
        ("absent.json", "cannot open the earlier check absent.json: "),
    ] {
        let run = stand.check(&["--since", file]);
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
        assert!(run.err.starts_with(&format!("portolan: {told}")), "{run:?}");
        assert_eq!(run.err.lines().count(), 1, "{run:?}");
    }
    drop((old, new));
}

#[test]
fn what_was_known_and_could_not_be_judged_is_named_and_never_in_order() {
    let stand = Stand::new();
    // It takes connections and says nothing, which proves no protocol and disproves none.
    stand.policy(
        "allow-unlisted = true\n[[expect]]\nname = \"mute\"\nport = \"7000/tcp\"\nprotocol = \"http\"\n",
    );
    let mute = stand.python(
        "import socket, sys
one = socket.socket()
one.bind(('127.0.0.1', 7000))
one.listen()
print('ready', flush=True)
sys.stdin.read()",
    );
    let earlier = stand.check(&["--json"]);
    assert_eq!(earlier.code, Some(3), "{earlier:?}");
    fs::write(stand.path("earlier.json"), &earlier.out).unwrap();
    let at = document(&earlier)["observed_at"].clone();
    let at = at.as_str().unwrap();
    let same = stand.check(&["--since", "earlier.json"]);
    assert_eq!(
        (same.code, same.out),
        (
            Some(3),
            format!(
                "1 rule, 1 listener: nothing new since {at}; 0 gone\n1 rule still could not be judged: mute\n"
            )
        )
    );

    let junit = stand.check(&["--since", "earlier.json", "--junit"]);
    assert_eq!(junit.code, Some(3));
    let error = format!("<error type=\"unseen\" message=\"known since {at}: 7000/tcp at ");
    assert!(junit.out.contains(&error), "{}", junit.out);
    let sarif = document(&stand.check(&["--since", "earlier.json", "--sarif"]));
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = &invocation["toolExecutionNotifications"][0];
    assert_eq!(told["associatedRule"]["id"], "mute");

    drop(mute);
    let mended = stand.check(&["--since", "earlier.json"]);
    assert_eq!(
        (mended.code, mended.out),
        (
            Some(0),
            format!(
                "1 rule, 0 listeners: nothing new since {at}; everything is as the policy wants it, 1 gone\n"
            )
        )
    );
}

#[test]
fn a_ci_system_reads_what_broke() {
    let stand = Stand::new();
    stand.policy("[[expect]]\nname = \"cache\"\nport = \"6379/tcp\"\nrequired = true\n");
    let other = stand.redis("redis-server", "127.0.0.1", 7000);

    let junit = stand.check(&["--junit"]);
    assert_eq!((junit.code, junit.err.as_str()), (Some(1), ""));
    for part in [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "name=\"cache\"",
        "<failure type=\"missing\"",
        "<failure type=\"unlisted\"",
    ] {
        assert!(junit.out.contains(part), "{part}\n{}", junit.out);
    }

    let sarif = stand.check(&["--sarif"]);
    assert_eq!((sarif.code, sarif.err.as_str()), (Some(1), ""));
    let log: Value = serde_json::from_str(&sarif.out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let mut rules: Vec<&str> = results
        .iter()
        .map(|result| result["ruleId"].as_str().unwrap())
        .collect();
    rules.sort_unstable();
    assert_eq!(rules, ["allow-unlisted", "cache"]);
    let region = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(region["artifactLocation"]["uri"], "portolan.toml");
    assert_eq!(region["region"]["startLine"], 1);
    drop(other);

    let two = stand.check(&["--sarif", "--junit"]);
    assert_eq!(two.code, Some(2));
}

#[test]
fn no_required_rule_passes_that_nothing_keeps() {
    let stand = Stand::new();
    let rule = |name: &str, program: &str| {
        format!(
            "[[expect]]\nname = \"{name}\"\nport = \"7777/tcp\"\nprogram = \"{program}\"\nrequired = true\n"
        )
    };
    stand.policy(&(rule("x", "nginx") + &rule("y", "caddy")));
    let stranger = stand.redis("redis-server", "127.0.0.1", 7777);
    let run = stand.check(&[]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (
            Some(1),
            "alert  7777/tcp               y  it is required, and none that listens there is it [portolan.toml:6]
alert  7777/tcp at 127.0.0.1  x  its program is redis-server, not nginx [portolan.toml:1]

2 rules, 1 listener: 2 violations
"
        )
    );
    let junit = stand.check(&["--junit"]);
    assert!(
        junit
            .out
            .contains("tests=\"2\" failures=\"2\" errors=\"0\""),
        "{}",
        junit.out
    );
    drop(stranger);
}
