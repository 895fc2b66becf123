//! `portolan.toml` as a policy: what it says, and what is said of every mistake in it.

mod mistakes;
mod written;

use portolan_ports::Scope;
use portolan_ports::policy::{Demand, Expected, Policy, Reader, Rule, Unlisted};

/// What Portolan can prove, for these tests.
const PROTOCOLS: [&str; 2] = ["http", "zookeeper"];

fn read(text: impl AsRef<[u8]>) -> Result<Policy, String> {
    let mut reader = Reader::new(&PROTOCOLS, &["probe"]);
    reader
        .file("FILE", text.as_ref())
        .map_err(|mistake| mistake.to_string())?;
    Ok(reader.policy())
}

fn mistake(text: impl AsRef<[u8]>) -> String {
    let said = read(text).unwrap_err();
    assert_eq!(said.lines().count(), 1, "{said:?}");
    said
}

/// Each rule on one line: place, severity, name, demand, origin.
fn told(policy: &Policy) -> String {
    let rules = policy.rules.iter().map(|rule| {
        let Rule {
            name,
            demand,
            severity,
            origin,
            ..
        } = rule;
        let (place, column) = (rule.place(), origin.column);
        format!(
            "{place} {}: {name:?}: {demand} [{origin}:{column}]\n",
            severity.as_str()
        )
    });
    rules.collect()
}

#[test]
fn the_whole_form_is_read() {
    let policy = read(
        r#"
deny = [23, "6000-6063/tcp", "udp/69", { port = 111, severity = "note" }]

[probe]
never = []

[[expect]]
name = "web"
port = 443
transport = "tcp"
program = "nginx"
unit = "nginx.service"
container = "web1"
user = "www-data"
protocol = "https"
product = "nginx"
address = "127.0.0.1"
scope = "loopback"
required = true
severity = "warning"

[[expect]]
port = "8000-8010"
protocol = "zookeeper"

[[expect]]
port = "sctp/0x50"
"#
        .replace("sctp/0x50", "sctp/80"),
    );
    insta::assert_snapshot!(told(policy.as_ref().unwrap()), @r#"
    23 alert: "deny 23": nothing may listen here [FILE:2:9]
    6000-6063/tcp alert: "deny 6000-6063/tcp": nothing may listen here [FILE:2:13]
    69/udp alert: "deny 69/udp": nothing may listen here [FILE:2:30]
    111 note: "deny 111": nothing may listen here [FILE:2:40]
    443/tcp warning: "web": required: program nginx, user www-data, unit nginx.service, container web1, protocol https, product nginx, at 127.0.0.1, no wider than loopback [FILE:7:1]
    8000-8010 alert: "expect 8000-8010": allowed: protocol zookeeper [FILE:22:1]
    80/sctp alert: "expect 80/sctp": allowed: any listener [FILE:26:1]
    "#);
    let web = policy.unwrap().rules[4].clone();
    assert_eq!(
        web.demand,
        Demand::Listener(Expected {
            required: true,
            program: Some("nginx".into()),
            executable: None,
            user: Some("www-data".into()),
            unit: Some("nginx.service".into()),
            container: Some("web1".into()),
            protocol: Some("https".into()),
            product: Some("nginx".into()),
            address: Some("127.0.0.1".parse().unwrap()),
            scope: Some(Scope::Loopback),
        })
    );
}

#[test]
fn names_that_others_made_ignore_case() {
    for (written, read_as) in [
        ("HTTP", "http"),
        ("Https", "https"),
        ("ZooKeeper", "zookeeper"),
        ("MS_SQL_S", "ms-sql-s"),
    ] {
        let text = format!(
            "[[expect]]\nport = 1\ntransport = \"TCP\"\nscope = \"LoopBack\"\nseverity = \"Note\"\nprotocol = \"{written}\""
        );
        let told = told(&read(text).unwrap());
        assert_eq!(
            told,
            format!(
                "1/tcp note: \"expect 1/tcp\": allowed: protocol {read_as}, no wider than loopback [FILE:1:1]\n"
            )
        );
    }
}

#[test]
fn a_user_may_be_a_number() {
    for written in ["65534", "\"65534\"", "0xfffe"] {
        let policy = read(format!("[[expect]]\nport = 1\nuser = {written}")).unwrap();
        assert_eq!(
            told(&policy),
            "1 alert: \"expect 1\": allowed: user 65534 [FILE:1:1]\n"
        );
    }
}

#[test]
fn deny_may_be_tables() {
    let policy = read("[[deny]]\nname = \"telnet\"\nport = 23\ntransport = \"tcp\"\n").unwrap();
    assert_eq!(
        told(&policy),
        "23/tcp alert: \"telnet\": nothing may listen here [FILE:1:1]\n"
    );
}

#[test]
fn what_is_unlisted_is_denied_once_something_is_expected_unless_a_file_says_otherwise() {
    let unlisted = |files: &[&str]| {
        let mut reader = Reader::new(&PROTOCOLS, &[]);
        for (at, file) in files.iter().enumerate() {
            reader.file(&at.to_string(), file.as_bytes()).unwrap();
        }
        match reader.policy().unlisted {
            Unlisted::Allowed => "allowed".to_owned(),
            Unlisted::Denied {
                said: true, origin, ..
            } => origin.to_string(),
            Unlisted::Denied { origin, .. } => format!("by default, {origin}"),
        }
    };
    assert_eq!(unlisted(&[]), "allowed");
    assert_eq!(unlisted(&[""]), "allowed");
    assert_eq!(
        unlisted(&["", "\n[[expect]]\nport = 23"]),
        "by default, 1:2"
    );
    assert_eq!(unlisted(&["allow-unlisted = true\ndeny = [23]"]), "allowed");
    assert_eq!(unlisted(&["deny = [23]"]), "allowed");
    assert_eq!(unlisted(&["allow-unlisted = true"]), "allowed");
    assert_eq!(
        unlisted(&["allow-unlisted = false"]),
        "0:1",
        "nothing may listen"
    );
    assert_eq!(
        unlisted(&["allow-unlisted = true", "deny = [23]"]),
        "allowed"
    );
    assert_eq!(
        unlisted(&["allow-unlisted = true", "\n\nallow-unlisted = false"]),
        "1:3",
        "the last one counts"
    );
}

#[test]
fn names_and_places_are_one_over_all_files() {
    let mut reader = Reader::new(&PROTOCOLS, &[]);
    reader.file("A", b"deny = [\"23/tcp\"]").unwrap();
    let mut other = reader.clone();
    let said = reader.file("B", b"\n[[expect]]\nport = \"tcp/23\"");
    assert_eq!(
        said.unwrap_err().to_string(),
        "B, line 2, column 1: 23/tcp is expected here and denied at A:1; take one of the two out"
    );
    let said = other.file("B", b"[[deny]]\nname = \"deny 23/tcp\"\nport = 24");
    assert_eq!(
        said.unwrap_err().to_string(),
        "B, line 1, column 1: the name \"deny 23/tcp\" is taken by the rule at A:1; give one of the two another name"
    );
}

#[test]
fn two_files_may_have_the_same_rule_without_a_name() {
    let mut reader = Reader::new(&PROTOCOLS, &[]);
    let first = "deny = [23]\n[[expect]]\nport = 80\nprogram = \"nginx\"\n";
    reader.file("A", first.as_bytes()).unwrap();
    reader.file("B", format!("\n{first}").as_bytes()).unwrap();
    assert_eq!(
        told(&reader.clone().policy()),
        "23 alert: \"deny 23\": nothing may listen here [A:1:9]\n\
         80 alert: \"expect 80\": allowed: program nginx [A:2:1]\n"
    );
    for (other, line, name) in [
        ("[[deny]]\nport = 23\nseverity = \"note\"", 1, "deny 23"),
        ("[[deny]]\nport = 23\nname = \"deny 23\"", 1, "deny 23"),
        ("[[expect]]\nport = 80\nprogram = \"caddy\"", 2, "expect 80"),
    ] {
        let said = reader.clone().file("C", other.as_bytes()).unwrap_err();
        assert_eq!(
            said.to_string(),
            format!(
                "C, line 1, column 1: the name {name:?} is taken by the rule at A:{line}; give one of the two another name"
            )
        );
    }
    assert_eq!(
        mistake("deny = [23, 23]"),
        "FILE, line 1, column 13: the name \"deny 23\" is taken by the rule at FILE:1; give one of the two another name"
    );
}
