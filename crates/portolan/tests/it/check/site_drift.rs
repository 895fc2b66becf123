//! What listens against what the site registry says, with real listeners and a real registry.

use insta::assert_snapshot;
use serde_json::Value;

use super::stand::Stand;
use crate::command::Run;

/// No policy: this host's name for the registry, and what requests have in common.
const SITE: &str = "\
[site]
host = \"web1\"
review = \"first-come\"
assignee = \"Payments\"
contact = \"payments@example.net\"
";

/// A stand with a site registry.
struct Site(Stand);

impl Site {
    fn new() -> Self {
        let stand = Stand::new();
        stand.policy(SITE);
        Self(stand)
    }

    fn run_by(&self, by: &[&str], arguments: &[&str]) -> Run {
        let state = self.0.path("state").display().to_string();
        self.0.run(by, &[arguments, &["--state", &state]].concat())
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.run_by(&[], arguments)
    }

    /// Files a request, and grants it.
    fn assign(&self, name: &str, port: u16, more: &[&str]) {
        let port = port.to_string();
        let request = [
            "registry",
            "request",
            name,
            "--port",
            &port,
            "--transport",
            "tcp",
        ];
        let told = [
            "--description",
            "a service",
            "--reference",
            "its manual",
            "--why-not-dynamic",
            "firewalls open it by number",
        ];
        self.step(&[&request[..], &told, more].concat());
        self.step(&["registry", "review", name, "--approve", "--because", "fine"]);
    }

    fn step(&self, arguments: &[&str]) {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(0), "{arguments:?}: {}{}", run.out, run.err);
    }

    fn check(&self, arguments: &[&str]) -> String {
        said(&self.run(&[&["check"], arguments].concat()))
    }

    /// The only listener of the survey.
    fn listener(&self) -> Value {
        let run = self.run(&["--json"]);
        assert_eq!(run.err, "");
        let document: Value = serde_json::from_str(&run.out).unwrap();
        let listeners = document["listeners"].as_array().unwrap();
        let own = |one: &&Value| one["namespace"].is_null();
        listeners.iter().find(own).unwrap().clone()
    }
}

fn said(run: &Run) -> String {
    assert_eq!(run.err, "");
    format!("{}exit {}\n", run.out, run.code.unwrap())
}

/// Verdict, reason and drift of a listener.
fn judged(listener: &Value) -> String {
    let findings = listener["findings"].as_array().unwrap().iter();
    let drift = findings.filter(|finding| finding["kind"] == "site_drift");
    let drift = drift.map(|finding| format!("{}: {}\n", finding["severity"], finding["because"]));
    format!(
        "{}: {} {}\n{}",
        listener["verdict"],
        listener["because"],
        listener["sources"],
        drift.collect::<String>()
    )
}

#[test]
fn an_assignment_is_kept_broken_and_given_back() {
    let site = Site::new();
    site.assign(
        "cache",
        6379,
        &["--program", "redis-server", "--scope", "host:web1"],
    );
    assert_snapshot!(site.check(&[]), @r#"
    note  6379/tcp  site registry  it is assigned to this host for cache, and nothing listens [site registry, record 1]

    0 rules, 1 assignment, 0 listeners: 1 note
    exit 0
    "#);

    let cache = site.0.redis("redis-server", "127.0.0.1", 6379);
    assert_snapshot!(site.check(&[]), @r#"
    0 rules, 1 assignment, 1 listener: everything is as the site registry has it
    exit 0
    "#);
    let listener = site.listener();
    assert_snapshot!(judged(&listener), @r#"
    "expected": "the site registry assigns 6379/tcp to cache, and its program is redis-server" ["site registry, record 1"]
    "#);
    assert_eq!(listener["registered"][0]["service_name"], "cache");
    assert_eq!(listener["registered"][0]["source"], "site");
    drop(cache);

    let impostor = site.0.redis("impostor", "127.0.0.1", 6379);
    assert_snapshot!(site.check(&[]), @r#"
    warning  6379/tcp at 127.0.0.1  site registry  the site registry assigns 6379/tcp to cache, but its program is impostor, not redis-server [site registry, record 1]

    0 rules, 1 assignment, 1 listener: 1 violation
    exit 1
    "#);
    assert_snapshot!(judged(&site.listener()), @r#"
    "unknown": "the site registry assigns 6379/tcp to cache, but its program is impostor, not redis-server" ["site registry, record 1"]
    "warning": "the site registry assigns 6379/tcp to cache, but its program is impostor, not redis-server"
    "#);

    // In each form that a CI system reads.
    let earlier = site.run(&["check", "--json"]);
    std::fs::write(site.0.path("earlier.json"), &earlier.out).unwrap();
    let document: Value = serde_json::from_str(&earlier.out).unwrap();
    let drift = &document["violations"][0];
    assert_eq!(drift["kind"], "site_drift");
    assert_eq!(
        (&drift["record"], &drift["file"]),
        (&Value::from(1), &Value::Null)
    );
    crate::schema::check("check.json", &document);
    let since = site.check(&["--since", "earlier.json"]);
    let when = document["observed_at"].as_str().unwrap();
    assert_snapshot!(since.replace(when, "WHEN"), @r#"
    0 rules, 1 assignment, 1 listener: nothing new since WHEN; 1 known violation stands, 0 gone
    exit 0
    "#);
    let junit = site.run(&["check", "--junit"]).out;
    assert!(
        junit.contains("<testcase classname=\"portolan.check\" name=\"site registry\">"),
        "{junit}"
    );
    assert!(junit.contains("<failure type=\"site_drift\""), "{junit}");
    let sarif: Value = serde_json::from_str(&site.run(&["check", "--sarif"]).out).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "site registry");
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    let rules = &sarif["runs"][0]["tool"]["driver"]["rules"];
    assert_eq!(rules[index]["id"], "site registry");
    drop(impostor);

    // Given back, the number is nobody's, and what listens there drifts.
    let cache = site.0.redis("redis-server", "127.0.0.1", 6379);
    site.step(&["registry", "deassign", "cache", "--because", "moved away"]);
    assert_snapshot!(site.check(&[]), @r#"
    warning  6379/tcp at 127.0.0.1  site registry  the site registry holds 6379/tcp back: it was assigned to cache, and is no more; redis-server listens on 6379/tcp [site registry, record 1]

    0 rules, 0 assignments, 1 listener: 1 violation
    exit 1
    "#);
    assert_snapshot!(judged(&site.listener()), @r#"
    "registered": "redis answers, and 6379/tcp is assigned to it" ["IANA registry, row 6379/tcp"]
    "warning": "the site registry holds 6379/tcp back: it was assigned to cache, and is no more; redis-server listens on 6379/tcp"
    "#);
    drop(cache);
}

#[test]
fn a_service_that_stands_on_another_number_than_its_own_is_noted() {
    let site = Site::new();
    site.assign("redis-server", 7001, &["--program", "redis-server"]);
    let cache = site.0.redis("redis-server", "127.0.0.1", 6379);
    assert_snapshot!(judged(&site.listener()), @r#"
    "registered": "redis answers, and 6379/tcp is assigned to it" ["IANA registry, row 6379/tcp"]
    "note": "7001/tcp is assigned to redis-server by the site registry, where it does not listen; redis-server listens on 6379/tcp"
    "#);
    let own = site.0.redis("redis-server", "127.0.0.1", 7001);
    assert!(
        !judged(&site.listener()).contains("note"),
        "{}",
        site.listener()
    );
    drop((cache, own));
}

#[test]
fn an_owner_that_is_hidden_leaves_its_record_open() {
    let site = Site::new();
    site.assign("cache", 6379, &["--program", "redis-server"]);
    let cache = site.0.redis("redis-server", "127.0.0.1", 6379);
    let nobody = ["--setuid", "65534", "--setgid", "65534"];
    let run = site.run_by(&nobody, &["check"]);
    assert_eq!(run.code, Some(3), "{}{}", run.out, run.err);
    let told = "site registry";
    let open = run.out.lines().find(|line| line.starts_with("not seen"));
    assert!(open.unwrap().contains(told), "{}", run.out);
    drop(cache);
}

/// A site registry that is a file has a place for everything that departs from it.
#[test]
fn drift_from_a_file_is_told_with_file_and_line() {
    let site = Site::new();
    site.0
        .policy("[site]\nhost = \"web1\"\nfile = \"site.toml\"\n");
    let record = "[[assignment]]\nservice-name = \"cache\"\nport = 6379\ntransport = \"tcp\"\n\
                  program = \"redis-server\"\nregistered = 2026-11-20\n";
    let text = format!("# Caches.\n\n{record}");
    std::fs::write(site.0.path("site.toml"), text).unwrap();
    let impostor = site.0.redis("impostor", "127.0.0.1", 6379);
    let document: Value = serde_json::from_str(&site.run(&["check", "--json"]).out).unwrap();
    crate::schema::check("check.json", &document);
    let drift = &document["violations"][0];
    assert_eq!(drift["kind"], "site_drift");
    let file = drift["file"].as_str().unwrap();
    assert!(file.ends_with("site.toml"), "{file}");
    assert_eq!(
        (&drift["line"], &drift["column"]),
        (&Value::from(3), &Value::Null)
    );
    assert!(drift.get("record").is_none(), "{drift}");
    let source = format!("site registry, {file}:3");
    let said = site.check(&[]);
    assert!(said.contains(&format!("[{source}]")), "{said}");
    let listener = site.listener();
    assert_eq!(listener["sources"], Value::from(vec![source]));
    let sarif: Value = serde_json::from_str(&site.run(&["check", "--sarif"]).out).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "site.toml");
    assert_eq!(place["region"], serde_json::json!({"startLine": 3}));
    drop(impostor);
}

#[test]
fn an_assignment_that_cannot_be_judged_is_told() {
    let site = Site::new();
    site.assign("cachet", 6379, &[]);
    let cache = site.0.redis("redis-server", "127.0.0.1", 6379);
    assert_snapshot!(site.check(&[]), @r#"
    0 rules, 1 assignment, 1 listener: nothing departs from what is asked for
    1 assignment could not be judged: portolan registry modify 1 --program NAME makes it so
    exit 0
    "#);
    let document: Value = serde_json::from_str(&site.run(&["check", "--json"]).out).unwrap();
    crate::schema::check("check.json", &document);
    assert_eq!(document["undecided"], serde_json::json!(["record 1"]));
    let junit = site.run(&["check", "--junit"]).out;
    let counted = "<property name=\"assignments\" value=\"1\"/>";
    assert!(junit.contains(counted), "{junit}");
    let learned = site.run(&["check", "--learn"]).out;
    let said = "# 6379/tcp is assigned to cachet by record 1 of this site; by IANA it is assigned to redis";
    assert!(learned.contains(said), "{learned}");
    // What the registry assigns is listed, unless a file says that rules alone count.
    site.step(&["registry", "modify", "1", "--program", "redis-server"]);
    let rule = "[[expect]]\nport = 6381\n";
    site.0.policy(&format!("{rule}\n{SITE}"));
    assert_snapshot!(site.check(&[]), @r#"
    1 rule, 1 assignment, 1 listener: everything is as the policy and the site registry want it
    exit 0
    "#);
    site.0
        .policy(&format!("allow-unlisted = false\n{rule}\n{SITE}"));
    let denied = site.check(&[]);
    let said = "no rule of the policy speaks of it; the site registry assigns 6379/tcp to cachet; held by redis-server";
    assert!(
        denied.contains(said) && denied.ends_with("exit 1\n"),
        "{denied}"
    );
    drop(cache);
}
