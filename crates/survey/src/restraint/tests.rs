//! Who is left alone, and in which words.

use portolan_ports::{Creator, Unit, Unseen};

use super::*;
use crate::Sources;

fn listener(port: u16, program: &str, arguments: &[&str]) -> Listener {
    let owner = Owner {
        pid: 7,
        program: program.to_owned(),
        arguments: arguments.iter().map(|a| (*a).to_owned()).collect(),
        uid: Some(0),
        ..Owner::default()
    };
    Listener {
        uid: Some(0),
        inode: 1,
        owners: vec![owner],
        ..Listener::new(Transport::Tcp, ([127, 0, 0, 1], port).into())
    }
}

fn hidden(port: u16) -> Listener {
    let gap = Gap {
        what: Unseen::Owner,
        why: Why::Permission,
        detail: String::new(),
    };
    Listener {
        owners: Vec::new(),
        owner_gap: Some(gap),
        ..listener(port, "", &[])
    }
}

fn decide(listener: &Listener, never: &[&str], crowd: &Crowd) -> Result<Plan, String> {
    let expectation = Sources::embedded().expectation(listener.port, listener.transport);
    let never = Never::new(never.iter().copied()).unwrap();
    plan(listener, &expectation, &never, crowd)
}

/// Why it is left alone; empty where it is asked.
fn said(listener: &Listener) -> String {
    decide(listener, &[], &Crowd::default())
        .err()
        .unwrap_or_default()
}

#[test]
fn each_kind_of_delicate_listener_says_why() {
    let qemu = ["qemu", "-incoming", "tcp:0:4444"];
    let java = ["java", "-agentlib:jdwp=transport=dt_socket,server=y"];
    let carbon = ["python3", "/opt/graphite/bin/carbon-cache.py", "start"];
    for (listener, why) in [
        (
            listener(5555, "nc", &[]),
            "nc may take one connection only and end with it",
        ),
        (
            listener(5555, "socat", &[]),
            "socat may take one connection only and end with it",
        ),
        (
            listener(5555, "gdbserver", &[]),
            "gdbserver is a debugger, which a connection may stop or steer",
        ),
        (
            listener(5555, "qemu-system-x86_64", &qemu),
            "qemu-system-x86_64 with -incoming may take one connection only and end with it",
        ),
        (
            listener(5005, "java", &java),
            "java with -agentlib:jdwp is a debugger, which a connection may stop or steer",
        ),
        (
            listener(2999, "python3.11", &carbon),
            "python3.11 with carbon-cache takes whatever comes as a log or metric",
        ),
        (
            listener(514, "anything", &[]),
            "a server on 514 takes whatever comes as a log or metric",
        ),
        (
            listener(9100, "cupsd", &[]),
            "what is sent to 9100-9107 may be printed",
        ),
    ] {
        assert_eq!(said(&listener), why);
    }
}

#[test]
fn what_could_start_a_service_is_left_alone() {
    let mut first = listener(5555, "systemd", &[]);
    first.owners[0].pid = 1;
    assert_eq!(
        said(&first),
        "pid 1 holds it, and a connection could start a service"
    );
    let mut activated = listener(5555, "systemd-socket-proxyd", &[]);
    activated.owners[0].unit = Some(Unit("web.socket".into()));
    assert_eq!(
        said(&activated),
        "web.socket holds it, and a connection could start its service"
    );
    let mut made = hidden(5555);
    made.creator = Some(Creator {
        path: "/system.slice/web.socket".into(),
        unit: Some(Unit("web.socket".into())),
        container: None,
    });
    assert_eq!(
        said(&made),
        "web.socket made it, and a connection could start a service"
    );
}

#[test]
fn the_configuration_forbids_by_port_range_program_and_unit() {
    let mut web = listener(8080, "java", &[]);
    web.owners[0].unit = Some(Unit("backup.service".into()));
    for (entry, named) in [
        ("8080", "8080"),
        ("8000-9000", "8000-9000"),
        ("program:java", "program java"),
        ("unit:backup.service", "unit backup.service"),
    ] {
        let why = decide(&web, &[entry], &Crowd::default()).unwrap_err();
        assert_eq!(
            why,
            format!("[probe] never of the configuration names {named}")
        );
    }
    assert!(decide(&web, &["8081", "program:jav"], &Crowd::default()).is_ok());
    assert!(Never::new(["java"]).is_err());
}

#[test]
fn a_hidden_owner_may_be_a_delicate_one() {
    let crowd = Crowd {
        root_looked: false,
        delicate: listener(0, "nc", &["nc", "-l", "5555"]).owners,
    };
    let why = decide(&hidden(5555), &[], &crowd).unwrap_err();
    assert_eq!(
        why,
        "its owner is hidden and may be nc (pid 7), which may take one connection only and end with it"
    );
    assert!(
        decide(&hidden(555), &[], &crowd).is_ok(),
        "another port, of which 5555 is no part"
    );
    let mut other = hidden(5555);
    other.uid = Some(1000);
    assert!(decide(&other, &[], &crowd).is_ok(), "another user's socket");
    let as_root = Crowd {
        root_looked: true,
        ..Crowd::default()
    };
    assert!(
        decide(&hidden(22), &[], &as_root)
            .unwrap_err()
            .contains("hides even from root")
    );
}

#[test]
fn others_are_asked_their_owners_protocol_first_and_at_most_three_connections() {
    let order = |listener: &Listener| {
        let plan = decide(listener, &[], &Crowd::default()).unwrap();
        assert!(plan.connections <= 3);
        plan.protocols.iter().map(|p| p.name).collect::<Vec<_>>()
    };
    assert_eq!(
        order(&listener(5432, "sshd", &[])),
        ["ssh", "postgresql", "http"]
    );
    assert_eq!(order(&listener(443, "nginx", &[])), ["http", "tls"]);
    assert_eq!(order(&listener(60001, "own", &[])), ["http"]);
    let mut udp = listener(53, "named", &[]);
    udp.transport = Transport::Udp;
    assert_eq!(order(&udp), ["domain"]);
    udp.port = 60001;
    udp.owners[0].program = "own".to_owned();
    assert_eq!(
        said(&udp),
        "which protocol to expect is not known, and over UDP only that is asked"
    );
    udp.transport = Transport::Sctp;
    assert_eq!(said(&udp), "no first packet for sctp is known");
}

#[test]
fn what_listens_in_another_namespace_is_never_asked() {
    let namespace = portolan_ports::Namespace {
        inode: 4_026_531_999,
        name: Some("blue".to_owned()),
    };
    let there = Listener {
        namespace: Some(namespace),
        ..listener(8080, "nginx", &[])
    };
    assert_eq!(said(&listener(8080, "nginx", &[])), "");
    assert_eq!(
        said(&there),
        "it listens in network namespace blue, which this machine's addresses do not reach"
    );
}
