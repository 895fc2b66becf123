//! A look-up and a survey that know the host's policy.

use serde_json::Value;

use super::stand::Stand;

const POLICY: &str = "\
[[expect]]
name = \"cache\"
port = \"7400/tcp\"
program = \"redis-server\"
required = true
[[expect]]
name = \"range\"
port = \"7399-7401\"
";

fn json(stand: &Stand, arguments: &[&str]) -> Value {
    let run = stand.run(&[], &[arguments, &["--json"]].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    serde_json::from_str(&run.out).unwrap()
}

#[test]
fn a_look_up_says_what_the_policy_wants_and_what_is_missing() {
    let stand = Stand::new();
    stand.policy(POLICY);
    let text = stand.run(&[], &["7400"]).out;
    let sentence = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap();
    assert!(
        sentence("7400/tcp: ").ends_with("; nothing listens here, though policy requires it"),
        "{text}"
    );
    assert!(
        sentence("7400/udp: ").ends_with("; nothing listens here"),
        "{text}"
    );
    // Before all other claims.
    let begin = text.find("This host's policy").unwrap();
    assert!(begin < text.find("What is known of it").unwrap(), "{text}");
    let begin = text[begin..].lines().take(3).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(begin, @r"
    This host's policy
      cache  7400/tcp   required: program redis-server [portolan.toml:1]
      range  7399-7401  allowed: any listener [portolan.toml:6]
    ");
    assert!(
        text.contains("On this machine: missing: policy requires a listener"),
        "{text}"
    );
    let many = stand.run(&[], &["7390-7400"]).out;
    let begin = many.lines().take(5).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(begin, @r"
    This host's policy
      range  7399-7401  allowed: any listener [portolan.toml:6]
      cache  7400/tcp   required: program redis-server [portolan.toml:1]

    PORTS      TRANSPORT          STATE       SAYS                                      HERE
    ");
    let document = json(&stand, &["7400"]);
    crate::schema::check("lookup.json", &document);
    let port = &document["ports"][0];
    assert_eq!(port["presence"], "missing");
    assert_eq!(port["policy"][0]["rule"], "cache");
    assert_eq!(
        port["policy"][0]["demand"],
        "required: program redis-server"
    );
    assert_eq!(port["policy"][0]["line"], 1);
    assert_eq!(port["policy"][1]["rule"], "range");
    let beside = json(&stand, &["7401"]);
    assert_eq!(beside["ports"][0]["presence"], "vacant");
    assert_eq!(beside["ports"][0]["policy"][0]["rule"], "range");
    let other = json(&stand, &["7400/udp"]);
    assert_eq!(other["ports"][0]["policy"][0]["rule"], "range");
    let unread = json(&stand, &["7400", "--no-live"]);
    assert_eq!(unread["ports"][0]["policy"], serde_json::json!([]));

    let _cache = stand.redis("redis-server", "127.0.0.1", 7400);
    let there = json(&stand, &["7400"]);
    assert_eq!(there["ports"][0]["presence"], "listening");
    assert_eq!(there["ports"][0]["listeners"][0]["verdict"], "expected");
}

#[test]
fn the_survey_judges_by_the_policy_first() {
    let _alone = crate::command::alone();
    let stand = Stand::new();
    stand.policy(POLICY);
    let _cache = stand.redis("redis-server", "127.0.0.1", 7400);
    let _stray = stand.redis("redis-server", "127.0.0.1", 7500);
    let survey = json(&stand, &["--passive"]);
    let own = survey["listeners"].as_array().unwrap().iter();
    let said: Vec<String> = own
        .filter(|listener| listener["namespace"].is_null())
        .map(|listener| {
            format!(
                "{} {}: {} {}",
                listener["port"],
                listener["verdict"].as_str().unwrap(),
                listener["because"].as_str().unwrap(),
                listener["sources"]
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "7500 violation: no rule of the policy speaks of it (allow-unlisted is false by default once something is expected) [\"policy: allow-unlisted (portolan.toml:1)\"]",
            "7400 expected: rule \"cache\" expects this listener [\"policy: cache (portolan.toml:1)\"]"
        ]
    );
}
