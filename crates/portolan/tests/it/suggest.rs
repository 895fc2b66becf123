//! `portolan suggest`, judged by the registry's file, the kernel's files and bind(2).

mod judge;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream, UdpSocket};

use portolan_ports::system::{LocalRanges, System};
use portolan_registry::{RangeKind, Transport};
use portolan_survey::Sources;
use portolan_survey::suggest::reason::Reason;
use portolan_survey::suggest::{Criteria, Order, Wish, suggest};
use rustix::net::{AddressFamily, SocketType, bind, socket};
use serde_json::Value;

use crate::command::{alone, finished, json, portolan_as_nobody, run};
use crate::readme::examples_hold;
use crate::schema;
use judge::Judge;

fn numbers(arguments: &[&str]) -> Vec<u16> {
    let run = run(&[&["suggest", "--bare"], arguments].concat());
    run.out.lines().map(|line| line.parse().unwrap()).collect()
}

fn document(arguments: &[&str]) -> Value {
    let document = json(&[&["suggest"], arguments].concat());
    schema::check("suggest.json", &document);
    document
}

/// `kind: because` of each reason of a side.
fn reasons(document: &Value, side: &str) -> Vec<String> {
    let reasons = document["check"][side].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |reason: &Value| format!("{}: {}", text(&reason["kind"]), text(&reason["because"]));
    reasons.iter().map(line).collect()
}

#[test]
fn thirty_names_get_ports_that_are_what_is_said_of_them() {
    let _alone = alone();
    let judge = Judge::new();
    for n in 0..30 {
        let name = format!("service-{n}");
        let document = document(&["--for", &name]);
        assert_eq!(document["for"], *name);
        assert_eq!(document["refused"], Value::Null);
        let suggestions = document["suggestions"].as_array().unwrap();
        assert_eq!(suggestions.len(), 1);
        let port = u16::try_from(suggestions[0]["port"].as_u64().unwrap()).unwrap();
        let because = suggestions[0]["because"].as_array().unwrap();
        let because: Vec<String> = because
            .iter()
            .map(|line| line.as_str().unwrap().to_owned())
            .collect();
        assert_eq!(judge.faults(port), [""; 0], "{name}");
        assert_eq!(judge.lies(port, &because), [""; 0], "{name}");
    }
}

#[test]
fn two_hundred_names_in_one_go() {
    let _alone = alone();
    let judge = Judge::new();
    let criteria = Criteria {
        transports: vec![Transport::Tcp, Transport::Udp],
        avoid: vec![System::Linux, System::Kubernetes],
        local: LocalRanges {
            ephemeral: portolan_inspect::local_ranges().ephemeral,
            ..LocalRanges::default()
        },
        scope: None,
        own: None,
    };
    let mut ports = BTreeSet::new();
    for n in 0..200 {
        let wish = Wish {
            order: Order::named(&format!("project {n}")),
            ports: RangeKind::User.bounds(),
            count: 1,
        };
        let suggested = suggest(&Sources::embedded(), &criteria, &wish);
        let [suggestion] = &suggested.suggestions[..] else {
            panic!("{suggested:?}");
        };
        let because: Vec<String> = suggestion.because.iter().map(Reason::to_string).collect();
        assert_eq!(judge.faults(suggestion.port), [""; 0]);
        assert_eq!(judge.lies(suggestion.port, &because), [""; 0]);
        ports.insert(suggestion.port);
    }
    // Thousands of ports are quiet: of 200 drawn at random few fall together.
    assert!(ports.len() > 185, "{}", ports.len());
}

#[test]
fn a_name_has_its_port_however_it_is_spelt_and_whatever_else_is_wanted() {
    let _alone = alone();
    let own = numbers(&["--for", "my-app"]);
    assert_eq!(own.len(), 1);
    assert_eq!(numbers(&["--for", "MyApp"]), own);
    let five = numbers(&["--for", "my_app", "--count", "5"]);
    assert_eq!((five.len(), five[0]), (5, own[0]));
    let many = numbers(&["--for", "my_app", "--count", "50"]);
    assert_eq!((many.len(), &many[..5]), (50, &five[..]));
    assert_eq!(numbers(&[]).len(), 1);
}

#[test]
fn the_nearest_come_first_and_ranges_are_kept_to() {
    let _alone = alone();
    let near = numbers(&["--near", "20500", "--range", "20000-20999", "--count", "20"]);
    let distance = near.iter().map(|port| port.abs_diff(20_500));
    assert_eq!(near.len(), 20);
    assert!(distance.is_sorted(), "{near:?}");
    let dynamic = document(&["--range", "dynamic", "--transport", "udp", "--count", "3"]);
    for suggestion in dynamic["suggestions"].as_array().unwrap() {
        assert!(suggestion["port"].as_u64().unwrap() >= 61_000);
        assert_eq!(suggestion["transport"], "udp");
        let first = suggestion["because"][0].as_str().unwrap();
        let dynamic =
            "unassigned on udp: Dynamic range 49152-65535, never assigned (RFC 6335 section 6) [";
        assert!(first.starts_with(dynamic), "{first}");
    }
}

#[test]
fn where_nothing_is_left_each_reason_is_counted() {
    let few = run(&["suggest", "--range", "1-10"]);
    assert_eq!((few.code, few.out.as_str()), (Some(1), ""));
    assert_eq!(
        few.err,
        "portolan: no port of 1-10 is left: 4 assigned, 4 beside a port that is assigned or known for something, 2 reserved; try another --range, or stay away from fewer systems with --avoid\n"
    );
    let document = document(&["--range", "dynamic", "--avoid", "macos"]);
    let refused = document["refused"].as_str().unwrap();
    assert!(
        refused.starts_with("no port of 49152-65535 is left: 15")
            && refused.contains(" in a range to avoid"),
        "{refused}"
    );
    assert_eq!(document["suggestions"], Value::Array(Vec::new()));
    assert_eq!(
        run(&["suggest", "--range", "20000-20030", "--count", "31"]).code,
        Some(1)
    );
}

#[test]
fn what_is_held_is_not_suggested_and_its_holder_is_named() {
    let _alone = alone();
    // No other run of these tests on this machine tries the same port.
    let name = format!("held by {}", std::process::id());
    let name = ["--for", name.as_str()];
    let port = numbers(&name)[0];
    let here = (Ipv4Addr::LOCALHOST, port);

    let held = TcpListener::bind(here).unwrap();
    assert_ne!(numbers(&name), [port]);
    let checked = document(&["--check", &port.to_string()]);
    assert_eq!(checked["check"]["ruling"], "taken");
    let against = reasons(&checked, "against");
    let pid = std::process::id();
    assert_eq!(against.len(), 2, "{against:#?}");
    assert!(
        against[0].starts_with("listener: ")
            && against[0].ends_with(&format!(" (pid {pid}) listens on 127.0.0.1:{port}/tcp")),
        "{against:#?}"
    );
    assert_eq!(
        against[1],
        format!("bind: it cannot be bound on 0.0.0.0:{port}/tcp: something has it")
    );
    let beside = document(&["--check", &(port + 2).to_string()]);
    let beside = reasons(&beside, "against");
    let expected = format!("listens on 127.0.0.1:{port}/tcp");
    let of_neighbour = |line: &String| {
        line.starts_with(&format!("neighbour_listener: beside {port}, where "))
            && line.ends_with(&expected)
    };
    assert!(beside.iter().any(of_neighbour), "{beside:#?}");
    drop(held);

    let held = UdpSocket::bind((Ipv6Addr::LOCALHOST, port)).unwrap();
    assert_ne!(numbers(&name), [port]);
    // On the other transport alone nothing is in the way, but it is no quiet port.
    let tcp = document(&["--check", &port.to_string(), "--transport", "tcp"]);
    assert_eq!(tcp["check"]["ruling"], "taken");
    assert!(
        reasons(&tcp, "for")
            .contains(&"bind: bound and let go on 0.0.0.0 (tcp) and [::] (tcp)".to_owned())
    );
    drop(held);

    // Bound, and nothing else: no listener, and yet not to be had.
    let held = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(
        &held,
        &std::net::SocketAddrV4::new(Ipv4Addr::LOCALHOST, port),
    )
    .unwrap();
    assert_ne!(numbers(&name), [port]);
    drop(held);

    // The near end of a connection.
    let far = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let near = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(
        &near,
        &std::net::SocketAddrV4::new(Ipv4Addr::LOCALHOST, port),
    )
    .unwrap();
    rustix::net::connect(&near, &far.local_addr().unwrap()).unwrap();
    let checked = document(&["--check", &port.to_string()]);
    let against = reasons(&checked, "against");
    let end = format!("socket: a tcp socket uses it: 127.0.0.1:{port} to 127.0.0.1:");
    assert!(
        against.iter().any(|line| line.starts_with(&end)),
        "{against:#?}"
    );
    // Closed by the far end first, so that no TIME-WAIT stays on this port.
    drop(far.accept().unwrap());
    let near = TcpStream::from(near);
    near.set_read_timeout(Some(std::time::Duration::from_secs(10)))
        .unwrap();
    let mut rest = [0];
    assert_eq!(std::io::Read::read(&mut (&near), &mut rest).unwrap(), 0);
    drop((near, far));
    // A child that another test starts just now holds them until it becomes its program.
    let again = (0..100).any(|_| numbers(&name) == [port]);
    assert!(again, "{port}");
}

#[test]
fn what_the_policy_speaks_of_is_not_suggested() {
    let _alone = alone();
    let name = format!("of the policy {}", std::process::id());
    let port = numbers(&["--for", &name])[0];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("portolan.toml");
    let policy = format!("deny = [\"{port}\"]\nallow-unlisted = false\n");
    std::fs::write(&file, policy).unwrap();
    let file = file.display().to_string();
    let others = numbers(&["--for", &name, "--config", &file]);
    assert_eq!(others.len(), 1);
    assert_ne!(others, [port]);
    let checked = document(&["--check", &port.to_string(), "--config", &file]);
    assert_eq!(checked["check"]["ruling"], "taken");
    let against = &checked["check"]["against"];
    assert_eq!(against.as_array().unwrap().len(), 1, "{against:#}");
    assert_eq!(against[0]["kind"], "policy");
    assert_eq!(against[0]["source"], format!("{file}:1"));
    // What no rule speaks of would be a violation, and that is said of whatever is suggested.
    let besides = document(&["--for", &name, "--config", &file]);
    let because = besides["suggestions"][0]["because"].as_array().unwrap();
    let allows = |line: &Value| {
        line.as_str()
            .unwrap()
            .starts_with("the policy allows only ")
    };
    assert!(because.iter().any(allows), "{because:#?}");
}

#[test]
fn a_quiet_port_is_ruled_quiet() {
    let _alone = alone();
    let port = numbers(&["--for", "quiet"])[0].to_string();
    let checked = document(&["--check", &port]);
    assert_eq!(checked["check"]["ruling"], "quiet");
    assert_eq!(checked["check"]["against"], Value::Array(Vec::new()));
    let text = run(&["suggest", "--check", &port]);
    assert_eq!((text.code, text.err.as_str()), (Some(0), ""));
    let first = format!("{port} is quiet: nothing speaks against it\nFor it\n  unassigned on ");
    assert!(text.out.starts_with(&first), "{}", text.out);
}

/// What the registry, the systems and the browsers say of a port; facts and sockets change.
fn paper(port: &str) -> String {
    let kinds = [
        "assigned: ",
        "reserved: ",
        "unassigned: ",
        "system_range: ",
        "browser: ",
    ];
    let document = document(&["--check", port]);
    assert_ne!(document["check"]["ruling"], "quiet");
    let mut text = String::new();
    for side in ["against", "for", "besides"] {
        for line in reasons(&document, side) {
            if kinds.iter().any(|kind| line.starts_with(kind)) {
                text.push_str(&format!("{side}: {line}\n"));
            }
        }
    }
    text
}

#[test]
fn every_reason_for_and_against_a_port_is_listed() {
    let _alone = alone();
    insta::assert_snapshot!(paper("2397"), @r#"
    against: assigned: assigned to ncl: NCL
    for: system_range: outside 32768-60999, from which Linux takes source ports
    for: system_range: outside 30000-32767, from which Kubernetes gives NodePorts
    for: browser: web browsers do not refuse it
    "#);
    insta::assert_snapshot!(paper("2723"), @r#"
    against: assigned: assigned to watchdog-nt: WatchDog NT Protocol
    for: system_range: outside 32768-60999, from which Linux takes source ports
    for: system_range: outside 30000-32767, from which Kubernetes gives NodePorts
    for: browser: web browsers do not refuse it
    "#);
    insta::assert_snapshot!(paper("8080"), @r#"
    against: assigned: assigned to http-alt: HTTP Alternate (see port 80)
    for: system_range: outside 32768-60999, from which Linux takes source ports
    for: system_range: outside 30000-32767, from which Kubernetes gives NodePorts
    for: browser: web browsers do not refuse it
    "#);
    insta::assert_snapshot!(paper("5173"), @r#"
    for: unassigned: unassigned on tcp and udp: registry row 5173-5189 says "Unassigned"
    for: system_range: outside 32768-60999, from which Linux takes source ports
    for: system_range: outside 30000-32767, from which Kubernetes gives NodePorts
    for: browser: web browsers do not refuse it
    "#);
    insta::assert_snapshot!(paper("60000"), @r#"
    against: system_range: in 32768-60999, from which Linux takes source ports
    for: unassigned: unassigned on tcp and udp: Dynamic range 49152-65535, never assigned (RFC 6335 section 6)
    for: system_range: outside 30000-32767, from which Kubernetes gives NodePorts
    for: browser: web browsers do not refuse it
    besides: system_range: not avoided now: in 49152-65535, from which Windows takes source ports
    besides: system_range: not avoided now: in 49152-65535, from which macOS takes source ports
    besides: system_range: not avoided now: in 10000-65535, from which FreeBSD takes source ports
    "#);
    insta::assert_snapshot!(paper("0"), @r#"
    against: reserved: reserved on tcp: registry row 0/tcp says "Reserved"
    against: reserved: reserved on udp: registry row 0/udp says "Reserved"
    against: browser: web browsers refuse it
    for: system_range: outside 32768-60999, from which Linux takes source ports
    for: system_range: outside 30000-32767, from which Kubernetes gives NodePorts
    "#);
}

#[test]
fn facts_and_assigned_neighbours_speak_against_a_port_with_their_sources() {
    let _alone = alone();
    let document = document(&["--check", "5173"]);
    let against = document["check"]["against"].as_array().unwrap();
    let has = |kind: &str, because: &str, source: &str| {
        against.iter().any(|reason| {
            reason["kind"] == kind
                && reason["because"].as_str().unwrap().contains(because)
                && reason["source"].as_str().unwrap().contains(source)
        })
    };
    assert!(has("knowledge", "Vite", "https://"), "{against:#?}");
    assert!(
        has(
            "neighbour_claim",
            "beside 5172, assigned to pcoip-mgmt",
            "row 5172/tcp"
        ),
        "{against:#?}"
    );
    let text = run(&["suggest", "--check", "5173"]);
    assert_eq!(text.code, Some(1));
    assert!(
        text.out.starts_with("5173 is taken: unofficial use: "),
        "{}",
        text.out
    );
    let end = "\nA quiet one: portolan suggest --near 5173\n";
    assert!(text.out.ends_with(end), "{}", text.out);
}

#[test]
fn nobody_may_not_have_what_is_privileged() {
    let _alone = alone();
    let start = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap();
    let (_folder, mut command) = portolan_as_nobody();
    let command = command.args(["suggest", "--check", "719", "--json"]);
    let run = finished(command.output().unwrap());
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let against = reasons(&document, "against");
    let refused = "bind: it cannot be bound on 0.0.0.0 (tcp and udp) and [::] (tcp and udp): this user may not".to_owned();
    let privileged = start.trim().parse::<u16>().unwrap() > 719;
    assert_eq!(against.contains(&refused), privileged, "{against:#?}");
}

#[test]
fn what_does_not_go_together_is_refused() {
    for (arguments, said) in [
        (
            vec!["--avoid", "none,linux"],
            "cannot avoid none and others: --avoid none stands alone",
        ),
        (vec!["--for", "a", "--near", "1"], "cannot be used with"),
        (vec!["--check", "1", "--count", "2"], "cannot be used with"),
        (
            vec!["--range", "10-1"],
            "the range runs backwards: write 1-10",
        ),
        (
            vec!["--range", "users"],
            "write user, dynamic, system or two port numbers as 20000-20999",
        ),
        (
            vec!["--check", "80/tcp"],
            "write the number alone: --check 80 --transport tcp",
        ),
        (
            vec!["--check", "http"],
            "not a port number: write one of 0 to 65535",
        ),
        (vec!["--near", "70000"], "beyond 65535, the highest port"),
        (vec!["--for", " -"], "the name is empty: "),
        (
            vec!["8000"],
            "8000 is not taken by itself: --check 8000 judges it, --near 8000 finds quiet ports beside it",
        ),
        (vec!["--transport", "sctp"], "invalid value 'sctp'"),
        (vec!["--count", "0"], "0 is not in 1..=1000"),
    ] {
        let run = run(&[&["suggest"], &arguments[..]].concat());
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.err.contains(said), "{}", run.err);
    }
}

#[test]
fn the_page_s_examples_hold() {
    let _alone = alone();
    let page = include_str!("../../../../docs/suggest.md");
    assert_eq!(examples_hold(page), 3);
}
