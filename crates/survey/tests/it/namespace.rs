//! Listeners of another network namespace: told, and never taken for this machine's own.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, ChildStdin, Command, Stdio};

use portolan_ports::{FindingKind, Presence};
use portolan_registry::PortRange;
use portolan_survey::Sources;
use portolan_survey::lookup::{Answer, Live, lookup};
use portolan_survey::query::Query;
use portolan_survey::survey::{Asking, Judged};

/// A namespace with a server of another program inside; both end with it.
struct There {
    name: String,
    server: Child,
    _hold: ChildStdin,
    port: u16,
}

impl There {
    /// A server on any address, at `port` or, for 0, at one that the kernel chooses.
    fn new(port: u16) -> Self {
        let name = format!("portolan-survey-{}-{port}", std::process::id());
        let made = Command::new("ip").args(["netns", "add", &name]).status();
        assert!(made.unwrap().success(), "root and iproute2 are needed");
        let code = format!(
            "import socket, sys\ns = socket.create_server(('0.0.0.0', {port}))\n\
             print(s.getsockname()[1], flush=True)\nsys.stdin.read()"
        );
        let mut server = Command::new("ip")
            .args(["netns", "exec", &name, "python3", "-c", &code])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let hold = server.stdin.take().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(server.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        Self {
            name,
            server,
            _hold: hold,
            port: line.trim().parse().unwrap(),
        }
    }
}

impl Drop for There {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
        Command::new("ip")
            .args(["netns", "del", &self.name])
            .status()
            .ok();
    }
}

fn about<'a>(sources: &Sources<'a>, port: u16) -> Answer<'a> {
    let query = Query::Ports {
        ports: PortRange::single(port),
        transport: None,
    };
    let live = Live::Look(Asking::passive("a test sends nothing"));
    lookup(sources, &[query], &live).answers.remove(0)
}

fn shares(judged: &Judged<'_>) -> bool {
    let mut kinds = judged.verdict.findings.iter().map(|finding| finding.kind);
    kinds.any(|kind| kind == FindingKind::SharedPort)
}

#[test]
fn the_same_port_in_two_namespaces_is_two_ports() {
    let here = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = here.local_addr().unwrap().port();
    let there = There::new(port);
    let sources = Sources::embedded();
    let answer = about(&sources, port);
    let [seen] = &answer.ports[..] else {
        panic!("{answer:?}")
    };
    assert_eq!(seen.presence, Some(Presence::Listening));
    let [own, other] = &seen.listeners[..] else {
        panic!("{:#?}", seen.listeners)
    };
    assert_eq!(own.listener.namespace, None);
    let namespace = other.listener.namespace.clone().unwrap();
    assert_eq!(namespace.name.as_ref(), Some(&there.name));
    // Two programs, and no port that they share.
    assert_ne!(
        own.listener.owners[0].program,
        other.listener.owners[0].program
    );
    assert!(!shares(own) && !shares(other), "{:#?}", seen.listeners);
    let mut findings = other.verdict.findings.iter();
    let bound = findings
        .find(|f| f.kind == FindingKind::BoundToAll)
        .unwrap();
    assert!(
        bound
            .because
            .contains(&format!("network namespace {}", there.name))
    );
}

#[test]
fn a_port_that_only_another_namespace_uses_is_vacant_here() {
    let there = There::new(0);
    let sources = Sources::embedded();
    let answer = about(&sources, there.port);
    let [seen] = &answer.ports[..] else {
        panic!("{answer:?}")
    };
    let is_there = |judged: &Judged<'_>| {
        let namespace = judged.listener.namespace.as_ref();
        namespace.is_some_and(|n| n.name.as_ref() == Some(&there.name))
    };
    let found: Vec<_> = seen.listeners.iter().filter(|j| is_there(j)).collect();
    assert_eq!(found.len(), 1);
    // Whatever else this machine does with the number, that listener is not what does it.
    let own = seen
        .listeners
        .iter()
        .any(|j| j.listener.namespace.is_none());
    let expected = match (own, seen.sockets.is_empty()) {
        (true, _) => Presence::Listening,
        (false, false) => Presence::InUse,
        (false, true) => Presence::Vacant,
    };
    assert_eq!(seen.presence, Some(expected));
}
