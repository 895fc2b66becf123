//! `portolan check` against real programs: what breaks a policy is named once, and mended it is clean.

mod ci;
mod configuration;
mod lookup;
mod site_drift;
mod stand;
mod wire;

use insta::assert_snapshot;

use crate::command::Run;
use stand::{Stand, Unit};

/// One program, on loopback alone, that has to be there.
const POLICY: &str = "\
[[expect]]
name = \"cache\"
port = \"6379/tcp\"
program = \"redis-server\"
scope = \"loopback\"
required = true
";

/// What a check with this policy says, and how it ends.
fn said(run: &Run) -> String {
    assert_eq!(run.err, "");
    format!("{}exit {}\n", run.out, run.code.unwrap())
}

#[test]
fn each_thing_that_breaks_the_policy_is_named_once_and_mended_it_is_clean() {
    let stand = Stand::new();
    stand.policy(POLICY);
    let cache = stand.redis("redis-server", "127.0.0.1", 6379);
    assert_snapshot!(said(&stand.check(&[])), @r"
    1 rule, 1 listener: everything is as the policy wants it
    exit 0
    ");

    let link = stand.path("by another name");
    std::os::unix::fs::symlink("/usr/bin/redis-server", &link).unwrap();
    stand.policy(&POLICY.replace("\"redis-server\"", &format!("{link:?}")));
    assert_snapshot!(said(&stand.check(&[])), @r"
    1 rule, 1 listener: everything is as the policy wants it
    exit 0
    ");
    stand.policy(POLICY);

    drop(cache);
    assert_snapshot!(said(&stand.check(&[])), @r"
    alert  6379/tcp  cache  it is required, and nothing listens there [portolan.toml:1]

    1 rule, 0 listeners: 1 violation
    exit 1
    ");

    let impostor = stand.redis("impostor", "127.0.0.1", 6379);
    assert_snapshot!(said(&stand.check(&[])), @r"
    alert  6379/tcp at 127.0.0.1  cache  its program is impostor, not redis-server [portolan.toml:1]

    1 rule, 1 listener: 1 violation
    exit 1
    ");

    drop(impostor);
    let wide = stand.redis("redis-server", "0.0.0.0", 6379);
    assert_snapshot!(said(&stand.check(&[])), @r"
    alert  6379/tcp at 0.0.0.0  cache  its scope is any, wider than loopback [portolan.toml:1]

    1 rule, 1 listener: 1 violation
    exit 1
    ");

    drop(wide);
    let cache = stand.redis("redis-server", "127.0.0.1", 6379);
    let another = stand.redis("redis-server", "127.0.0.1", 7000);
    let run = stand.check(&[]);
    let out = run.out.replace(&another.pid().to_string(), "PID");
    assert_snapshot!(said(&Run { out, ..run }), @r"
    alert  7000/tcp at 127.0.0.1  allow-unlisted  no rule of the policy speaks of it (allow-unlisted is false by default once something is expected); held by redis-server PID [portolan.toml:1]

    1 rule, 2 listeners: 1 violation
    exit 1
    ");

    drop(another);
    let run = stand.check_as_nobody();
    // What else the machine hides from nobody is its own affair.
    let own = run
        .out
        .lines()
        .filter(|line| !line.starts_with("Not seen: "));
    let out: String = own.map(|line| format!("{line}\n")).collect();
    let out = out.replace(&hidden(&out), "N processes do not show their descriptors");
    assert_snapshot!(said(&Run { out, ..run }), @r"
    not seen  6379/tcp at 127.0.0.1  cache  its program is hidden: N processes do not show their descriptors to this user [portolan.toml:1]

    1 rule, 1 listener: 1 rule could not be judged (run as root to see it)
    exit 3
    ");

    assert_snapshot!(said(&stand.check(&[])), @r"
    1 rule, 1 listener: everything is as the policy wants it
    exit 0
    ");
    drop(cache);
}

#[test]
fn a_unit_that_was_stopped_is_missing_and_what_took_its_place_differs() {
    let stand = Stand::new();
    let name = format!("portolan-check-{}.service", std::process::id());
    let another = format!("portolan-other-{}.service", std::process::id());
    let unit = Unit::new(&name);
    stand.policy(&format!(
        "[[expect]]\nname = \"cache\"\nport = 6379\nunit = \"{name}\"\nrequired = true\n"
    ));
    let said = || {
        let said = said(&stand.check(&[])).replace(&name, "cache.service");
        said.replace(&another, "other.service")
    };
    let running = stand.redis_in(&unit, "127.0.0.1", 6379);
    assert_snapshot!(said(), @r"
    1 rule, 1 listener: everything is as the policy wants it
    exit 0
    ");
    drop(running);
    assert_snapshot!(said(), @r"
    alert  6379  cache  it is required, and nothing listens there [portolan.toml:1]

    1 rule, 0 listeners: 1 violation
    exit 1
    ");
    let other = Unit::new(&another);
    let wrong = stand.redis_in(&other, "127.0.0.1", 6379);
    assert_snapshot!(said(), @r"
    alert  6379/tcp at 127.0.0.1  cache  its unit is other.service, not cache.service [portolan.toml:1]

    1 rule, 1 listener: 1 violation
    exit 1
    ");
    drop(wrong);
}

/// How many processes hide, which differs from machine to machine.
fn hidden(text: &str) -> String {
    let end = "show their descriptors";
    let to = text.find(end).map_or(0, |at| at + end.len());
    let from = text[..to].rfind("hidden: ").map_or(0, |at| at + 8);
    text[from..to].to_owned()
}

#[test]
fn a_note_is_told_and_does_not_fail_and_the_gravest_comes_first() {
    let stand = Stand::new();
    let _one = stand.redis("redis-server", "127.0.0.1", 7001);
    stand.policy(
        "allow-unlisted = true
[[deny]]
name = \"no caches\"
port = \"7000-7009\"
severity = \"note\"
",
    );
    let run = stand.check(&[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.out.ends_with("\n1 rule, 1 listener: 1 note\n"),
        "{}",
        run.out
    );
    stand.policy(
        "allow-unlisted = true
deny = [\"7001/udp\"]
[[expect]]
port = 9
severity = \"note\"
required = true
[[expect]]
port = 7001
program = \"nginx\"
severity = \"warning\"
[[expect]]
name = \"last\"
port = 8
required = true
",
    );
    assert_snapshot!(said(&stand.check(&[])), @r"
    alert    8                      last         it is required, and nothing listens there [portolan.toml:11]
    warning  7001/tcp at 127.0.0.1  expect 7001  its program is redis-server, not nginx [portolan.toml:7]
    note     9                      expect 9     it is required, and nothing listens there [portolan.toml:3]

    4 rules, 1 listener: 2 violations, 1 note
    exit 1
    ");
}

#[test]
fn sockets_that_share_a_place_are_named_once() {
    let stand = Stand::new();
    stand.policy("deny = [7002]\n");
    let _group = stand.python(
        "import socket, sys
group = []
for _ in range(3):
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    one.bind(('127.0.0.1', 7002))
    one.listen()
    group.append(one)
print('ready', flush=True)
sys.stdin.read()",
    );
    let run = stand.check(&["--json"]);
    let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(document["listeners"], 3);
    assert_eq!(
        document["violations"].as_array().unwrap().len(),
        1,
        "{run:?}"
    );
    crate::schema::check("check.json", &document);
}

#[test]
fn rules_for_one_port_are_alternatives_and_each_required_one_is_wanted() {
    let stand = Stand::new();
    stand.policy(
        "[[expect]]
name = \"left\"
port = 6379
address = \"127.0.0.1\"
required = true
[[expect]]
name = \"right\"
port = 6379
address = \"127.0.0.2\"
required = true
",
    );
    let left = stand.redis("redis-server", "127.0.0.1", 6379);
    assert_snapshot!(said(&stand.check(&[])), @r"
    alert  6379  right  it is required, and none that listens there is it [portolan.toml:6]

    2 rules, 1 listener: 1 violation
    exit 1
    ");
    let right = stand.redis("redis-server", "127.0.0.2", 6379);
    assert_snapshot!(said(&stand.check(&[])), @r"
    2 rules, 2 listeners: everything is as the policy wants it
    exit 0
    ");
    drop((left, right));
    let _wrong = stand.redis("redis-server", "127.0.0.3", 6379);
    assert_snapshot!(said(&stand.check(&[])), @r"
    alert  6379                   right  it is required, and none that listens there is it [portolan.toml:6]
    alert  6379/tcp at 127.0.0.3  left   it is bound to 127.0.0.3, not 127.0.0.1 [portolan.toml:1]

    2 rules, 1 listener: 2 violations
    exit 1
    ");
}

#[test]
fn the_document_keeps_to_its_schema_and_says_where() {
    let stand = Stand::new();
    stand.policy(&format!(
        "{POLICY}[[expect]]\nname = \"many\"\nport = \"8000-8010\"\nrequired = true\n"
    ));
    let _wide = stand.redis("impostor", "0.0.0.0", 6379);
    let run = stand.check(&["--json"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    crate::schema::check("check.json", &document);
    assert_eq!(document["rules"], 2);
    let violations = document["violations"].as_array().unwrap();
    let said: Vec<String> = violations
        .iter()
        .map(|v| {
            format!(
                "{} {} {} {} {}:{} {} {}",
                v["severity"].as_str().unwrap(),
                v["kind"].as_str().unwrap(),
                v["port"],
                v["address"],
                v["line"],
                v["column"],
                v["listener"]["owners"][0]["program"],
                v["because"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "alert differs 6379 \"0.0.0.0\" 1:1 \"impostor\" its program is impostor, not redis-server; its scope is any, wider than loopback",
            "alert missing \"8000-8010\" null 7:1 null it is required, and nothing listens there"
        ]
    );
    assert_eq!(document["policy"], serde_json::json!(["portolan.toml"]));
}
