//! Listings of real listeners, as they are printed, and the whole story of one port.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use insta::assert_snapshot;
use serde_json::Value;

use crate::command::{finished, json, portolan, portolan_as_nobody, run};
use crate::readme::examples_hold;
use crate::schema::check;

/// A program that listens twice and takes one connection, until its test ends.
struct Listening {
    child: Child,
    ports: Vec<u16>,
}

const LISTEN_TWICE: &str = "
import socket, sys
held = []
for _ in range(2):
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    s.listen(5)
    held.append(s)
print(*[s.getsockname()[1] for s in held], flush=True)
connection = held[0].accept() if len(sys.argv) > 1 else None
sys.stdin.read()
";

impl Listening {
    fn start(program: &Path, called: &str, accepts: bool) -> Self {
        Self::start_by(Command::new(program).arg0(called), accepts)
    }

    fn start_by(command: &mut Command, accepts: bool) -> Self {
        command.args(["-S", "-c", LISTEN_TWICE]);
        if accepts {
            command.arg("accept");
        }
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let advice = "apt-get install --no-install-recommends python3";
        let mut child = child.unwrap_or_else(|e| panic!("{command:?}: {e}; {advice}"));
        let mut line = String::new();
        let mut told = BufReader::new(child.stdout.take().unwrap());
        told.read_line(&mut line).unwrap();
        let ports = line
            .split_whitespace()
            .map(|p| p.parse().unwrap())
            .collect();
        Self { child, ports }
    }

    fn python() -> Self {
        Self::start(Path::new("/usr/bin/python3"), "python3", false)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn ports(document: &Value) -> Vec<u16> {
    let listeners = document["listeners"].as_array().unwrap();
    let mut ports: Vec<u16> = listeners
        .iter()
        .map(|l| l["port"].as_u64().unwrap().try_into().unwrap())
        .collect();
    ports.sort_unstable();
    ports
}

/// The text with each port as `P` and its place.
fn numbered(text: &str, ports: &[u16]) -> String {
    let mut text = text.to_owned();
    for (at, port) in ports.iter().enumerate() {
        let port = port.to_string();
        let mark = format!("{:<width$}", format!("P{at}"), width = port.len());
        text = text.replace(&port, &mark);
    }
    text
}

#[test]
fn a_listing_of_two_ports_whole() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.2:0").unwrap();
    let _waiting = TcpStream::connect(tcp.local_addr().unwrap()).unwrap();
    let ports = [
        tcp.local_addr().unwrap().port(),
        udp.local_addr().unwrap().port(),
    ];
    let own = format!("pid:{}", std::process::id());
    let filter = format!("{},{}", ports[0], ports[1]);
    let columns = "port,address,scope,queue,backlog,owners,transport";
    let run = run(&[
        "listen",
        &filter,
        &own,
        "--columns",
        columns,
        "--sort",
        "transport",
    ]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    // What this machine hides, another one may show.
    let (seen, _) = run.out.split_once("Not seen").unwrap_or((&run.out, ""));
    assert_snapshot!(numbered(seen, &ports), @r##"
    PORT   ADDRESS    SCOPE     QUEUE  BACKLOG  OWNERS  TRANSPORT
    P0     127.0.0.1  loopback  1      128      1       tcp
    P1     127.0.0.2  loopback                  1       udp
    "##);
}

#[test]
fn filters_find_a_real_process() {
    let python = Listening::python();
    let pid = format!("pid:{}", python.child.id());
    // Bounded by ports, so that no hidden owner of another port leaves anything open.
    let both = format!("{},{}", python.ports[0], python.ports[1]);
    let exe = std::fs::read_link(format!("/proc/{}/exe", python.child.id())).unwrap();
    let exe = format!("exe:{}", exe.display());
    let mut expected = python.ports.clone();
    expected.sort_unstable();
    let uid = rustix::process::geteuid().as_raw().to_string();
    for fits in [
        &format!("user:{uid}")[..],
        "program:python3*",
        "package:python3*",
        &exe,
        "address:127.0.0.0/8",
        "scope:loopback",
        "transport:tcp,udp",
        "namespace:own",
        "not:scope:any,interface",
        "!transport:udp",
        "!gap:any",
        "group:no",
    ] {
        assert_eq!(
            ports(&json(&["listen", &both, &pid, fits])),
            expected,
            "{fits}"
        );
    }
    for differs in [
        "program:nginx",
        "user:nosuchuser",
        "scope:any",
        "transport:udp",
        "not:program:PYTHON3*",
        "address:127.0.0.2",
        "interface:lo",
        "unit:nosuch",
        "package:nosuch",
        "container:*",
        "namespace:nosuch",
        "!namespace:own",
    ] {
        let run = run(&["listen", &both, &pid, differs]);
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{differs}");
        assert_eq!(
            run.err,
            format!("portolan: no listener fits {both} {pid} {differs}\n")
        );
    }
    let one = python.ports[0].to_string();
    assert_eq!(ports(&json(&["listen", &one, &pid])), [python.ports[0]]);
    let not_one = format!("not:{one}");
    assert_eq!(
        ports(&json(&["listen", &both, &pid, &not_one])),
        [python.ports[1]]
    );
}

#[test]
fn one_port_alone_has_all_its_owners() {
    let python = Listening::python();
    let port = python.ports[0].to_string();
    let document = json(&["listen", &port]);
    check("listen.json", &document);
    let listener = &document["listeners"][0];
    assert_eq!(listener["owners"][0]["pid"], python.child.id());
    assert_eq!(document["filters"], serde_json::json!([port]));
    assert_eq!(document["undecided"], 0);
    let told = run(&["listen", &port, "--explain"]).err;
    assert!(
        told.starts_with(&format!("the kernel was asked for port {port} alone\n")),
        "{told}"
    );
}

#[test]
fn ways_of_looking_agree() {
    let python = Listening::python();
    let pid = python.child.id();
    let port = python.ports[0].to_string();
    for flags in [
        &["--fast"][..],
        &["--way", "scan"],
        &["--own-namespace"],
        &["--details"],
    ] {
        let document = json(&[&["listen", &port], flags].concat());
        assert_eq!(
            document["listeners"][0]["owners"][0]["pid"], pid,
            "{flags:?}"
        );
        check("listen.json", &document);
    }
    let document = json(&["listen", &port, "--no-owners"]);
    assert_eq!(document["listeners"][0]["owners"], serde_json::json!([]));
}

#[test]
fn csv_reads_back_as_the_document_says() {
    let python = Listening::python();
    let filter = format!("pid:{}", python.child.id());
    let run = run(&["listen", &filter, "--csv", "--sort", "-port"]);
    assert_eq!(run.code, Some(0));
    let mut reader = csv::Reader::from_reader(run.out.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let document = json(&["listen", &filter, "--sort", "-port"]);
    let listeners = document["listeners"].as_array().unwrap();
    assert_eq!((rows.len(), listeners.len()), (2, 2));
    for (row, listener) in rows.iter().zip(listeners) {
        let cell = |name: &str| {
            let at = heads.iter().position(|head| head == name).unwrap();
            row[at].to_owned()
        };
        let owner = &listener["owners"][0];
        let text = |value: &Value| value.to_string().trim_matches('"').to_owned();
        for (name, value) in [
            ("port", &listener["port"]),
            ("transport", &listener["transport"]),
            ("address", &listener["address"]),
            ("inode", &listener["inode"]),
            ("backlog", &listener["queue"]["backlog"]),
            ("pid", &owner["pid"]),
            ("program", &owner["program"]),
            ("exe", &owner["exe"]),
            ("user", &owner["user"]),
        ] {
            assert_eq!(cell(name), text(value), "{name}");
        }
    }
    let mut ports = python.ports.clone();
    ports.sort_unstable_by(|a, b| b.cmp(a));
    let told: Vec<u16> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    assert_eq!(told, ports);
}

#[test]
fn what_a_hidden_owner_leaves_open_is_said() {
    assert!(
        rustix::process::geteuid().is_root(),
        "run the tests as root: one of them becomes nobody"
    );
    let python = Listening::python();
    let port = python.ports[0].to_string();
    let (_folder, mut command) = portolan_as_nobody();
    let run = finished(
        command
            .args(["listen", &port, "user:root"])
            .output()
            .unwrap(),
    );
    assert_eq!(run.code, Some(3));
    assert!(
        run.out.ends_with(&format!(
            "Not decided: 1 listener with hidden owners may fit {port} user:root\n"
        )),
        "{}",
        run.out
    );
    assert_eq!(
        run.err,
        format!(
            "portolan: nothing in sight fits {port} user:root, and 1 listener hides its owners; run as root to see them\n"
        )
    );
    let (_folder, mut command) = portolan_as_nobody();
    let run = finished(
        command
            .args(["listen", &port, "user:root", "--json"])
            .output()
            .unwrap(),
    );
    let document: Value = serde_json::from_str(&run.out).unwrap();
    check("listen.json", &document);
    assert_eq!((run.code, &document["undecided"]), (Some(3), &1.into()));
    assert_eq!(document["gaps"][0]["why"], "permission");
}

#[test]
fn a_hostile_name_steers_no_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("\u{1b}[2J\u{202e}py\n=evil,\"");
    std::fs::copy("/usr/bin/python3", &program).unwrap();
    let hostile = Listening::start(&program, "\u{1b}]0;pwned\u{7}", false);
    let port = hostile.ports[0].to_string();
    let pid = format!("pid:{}", hostile.child.id());
    for arguments in [
        vec!["listen", &port, &pid],
        vec!["listen", &port, &pid, "--columns", "all"],
        vec!["listen", &port, &pid, "--csv", "--details"],
        vec![&port[..]],
    ] {
        let run = run(&arguments);
        assert_eq!(run.code, Some(0), "{}", run.err);
        let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\r') || c == '\u{202e}';
        assert!(!run.out.contains(steers), "{arguments:?}: {:?}", run.out);
        assert!(run.out.contains("\\u{1b}"), "{arguments:?}: {}", run.out);
    }
    let csv = run(&["listen", &port, &pid, "--csv", "--columns", "exe"]).out;
    let rows = csv::Reader::from_reader(csv.as_bytes()).records().count();
    assert_eq!(rows, 1, "{csv}");
}

/// What a terminal of 80 columns is shown, by script(1) of bsdutils.
fn on_a_terminal(arguments: &str, no_color: bool) -> String {
    let program = env!("CARGO_BIN_EXE_portolan");
    let mut command = Command::new("script");
    command
        .args([
            "-qec",
            &format!("stty cols 80 rows 24 && exec '{program}' {arguments}"),
        ])
        .arg("/dev/null")
        .env("HOME", "/nonexistent")
        .env("STATE_DIRECTORY", "/nonexistent")
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null());
    if no_color {
        command.env("NO_COLOR", "1");
    }
    let output = command.output();
    let advice = "apt-get install --no-install-recommends bsdutils";
    let run = finished(output.unwrap_or_else(|e| panic!("script: {e}; {advice}")));
    assert_eq!(run.code, Some(0), "{}", run.out);
    run.out
}

#[test]
fn a_terminal_of_80_columns_shows_it_whole() {
    let python = Listening::python();
    let arguments = format!("listen pid:{} --details", python.child.id());
    let plain = on_a_terminal(&arguments, true);
    assert!(!plain.contains('\u{1b}'), "{plain}");
    assert!(plain.lines().count() >= 3, "{plain}");
    for line in plain.lines() {
        assert!(line.trim_end().chars().count() <= 80, "{line}");
    }
    assert!(on_a_terminal(&arguments, false).contains("\u{1b}[1m"));
}

#[test]
fn a_port_tells_its_whole_story() {
    let python = Listening::start(Path::new("/usr/bin/python3"), "python3", true);
    let (port, other) = (python.ports[0], python.ports[1]);
    let client = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let query = port.to_string();
    let document = json(&[&query]);
    check("lookup.json", &document);
    let told = &document["ports"][0];
    assert_eq!(told["presence"], "listening");
    let pid = python.child.id();
    let besides = told["held_besides"].as_array().unwrap();
    let own = besides
        .iter()
        .find(|b| b["pids"] == serde_json::json!([pid]));
    assert_eq!(
        own.unwrap(),
        &serde_json::json!({
            "program": told["listeners"][0]["owners"][0]["program"],
            "pids": [pid],
            "listeners": [{"transport": "tcp", "address": "127.0.0.1", "port": other}],
            "connections": 0
        })
    );
    assert_eq!(
        told["connected"],
        serde_json::json!([
            {"direction": "incoming", "transport": "tcp", "remote": "127.0.0.1", "open": 1, "closed": 0},
            {"direction": "outgoing", "transport": "tcp", "remote": "127.0.0.1", "open": 1, "closed": 0}
        ])
    );
    let text = run(&[&query]).out;
    let story = text.split("On this machine").nth(1).unwrap();
    for said in [
        format!(": listening\n  {port}/tcp at 127.0.0.1\n    held by  python3"),
        "\n  held by the same processes\n    ".to_owned(),
        format!("  {other}/tcp at 127.0.0.1\n"),
        "\n  connected\n    incoming  1 from 127.0.0.1 over tcp\n    outgoing  1 to 127.0.0.1 over tcp\n"
            .to_owned(),
        format!("pid {pid} runs /"),
        format!("({pid})\n"),
        " UTC, ".to_owned(),
        "(dpkg)\n".to_owned(),
    ] {
        assert!(story.contains(&said), "{said:?} in {story}");
    }
    drop(client);
}

/// A network namespace that its test made, with a loopback of its own.
struct Namespace(String);

impl Namespace {
    fn new() -> Self {
        let namespace = Self(format!("portolan-listen-{}", std::process::id()));
        namespace.ip(&["netns", "add", &namespace.0]);
        namespace.ip(&["-n", &namespace.0, "link", "set", "lo", "up"]);
        namespace
    }

    fn ip(&self, arguments: &[&str]) {
        let status = Command::new("ip").args(arguments).status();
        let advice = "apt-get install --no-install-recommends iproute2, and run the tests as root";
        assert!(
            status.is_ok_and(|s| s.success()),
            "ip {arguments:?}: {advice}"
        );
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop(Command::new("ip").args(["netns", "del", &self.0]).status());
    }
}

#[test]
fn another_namespace_is_told_apart_everywhere() {
    let namespace = Namespace::new();
    let name = &namespace.0;
    let python = Listening::start_by(
        Command::new("ip").args(["netns", "exec", name, "/usr/bin/python3"]),
        false,
    );
    let filter = format!("namespace:{name}");
    let mut expected = python.ports.clone();
    expected.sort_unstable();
    let document = json(&["listen", &filter]);
    check("listen.json", &document);
    assert_eq!(ports(&document), expected);
    assert_eq!(document["listeners"][0]["namespace"], name.as_str());
    let port = python.ports[0].to_string();
    let pid = format!("pid:{}", python.child.id());
    let text = run(&["listen", &port, &pid]).out;
    assert!(
        text.contains("NAMESPACE") && text.contains(name.as_str()),
        "{text}"
    );
    for own in [&["namespace:own"][..], &["--own-namespace"]] {
        let run = run(&[&["listen", &port, &pid], own].concat());
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{own:?}");
    }
    let story = run(&[&port]).out;
    let said = format!("{port}/tcp at 127.0.0.1 in the network namespace {name}, not this one\n");
    assert!(story.contains(&said), "{story}");
    assert!(!story.contains("On this machine: listening"), "{story}");
    let (_folder, mut command) = portolan_as_nobody();
    let run = finished(command.args(["listen", &filter]).output().unwrap());
    assert_eq!(run.code, Some(3), "{run:?}");
}

#[test]
fn the_columns_are_listed() {
    let help = run(&["listen", "--columns", "help"]);
    assert_eq!(help.code, Some(0));
    assert!(
        help.out
            .starts_with("port            the port; in a table with its transport\n")
    );
}

#[test]
fn every_complaint_of_a_listing_is_one_line() {
    for (arguments, said) in [
        (
            &["nginx"][..],
            "cannot filter by \"nginx\": a filter is a port or KEY:VALUE; for a program write program:nginx",
        ),
        (
            &["usr:root"],
            "cannot filter by \"usr:root\": there is no key \"usr\"; the nearest is \"user\"",
        ),
        (
            &["--columns", "port,progam"],
            "there is no column \"progam\"; the nearest is \"program\"; portolan listen --columns help lists them",
        ),
        (
            &["--sort", "-quue"],
            "there is no column \"quue\"; the nearest is \"queue\"; portolan listen --columns help lists them",
        ),
        (
            &["not:user:root", "--no-owners"],
            "not:user:root speaks of owners, and --no-owners does not look for them; leave out one of the two",
        ),
    ] {
        let run = run(&[&["listen"], arguments].concat());
        assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
        assert_eq!(run.err, format!("portolan: {said}\n"));
    }
    for arguments in [&["--csv", "--json"][..], &["--fast", "--way", "scan"]] {
        assert_eq!(run(&[&["listen"], arguments].concat()).code, Some(2));
    }
}

#[test]
fn every_example_of_the_page_holds() {
    let page = include_str!("../../../../docs/listen.md");
    let python = Listening::python();
    let page = page.replace("40000", &python.ports[0].to_string());
    assert!(examples_hold(&page) >= 5);
    // Every key and column that there is, the page explains.
    let help = run(&["listen", "--columns", "help"]).out;
    let columns = help.lines().filter_map(|line| line.split(' ').next());
    for word in columns.chain(portolan_survey::selection::KEYS.iter().map(|k| k.1)) {
        assert!(page.contains(&format!("`{word}")), "{word}");
    }
    let _undisturbed = portolan();
}
