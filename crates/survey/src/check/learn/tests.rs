use portolan_ports::policy::{Policy, Reader, Unlisted};
use portolan_ports::{
    Container, Creator, Namespace, Owner, Publication, Published, Scope, Unit, Why,
};
use portolan_registry::PortRange;

use super::*;

mod property;
mod round_trip;

fn read(text: &str) -> Policy {
    let mut reader = Reader::new(&[], &[]);
    let read = reader.file("learned.toml", text.as_bytes());
    assert!(read.is_ok(), "{}\n{text}", read.unwrap_err());
    reader.policy()
}

fn local() -> LocalRanges {
    LocalRanges {
        ephemeral: PortRange::new(32768, 60999),
        reserved: vec![PortRange::single(50010)],
        ..LocalRanges::default()
    }
}

fn learned(seen: &Snapshot) -> String {
    let about = About {
        host: "web1",
        observed_at: "2026-11-21T21:00:00Z",
        by_root: false,
    };
    learn(seen, &Sources::embedded(), &local(), &about)
}

/// The rules without the head.
fn rules(seen: &Snapshot) -> String {
    let text = learned(seen);
    let (_, rules) = text.split_once("allow-unlisted = false\n").unwrap();
    rules.to_owned()
}

fn listener(transport: Transport, at: &str) -> Listener {
    Listener::new(transport, at.parse().unwrap())
}

fn held(transport: Transport, at: &str, program: &str, user: &str, unit: Option<&str>) -> Listener {
    let mut listener = listener(transport, at);
    listener.owners.push(Owner {
        pid: 700,
        program: program.to_owned(),
        user: Some(user.to_owned()),
        unit: unit.map(|unit| Unit(unit.to_owned())),
        ..Owner::default()
    });
    listener
}

fn seen(listeners: Vec<Listener>) -> Snapshot {
    Snapshot {
        listeners,
        ..Snapshot::default()
    }
}

fn hidden(at: &str, why: Why) -> Listener {
    let mut listener = listener(Transport::Tcp, at);
    listener.owner_gap = Some(Gap {
        what: Unseen::Owner,
        why,
        detail: String::new(),
    });
    listener
}

fn web() -> Container {
    Container {
        runtime: "docker".to_owned(),
        id: "0123456789abcdef".repeat(4),
        name: Some("web".to_owned()),
        image: None,
    }
}

#[test]
fn the_whole_of_a_small_machine() {
    let mut redis = held(
        Transport::Tcp,
        "127.0.0.1:6379",
        "redis-server",
        "redis",
        None,
    );
    redis.owners[0].container = Some(web());
    let mut snapshot = seen(vec![
        held(
            Transport::Tcp,
            "0.0.0.0:22",
            "sshd",
            "root",
            Some("ssh.service"),
        ),
        held(
            Transport::Tcp,
            "[::]:22",
            "sshd",
            "root",
            Some("ssh.service"),
        ),
        redis,
        held(
            Transport::Tcp,
            "127.0.0.1:8000",
            "python3",
            "ada",
            Some("session-3.scope"),
        ),
        held(Transport::Udp, "0.0.0.0:40001", "firefox", "ada", None),
        held(Transport::Udp, "0.0.0.0:53111", "firefox", "ada", None),
        hidden("127.0.0.1:3306", Why::Permission),
    ]);
    let mut other = held(Transport::Tcp, "0.0.0.0:80", "nginx", "root", None);
    other.namespace = Some(Namespace {
        inode: 4_026_532_000,
        name: Some("blue".to_owned()),
    });
    snapshot.listeners.push(other);
    snapshot.gaps.push(Gap {
        what: Unseen::Containers,
        why: Why::Permission,
        detail: "/run/docker.sock: Permission denied".to_owned(),
    });
    assert_eq!(learned(&snapshot), include_str!("small.toml"));
}

#[test]
fn a_machine_where_nothing_listens_allows_nothing() {
    let text = learned(&Snapshot::default());
    let policy = read(&text);
    let denies = matches!(policy.unlisted, Unlisted::Denied { said: true, .. });
    assert!(denies && policy.rules.is_empty(), "{text}");
    assert!(text.contains("0 listeners in 0 rules"), "{text}");
}

#[test]
fn programs_at_one_port_are_alternatives() {
    let text = rules(&seen(vec![
        held(Transport::Udp, "127.0.0.1:53", "dnsmasq", "nobody", None),
        held(
            Transport::Udp,
            "127.0.0.53:53",
            "systemd-resolve",
            "resolver",
            None,
        ),
    ]));
    assert_eq!(
        text,
        r#"
# 53/udp is assigned to domain; dnsmasq listened at 127.0.0.1.
# Required: it is a system port.
[[expect]]
name = "dnsmasq-53-udp"
port = 53
transport = "udp"
program = "dnsmasq"
user = "nobody"
scope = "loopback"
required = true

# 53/udp is assigned to domain; systemd-resolve listened at 127.0.0.53.
# Required: it is a system port.
[[expect]]
name = "systemd-resolve-53-udp"
port = 53
transport = "udp"
program = "systemd-resolve"
user = "resolver"
scope = "loopback"
required = true
"#
    );
}

#[test]
fn a_rule_without_a_program_takes_the_address_where_another_asks_for_more() {
    let text = rules(&seen(vec![
        hidden("127.0.0.1:8080", Why::Permission),
        hidden("[::1]:8080", Why::Permission),
        held(Transport::Tcp, "0.0.0.0:8080", "caddy", "caddy", None),
    ]));
    let policy = read(&text);
    let told: Vec<_> = policy
        .rules
        .iter()
        .map(|rule| {
            let expected = rule.expected().unwrap();
            let program = expected.program.as_deref();
            (&*rule.name, program, expected.address, expected.scope)
        })
        .collect();
    let address = |text: &str| Some(text.parse().unwrap());
    assert_eq!(
        told,
        [
            (
                "port-8080-tcp",
                None,
                address("127.0.0.1"),
                Some(Scope::Loopback)
            ),
            (
                "port-8080-tcp-2",
                None,
                address("::1"),
                Some(Scope::Loopback)
            ),
            ("caddy-8080-tcp", Some("caddy"), None, Some(Scope::Any)),
        ]
    );
    assert!(
        text.contains("# Owner not seen: run as root and learn again.\n"),
        "{text}"
    );
}

#[test]
fn why_an_owner_is_unknown_says_what_helps() {
    let note = |why, creator: Option<Creator>| {
        let mut listener = hidden("0.0.0.0:2049", why);
        listener.creator = creator;
        rules(&seen(vec![listener]))
    };
    let kernel = note(Why::Kernel, None);
    assert!(kernel.contains("the kernel listened at 0.0.0.0.\n# There is no program to name.\n"));
    assert!(!kernel.contains("\nrequired = true"), "{kernel}");
    let made = Creator {
        path: "/system.slice/nfs.service".to_owned(),
        unit: Some(Unit("nfs.service".to_owned())),
        container: None,
    };
    let made = note(Why::OtherPidNamespace, Some(made));
    assert!(
        made.contains("another pid namespace: learn again outside of this one to name"),
        "{made}"
    );
    assert!(made.contains("It was made\n# in nfs.service."), "{made}");
    assert!(
        made.contains("# Required: nfs.service is there to have it.\n"),
        "{made}"
    );
    assert!(
        made.contains("\nrequired = true") && !made.contains("unit ="),
        "{made}"
    );
}

#[test]
fn root_is_not_told_to_look_as_root() {
    let about = About {
        host: "web1",
        observed_at: "2026-11-21T21:00:00Z",
        by_root: true,
    };
    let seen = seen(vec![hidden("127.0.0.1:3306", Why::Permission)]);
    let text = learn(&seen, &Sources::embedded(), &local(), &about);
    assert!(
        text.contains("# Owner not seen, not even by root.\n"),
        "{text}"
    );
}

#[test]
fn a_port_got_by_chance_makes_a_rule_for_the_range() {
    let port = |transport, port: u16| {
        let at = format!("0.0.0.0:{port}");
        rules(&seen(vec![held(
            transport,
            &at,
            "agent",
            "root",
            Some("agent.service"),
        )]))
    };
    let chance = port(Transport::Udp, 40001);
    assert_eq!(
        chance,
        r#"
# agent (agent.service) had udp port 40001 at 0.0.0.0, which the system may have given out by
# chance: a socket that names no port gets one of 32768-60999.
# Not required. If it is always the same port, name that one instead.
[[expect]]
name = "agent-ephemeral-udp"
port = "32768-60999"
transport = "udp"
program = "agent"
unit = "agent.service"
user = "root"
scope = "any"
"#
    );
    assert!(port(Transport::Tcp, 40001).contains("agent-ephemeral-tcp"));
    // Never given by chance: reserved, outside of the range, and one that the registry names.
    for chosen in [50010, 61000, 32767] {
        assert!(
            port(Transport::Tcp, chosen).contains(&format!("port = {chosen}\n")),
            "{chosen}"
        );
    }
    let named = port(Transport::Udp, 33434);
    assert!(
        named.contains("33434/udp is assigned to traceroute"),
        "{named}"
    );
    assert!(!named.contains("\nrequired = true"), "{named}");
}

#[test]
fn without_a_range_of_the_system_the_dynamic_range_stands_for_it() {
    let about = About {
        host: "mac",
        observed_at: "2026-11-21T21:00:00Z",
        by_root: false,
    };
    let at = |at| {
        let seen = seen(vec![held(Transport::Udp, at, "agent", "root", None)]);
        learn(&seen, &Sources::embedded(), &LocalRanges::default(), &about)
    };
    assert!(at("0.0.0.0:50123").contains("port = \"49152-65535\""));
    assert!(at("0.0.0.0:40001").contains("port = 40001\n"));
}

#[test]
fn a_socket_unit_stands_for_systemd_and_its_service() {
    let mut before = held(
        Transport::Tcp,
        "[::]:22",
        "systemd",
        "root",
        Some("init.scope"),
    );
    before.socket_unit = Some(Unit("ssh.socket".to_owned()));
    let mut after = before.clone();
    after.owners.push(Owner {
        program: "sshd".to_owned(),
        unit: Some(Unit("ssh.service".to_owned())),
        ..Owner::default()
    });
    let text = rules(&seen(vec![before]));
    let policy = read(&text);
    let [rule] = &policy.rules[..] else {
        panic!("{text}")
    };
    let expected = rule.expected().unwrap();
    assert!(expected.required, "{text}");
    assert_eq!(
        (expected.unit.as_deref(), &expected.program),
        (Some("ssh.socket"), &None)
    );
    let check = round_trip::check(&policy, seen(vec![after]));
    assert!(check.is_clean(), "{:?} {text}", check.violations);
}

#[test]
fn a_published_port_is_its_containers() {
    let mut proxy = held(
        Transport::Tcp,
        "0.0.0.0:8080",
        "docker-proxy",
        "root",
        Some("docker.service"),
    );
    proxy.published = Some(Published {
        container: web(),
        port: 80,
    });
    let snapshot = Snapshot {
        listeners: vec![proxy],
        publications: vec![Publication {
            transport: Transport::Tcp,
            address: "0.0.0.0".parse().unwrap(),
            port: 9090,
            to: Published {
                container: web(),
                port: 90,
            },
        }],
        ..Snapshot::default()
    };
    assert_eq!(
        rules(&snapshot),
        r#"
# 8080/tcp is assigned to http-alt; docker-proxy (docker web) listened at 0.0.0.0.
# Required: the container web is there to have it.
[[expect]]
name = "web-8080-tcp"
port = 8080
transport = "tcp"
program = "docker-proxy"
container = "web"
scope = "any"
required = true

# 9090/tcp is assigned to websm; docker web has it published for 0.0.0.0.
# No socket was seen: the packet filter passes the port on to port 90 of the container.
# Required: the container web is there to have it.
[[expect]]
name = "web-9090-tcp"
port = 9090
transport = "tcp"
container = "web"
scope = "any"
required = true
"#
    );
}

#[test]
fn what_a_policy_could_not_say_is_left_out() {
    let mut listener = held(
        Transport::Tcp,
        "[::]:8000",
        "kworker/0:1",
        "  ",
        Some("run-r8.service"),
    );
    listener.owners[0].uid = Some(1000);
    listener.owners[0].container = None;
    let text = rules(&seen(vec![listener.clone()]));
    assert!(
        !text.contains("\nprogram =") && !text.contains("\nunit ="),
        "{text}"
    );
    assert!(text.contains("user = \"1000\"\n"), "{text}");
    listener.owners[0].exe = Some("/opt/app".to_owned());
    let text = rules(&seen(vec![listener.clone()]));
    assert!(text.contains("program = \"/opt/app\"\n"), "{text}");
    listener.owners[0].container = Some(Container {
        runtime: "lxc".to_owned(),
        id: "web".to_owned(),
        name: None,
        image: None,
    });
    assert!(!rules(&seen(vec![listener])).contains("\ncontainer ="));
}

#[test]
fn processes_that_differ_are_told_and_not_named() {
    let mut listener = held(Transport::Tcp, "[::]:80", "nginx", "root", None);
    listener.owners.push(Owner {
        program: "worker".to_owned(),
        user: Some("www-data".to_owned()),
        ..Owner::default()
    });
    let text = rules(&seen(vec![listener]));
    assert!(text.contains(
        "# Held by nginx and worker together: a rule names one program, so this one names none.\n"
    ));
    assert!(
        text.contains("# Its processes run as root and www-data: a rule names one user"),
        "{text}"
    );
    assert!(
        !text.contains("\nprogram =") && !text.contains("\nuser ="),
        "{text}"
    );
}

#[test]
fn hostile_names_stay_where_they_are() {
    let hostile = "evil\"\n]]\nallow-unlisted = true\u{1b}[2J\u{202e}\u{0}\\";
    let text = rules(&seen(vec![held(
        Transport::Tcp,
        "[::]:80",
        hostile,
        hostile,
        None,
    )]));
    assert_eq!(
        text,
        r#"
# 80/tcp is assigned to http, www and www-http; evil" ]] allow-unlisted =
# true\u{1b}[2J\u{202e}\u{0}\ listened at [::].
# Required: it is a system port.
[[expect]]
name = "evil-----allow-unlisted---true--2J-80-tcp"
port = 80
transport = "tcp"
program = "evil\"\u000A]]\u000Aallow-unlisted = true\u001B[2J\u202E\u0000\\"
user = "evil\"\u000A]]\u000Aallow-unlisted = true\u001B[2J\u202E\u0000\\"
scope = "any"
required = true
"#
    );
}

#[test]
fn comments_keep_to_a_width() {
    let mut out = String::new();
    comment(&mut out, &"word ".repeat(50));
    assert!(
        out.lines().count() > 2
            && out
                .lines()
                .all(|line| line.starts_with("# ") && line.len() <= 100)
    );
    let long = "x".repeat(5000);
    assert!(plain(&long).chars().count() <= 81);
    assert_eq!(join(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    let many: Vec<String> = (0..9).map(|n| n.to_string()).collect();
    assert_eq!(join(&many), "0, 1, 2, 3, 4, 5 and 3 more");
}
