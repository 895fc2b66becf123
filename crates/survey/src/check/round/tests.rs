//! What a round makes of snapshots that no test can bring about by itself.

use std::net::SocketAddr;

use portolan_ports::policy::Reader;
use portolan_ports::{Container, Namespace, Owner, Published, Why};

use super::*;

/// What breaks `policy`, then what could not be judged, a line each.
fn told(policy: &str, seen: Snapshot) -> Vec<String> {
    let mut reader = Reader::new(&["http"], &[]);
    reader.file("FILE", policy.as_bytes()).unwrap();
    let policy = reader.policy();
    let sources = Sources::embedded().with_policy(&policy);
    let asking = Asking::passive("a test sends nothing");
    let ranges = LocalRanges::default();
    let check = hold(
        &sources,
        (seen, &ranges),
        "host".to_owned(),
        &asking,
        &mut |_, _| (),
    );
    let violations = check.violations.iter().map(|v| {
        let kind = v.kind.as_str();
        format!("{kind} {} {}: {}", v.rule, v.ports, v.because)
    });
    let unseen = check.unseen.iter();
    let unseen = unseen.map(|u| format!("unseen {} {}: {}", u.rule, u.ports, u.because));
    violations.chain(unseen).collect()
}

fn listener(at: &str, program: Option<&str>) -> Listener {
    let at: SocketAddr = at.parse().unwrap();
    let owner = |program: &str| Owner {
        pid: 7,
        program: program.to_owned(),
        ..Owner::default()
    };
    Listener {
        inode: 1,
        owners: program.map(owner).into_iter().collect(),
        owner_gap: program.is_none().then(|| Gap {
            what: Unseen::Owner,
            why: Why::Permission,
            detail: "others' processes are hidden".to_owned(),
        }),
        ..Listener::new(Transport::Tcp, at)
    }
}

fn seen(listeners: Vec<Listener>) -> Snapshot {
    Snapshot {
        listeners,
        publications: Vec::new(),
        explanation: Vec::new(),
        gaps: Vec::new(),
    }
}

fn published() -> Snapshot {
    let container = Container {
        runtime: "docker".to_owned(),
        id: "f".repeat(64),
        name: Some("web1".to_owned()),
        image: None,
    };
    let publication = Publication {
        transport: Transport::Tcp,
        address: [0, 0, 0, 0].into(),
        port: 8080,
        to: Published {
            container,
            port: 80,
        },
    };
    Snapshot {
        publications: vec![publication],
        ..seen(Vec::new())
    }
}

fn hidden(what: Unseen) -> Snapshot {
    let gap = Gap {
        what,
        why: Why::Permission,
        detail: "EPERM".to_owned(),
    };
    Snapshot {
        gaps: vec![gap],
        ..seen(Vec::new())
    }
}

#[test]
fn a_port_that_is_published_without_a_socket_is_a_listener() {
    let rule = |words: &str| format!("[[expect]]\nname = \"web\"\nport = 8080\n{words}\n");
    let kept = rule("container = \"web1\"\nrequired = true");
    assert_eq!(told(&kept, published()), [""; 0]);
    assert_eq!(
        told("deny = [8080]", published()),
        ["denied deny 8080 8080: nothing may listen here"]
    );
    assert_eq!(
        told("allow-unlisted = false\ndeny = [23]", published()),
        ["unlisted allow-unlisted 8080: no rule of the policy speaks of it"]
    );
    assert_eq!(
        told(&rule("program = \"nginx\""), published()),
        ["differs web 8080: no process holds it, the packet filter passes it on to docker web1"]
    );
    assert_eq!(
        told(&rule("container = \"web2\"\nrequired = true"), published()),
        ["differs web 8080: its container is web1, not web2"]
    );
    assert_eq!(
        told(&rule("protocol = \"http\""), published()),
        ["unseen web 8080: its protocol is not proven: not asked: a test sends nothing"]
    );
}

#[test]
fn where_listeners_could_not_be_listed_nothing_is_missing_and_nothing_is_sure() {
    let policy = "deny = [23]\n[[expect]]\nname = \"web\"\nport = 8080\nrequired = true\n\
                  [[expect]]\nname = \"may be\"\nport = 8081\n";
    let because = "some listeners could not be listed: EPERM";
    assert_eq!(
        told(policy, hidden(Unseen::Listeners)),
        [
            format!("unseen allow-unlisted 0-65535: {because}"),
            format!("unseen deny 23 23: {because}"),
            format!("unseen web 8080: {because}"),
        ]
    );
    assert_eq!(
        told(policy, hidden(Unseen::CoOwners)),
        ["missing web 8080: it is required, and nothing listens there"]
    );
}

#[test]
fn what_containers_publish_may_be_what_is_required_unless_a_process_is() {
    let rule = |words: &str| {
        format!("[[expect]]\nname = \"web\"\nport = 8080\nrequired = true\n{words}\n")
    };
    assert_eq!(
        told(&rule(""), hidden(Unseen::Containers)),
        ["unseen web 8080: what containers publish could not be seen: EPERM"]
    );
    assert_eq!(
        told(&rule("program = \"nginx\""), hidden(Unseen::Containers)),
        ["missing web 8080: it is required, and nothing listens there"]
    );
}

#[test]
fn another_namespace_is_another_machine() {
    let mut there = listener("0.0.0.0:23", Some("telnetd"));
    there.namespace = Some(Namespace {
        inode: 4,
        name: None,
    });
    let policy = "deny = [23]\n[[expect]]\nname = \"inside\"\nport = \"23/tcp\"\nrequired = true";
    assert_eq!(
        told(policy, seen(vec![there])),
        ["missing inside 23: it is required, and nothing listens there"]
    );
}

#[test]
fn a_hidden_owner_leaves_a_required_rule_open_once() {
    let policy = "[[expect]]\nname = \"web\"\nport = 80\nprogram = \"nginx\"\nrequired = true";
    let twice = vec![listener("0.0.0.0:80", None), listener("0.0.0.0:80", None)];
    let because = "its program is hidden: others' processes are hidden";
    assert_eq!(
        told(policy, seen(twice)),
        [format!("unseen web 80: {because}")]
    );
    // Kept by one rule, a listener may yet be what another one requires.
    let both = format!("{policy}\n[[expect]]\nname = \"any\"\nport = 80\n");
    assert_eq!(
        told(&both, seen(vec![listener("0.0.0.0:80", None)])),
        [format!("unseen web 80: {because}")]
    );
}

#[test]
fn a_required_listener_is_missing_beside_another_that_may_be_there() {
    let policy = "[[expect]]\nname = \"web\"\nport = 80\nprogram = \"nginx\"\nrequired = true\n\
                  [[expect]]\nname = \"cache\"\nport = 80\nprogram = \"varnishd\"\n";
    assert_eq!(
        told(policy, seen(vec![listener("0.0.0.0:80", Some("varnishd"))])),
        ["missing web 80: it is required, and none that listens there is it"]
    );
    assert_eq!(
        told(policy, seen(vec![listener("0.0.0.0:80", Some("evil"))])),
        ["differs web 80: its program is evil, not nginx"],
        "who stands in its place is named once"
    );
    let two = vec![
        listener("0.0.0.0:80", Some("evil")),
        listener("[::]:80", Some("evil")),
    ];
    assert_eq!(told(policy, seen(two)).len(), 2, "once for each address");
}

#[test]
fn a_stranger_where_two_rules_are_required_leaves_neither_kept() {
    let rule = |name: &str, program: &str, required: bool| {
        format!(
            "[[expect]]\nname = \"{name}\"\nport = \"7777/tcp\"\nprogram = \"{program}\"\nrequired = {required}\n"
        )
    };
    let stranger = || seen(vec![listener("0.0.0.0:7777", Some("nc"))]);
    let both = rule("x", "redis", true) + &rule("y", "nginx", true);
    assert_eq!(
        told(&both, stranger()),
        [
            "missing y 7777: it is required, and none that listens there is it",
            "differs x 7777: its program is nc, not redis",
        ]
    );
    let second = rule("x", "redis", false) + &rule("y", "nginx", true);
    assert_eq!(
        told(&second, stranger()),
        [
            "missing y 7777: it is required, and none that listens there is it",
            "differs x 7777: its program is nc, not redis",
        ]
    );
    let first = rule("x", "redis", true) + &rule("y", "nginx", false);
    assert_eq!(
        told(&first, stranger()),
        ["differs x 7777: its program is nc, not redis"]
    );
}
