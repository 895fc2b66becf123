//! This machine, surveyed: who is left alone, who asks, and what an ordinary user sees.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use serde_json::Value;

use crate::command::{alone, finished, json, portolan, portolan_as_nobody, run};
use crate::server::Server;

fn on_port(document: &Value, port: u16) -> Value {
    let listeners = document["listeners"].as_array().unwrap();
    listeners
        .iter()
        .find(|l| l["port"] == port)
        .unwrap_or_else(|| panic!("{port} is missing"))
        .clone()
}

/// A real `nc -l` on a port that the system gave, once it listens.
struct Netcat {
    child: std::process::Child,
    port: u16,
}

impl Netcat {
    fn start() -> Self {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = held.local_addr().unwrap().port();
        drop(held);
        let child = Command::new("nc")
            .args(["-l", "127.0.0.1", &port.to_string()])
            .stdout(std::process::Stdio::null())
            .spawn();
        let advice = "apt-get install --no-install-recommends netcat-openbsd";
        let mut child = child.unwrap_or_else(|e| panic!("nc: {e}; {advice}"));
        let listens = || {
            let text = fs::read_to_string("/proc/net/tcp").unwrap();
            text.contains(&format!(":{port:04X} 00000000:0000 0A"))
        };
        while !listens() {
            assert_eq!(
                child.try_wait().unwrap(),
                None,
                "nc ended before it listened"
            );
            std::thread::yield_now();
        }
        Self { child, port }
    }

    /// Ends it; it must not have ended by itself.
    fn survived(mut self) {
        assert_eq!(self.child.try_wait().unwrap(), None, "the survey ended nc");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn netcat_survives_a_survey_and_the_reason_is_said() {
    let _alone = alone();
    let netcat = Netcat::start();
    let listener = on_port(&json(&[]), netcat.port);
    netcat.survived();
    assert_eq!(listener["probe"]["state"], "skipped");
    let because = listener["because"].as_str().unwrap();
    assert!(
        because.ends_with("may take one connection only and end with it"),
        "{because}"
    );
}

#[test]
fn netcat_of_another_user_survives_a_survey_too() {
    let _alone = alone();
    let netcat = Netcat::start();
    let listener = on_port(&as_nobody(&[]), netcat.port);
    netcat.survived();
    assert_eq!(listener["owners"], Value::Array(Vec::new()));
    let because = listener["because"].as_str().unwrap();
    assert!(
        because.starts_with("not asked: its owner is hidden and may be nc"),
        "{because}"
    );
}

#[test]
fn the_configuration_forbids_and_passive_sends_nothing() {
    let _alone = alone();
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    held.set_nonblocking(true).unwrap();
    let port = held.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portolan.toml");
    fs::write(&path, format!("[probe]\nnever = [\"{port}\"]\n")).unwrap();
    let document = json(&["--config", &path.display().to_string()]);
    assert_eq!(
        on_port(&document, port)["because"],
        format!("not asked: [probe] never of the configuration names {port}")
    );
    let passive = json(&["--passive"]);
    assert_eq!(
        on_port(&passive, port)["because"],
        "not asked: --passive sends nothing"
    );
    assert_eq!(
        held.accept().unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock,
        "somebody dialled"
    );
    json(&[]);
    assert!(held.accept().is_ok(), "the ordinary survey asks");
}

#[test]
fn the_summary_comes_first_and_what_needs_attention_next() {
    let _alone = alone();
    let _held = TcpListener::bind("127.0.0.1:0").unwrap();
    let run = run(&[]);
    assert_eq!(run.code, Some(0));
    let first = run.out.lines().next().unwrap();
    assert!(
        first.contains("listener") && first.contains("beyond loopback") && first.contains("need"),
        "{first}"
    );
    assert!(run.out.contains("PORT") && run.out.contains("VERDICT"));
}

#[test]
fn a_program_of_an_unregistered_name_gets_its_listeners() {
    let server = Server::start("redis-server", "redis-server", |command, home, address| {
        command
            .args(["--bind", "127.0.0.1", "--save", "", "--port"])
            .arg(address.port().to_string())
            .arg("--dir")
            .arg(home);
    });
    let document = json(&["redis-server"]);
    let ports: Vec<u64> = document["ports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["port"].as_u64().unwrap())
        .collect();
    assert!(ports.contains(&server.address().port().into()), "{ports:?}");
}

#[test]
fn a_port_that_is_bound_or_connected_is_in_use_and_not_listening() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(server.local_addr().unwrap()).unwrap();
    let near = client.local_addr().unwrap().port().to_string();
    let document = json(&[&near]);
    assert_eq!(document["ports"][0]["presence"], "in_use");
    assert_eq!(document["ports"][0]["sockets"][0]["state"], "established");
    let text = run(&[&near]).out;
    assert!(
        text.contains("On this machine: in use, not listening"),
        "{text}"
    );
    let vacant = run(&["tcp/1"]).out;
    assert!(
        vacant.contains("nothing is there: no listener, no connection"),
        "{vacant}"
    );
}

/// The document that nobody is shown.
fn as_nobody(arguments: &[&str]) -> Value {
    let (_folder, mut command) = portolan_as_nobody();
    command.args(arguments).arg("--json");
    let run = finished(command.output().unwrap());
    assert_eq!(run.code, Some(0), "{}", run.err);
    serde_json::from_str(&run.out).unwrap()
}

#[test]
fn an_ordinary_user_sees_others_sockets_and_is_told_what_is_hidden() {
    assert!(
        rustix::process::geteuid().is_root(),
        "run the tests as root: one of them becomes nobody"
    );
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    let document = as_nobody(&["listen"]);
    let listener = on_port(&document, port);
    assert_eq!(listener["owners"], Value::Array(Vec::new()));
    assert_eq!(listener["owner_gap"]["why"], "permission");
    let gaps = document["gaps"].as_array().unwrap();
    assert!(
        gaps.iter()
            .any(|gap| gap["what"] == "owner" && gap["why"] == "permission"),
        "{gaps:?}"
    );
}

#[test]
fn root_is_given_up_before_a_byte_is_dialled() {
    // Another test's survey would be taken for ours.
    let _alone = alone();
    assert!(
        rustix::process::geteuid().is_root(),
        "run the tests as root: one of them gives root up"
    );
    for (sudo, becomes) in [(None, 65534), (Some("1234"), 1234), (Some("0"), 65534)] {
        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = held.local_addr().unwrap().to_string();
        let mut command = portolan();
        command
            .args(["identify", &target])
            .env_remove("SUDO_UID")
            .env_remove("SUDO_GID");
        if let Some(id) = sudo {
            command.env("SUDO_UID", id).env("SUDO_GID", id);
        }
        let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        let (_stream, peer) = held.accept().unwrap();
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let line = |key: &str| {
            status
                .lines()
                .find(|l| l.starts_with(key))
                .unwrap()
                .to_owned()
        };
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(peer.ip().is_loopback());
        assert_eq!(
            line("Uid:"),
            format!("Uid:\t{becomes}\t{becomes}\t{becomes}\t{becomes}")
        );
        assert_eq!(
            line("Gid:"),
            format!("Gid:\t{becomes}\t{becomes}\t{becomes}\t{becomes}")
        );
        assert_eq!(line("CapEff:"), "CapEff:\t0000000000000000");
        assert_eq!(line("CapPrm:"), "CapPrm:\t0000000000000000");
        assert_eq!(line("Groups:").trim_end(), "Groups:");
        assert_eq!(line("NoNewPrivs:"), "NoNewPrivs:\t1");
    }
}
