//! `portolan.toml` as a policy: what it says, and what is said of every mistake in it.

mod written;

use portolan_ports::Scope;
use portolan_ports::policy::{
    Demand, Expected, MOST_BYTES, MOST_RULES, Policy, Reader, Rule, Unlisted,
};

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
fn every_mistake_says_where_it_is_and_what_to_write() {
    for (text, said) in [
        (
            "[[expect]]\nport = 70000",
            "line 2, column 8: 70000 is no port; a port is 0 to 65535",
        ),
        (
            "deny = [-1]",
            "line 1, column 9: -1 is no port; a port is 0 to 65535",
        ),
        (
            "deny = [\"70000\"]",
            "line 1, column 9: \"70000\" is no port; a port is 0 to 65535",
        ),
        (
            "deny = [\"10-5/tcp\"]",
            "line 1, column 9: the range \"10-5/tcp\" runs backwards; write \"5-10\"",
        ),
        (
            "deny = [\"ssh\"]",
            "line 1, column 9: \"ssh\" is no port; write 443, \"8000-8010\" or \"443/tcp\"",
        ),
        (
            "deny = [true]",
            "line 1, column 9: an entry of deny is true or false; write a port or a range: 443, \"8000-8010\" or \"443/tcp\"",
        ),
        (
            "deny = 23",
            "line 1, column 8: deny is a number; write a list: deny = [23]",
        ),
        (
            "deny = \"23/tcp\"",
            "line 1, column 8: deny is a text; write a list: deny = [\"23/tcp\"]",
        ),
        (
            "deny = true",
            "line 1, column 8: deny is true or false; write a list: deny = [23, \"6000-6063/tcp\"]",
        ),
        (
            "[deny]\nport = 23",
            "line 1, column 1: deny is one table; write [[deny]] above each rule",
        ),
        (
            "deny = [23]\n[[deny]]\nport = 24",
            "line 2, column 3: deny is written in two ways; write it once as a list, deny = [23, 24], or write [[deny]] above each port",
        ),
        (
            "[expect]\nport = 1\n[[expect]]\nport = 2",
            "line 3, column 3: expect stands here again; write [[expect]] above each rule, the first one too",
        ),
        (
            "[[expect]]\nport = 1\nport = 2",
            "line 3, column 1: port stands here twice; leave one of the two out",
        ),
        (
            "[[expect]]\nport =",
            "line 2, column 7: port has no value; write one, or leave the line out",
        ),
        (
            "[[expect]]\nport = # the web\nprogram = \"nginx\"",
            "line 2, column 8: port has no value; write one, or leave the line out",
        ),
        (
            "[[expect]]\nport = 80\nprogram = nginx # the web",
            "line 3, column 11: a text stands in quotation marks; write program = \"nginx\"",
        ),
        (
            "[[expect]]\nport = 80\nrequired = yes",
            "line 3, column 12: \"yes\" is no value; write true or false",
        ),
        (
            "[[expect]]\nport = 80\nuser = -1",
            "line 3, column 8: -1 is the number of no user; write 0 to 4294967295, or a name",
        ),
        (
            "expect = 443",
            "line 1, column 10: expect is a number; write [[expect]] and below it port = 443",
        ),
        (
            "expect = [443]",
            "line 1, column 11: expect is an array of tables; write [[expect]] and below it port = 443",
        ),
        (
            "[expect]\nport = 443",
            "line 1, column 1: expect is one table; write [[expect]] above each rule",
        ),
        (
            "[[expect]]\nport = [80, 443]",
            "line 2, column 8: port is an array; write a port or a range: 443, \"8000-8010\" or \"443/tcp\"",
        ),
        (
            "[[expect]]\nport = \"443/tpc\"",
            "line 2, column 8: \"tpc\" is no transport; write tcp, udp, sctp or dccp",
        ),
        (
            "[[expect]]\nport = 1\ntransport = \"ip\"",
            "line 3, column 13: \"ip\" is no transport; write tcp, udp, sctp or dccp",
        ),
        (
            "[[expect]]\nport = \"1/tcp\"\ntransport = \"udp\"",
            "line 3, column 13: port says tcp and transport udp; leave one of the two out",
        ),
        (
            "[[expect]]\nport = 1\nscope = \"lan\"",
            "line 3, column 9: \"lan\" is no scope; write the widest that is allowed: loopback, interface or any",
        ),
        (
            "[[expect]]\nport = 1\nseverity = \"bad\"",
            "line 3, column 12: \"bad\" is no severity; write alert, warning or note",
        ),
        (
            "[[expect]]\nport = 1\naddress = \"localhost\"",
            "line 3, column 11: \"localhost\" is no address; write it in numbers, without a port: 127.0.0.1 or ::1",
        ),
        (
            "[[expect]]\nport = 1\nprogramm = \"nginx\"",
            "line 3, column 1: there is no key \"programm\" in [[expect]]; the nearest is \"program\"",
        ),
        (
            "[[deny]]\nport = 1\nxyz = 1",
            "line 3, column 1: there is no key \"xyz\" in [[deny]]; there are name, port, transport, severity",
        ),
        (
            "exspect = []",
            "line 1, column 1: there is no key \"exspect\" here; the nearest is \"expect\"",
        ),
        (
            "[[expect]]\nport = 1\nrequired = \"yes\"",
            "line 3, column 12: required is a text; write true or false, without quotation marks",
        ),
        (
            "[[expect]]\nport = 1\nprogram = 7",
            "line 3, column 11: program is a number; write a text in quotation marks",
        ),
        (
            "[[expect]]\nport = 1\nunit = \" \"",
            "line 3, column 8: unit is empty; name one, or leave the line out",
        ),
        (
            "[[expect]]\nport = 1\nprotocol = \"htttp\"",
            "line 3, column 12: \"htttp\" is neither a protocol that Portolan can prove nor a registered service; the nearest is \"http\"",
        ),
        (
            "[[expect]]\nname = \"web\"",
            "line 1, column 1: this [[expect]] has no port; write port = 443 below it",
        ),
        (
            "[[deny]]\nport = 1\nscope = \"any\"",
            "line 3, column 1: a deny has no scope, for nothing at all may listen there; leave it out, or make it an [[expect]]",
        ),
        (
            "[[deny]]\nport = 1\nrequired = true",
            "line 3, column 1: a deny has no required, for nothing at all may listen there; leave it out, or make it an [[expect]]",
        ),
        (
            "[[expect]]\nport = 53\n[[expect]]\nport = 53",
            "line 3, column 1: the name \"expect 53\" is taken by the rule at FILE:1; give one of the two another name",
        ),
        (
            "deny = [23]\n[[expect]]\nport = 23",
            "line 2, column 1: 23 is expected here and denied at FILE:1; take one of the two out",
        ),
        (
            "allow-unlisted = \"no\"",
            "line 1, column 18: allow-unlisted is a text; write true or false, without quotation marks",
        ),
        (
            "# für alle\ndeny = [\"äöü\", 70000]",
            "line 2, column 9: \"äöü\" is no port; write 443, \"8000-8010\" or \"443/tcp\"",
        ),
    ] {
        assert_eq!(mistake(text), format!("FILE, {said}"), "{text}");
    }
    assert!(
        mistake("deny = [23").starts_with("FILE, line 1, column "),
        "{}",
        mistake("deny = [23")
    );
}

#[test]
fn a_file_that_is_none_is_refused() {
    assert_eq!(
        mistake(b"deny = [23]\n# \xff"),
        "FILE, line 2, column 3: this byte is no UTF-8, as TOML demands; save the file as UTF-8"
    );
    assert_eq!(
        mistake(vec![b' '; MOST_BYTES + 1]),
        "FILE, line 1, column 1: the file is larger than 1 MiB; join ports that stand together into ranges"
    );
    let many: String = (0..=MOST_RULES).map(|port| format!("{port},")).collect();
    assert_eq!(
        mistake(format!("deny = [{many}\n]")),
        "FILE, line 1, column 48899: this is rule 10001 of all files, and 10000 are the most; join ports that stand together into ranges"
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
