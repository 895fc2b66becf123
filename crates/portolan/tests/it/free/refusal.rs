//! Whom it leaves alone, whatever it is told.

use std::fs;
use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::command::{alone, finished, portolan, undisturbed};

use super::holder::{Holder, listener};
use super::{listening, read};

const WAYS: [&str; 3] = ["--stop", "--kill", "--close"];

/// The one refusal's kind, where nothing was done.
fn refused(document: &Value) -> &str {
    assert_eq!(document["state"], "refused", "{document:#}");
    assert_eq!(document["refusals"].as_array().unwrap().len(), 1);
    assert_eq!(document["left"], Value::Null);
    document["refusals"][0]["kind"].as_str().unwrap()
}

#[test]
fn the_shell_that_it_runs_below() {
    let _alone = alone();
    for way in WAYS {
        let held = listener();
        let port = held.local_addr().unwrap().port();
        // The shell holds the socket, and so does the program, which inherits it.
        let script = format!("\"$0\" free {port} {way} --yes --json; echo $? >&2");
        let mut command = undisturbed(Command::new("sh"));
        let command = command.args(["-c", &script, env!("CARGO_BIN_EXE_portolan")]);
        let run = finished(command.stdin(OwnedFd::from(held)).output().unwrap());
        assert_eq!((run.code, run.err.as_str()), (Some(0), "1\n"), "{way}");
        let document = read(&run);
        assert_eq!(document["state"], "refused");
        for refusal in document["refusals"].as_array().unwrap() {
            assert_eq!(refusal["kind"], "ancestor");
        }
    }
}

#[test]
fn whoever_let_this_session_in() {
    let _alone = alone();
    let mut door = Holder::asleep(listener(), "exec sleep 600");
    for way in WAYS {
        let run = portolan()
            .args(["free", &door.port.to_string(), way, "--yes", "--json"])
            .env(
                "SSH_CONNECTION",
                format!("192.0.2.7 40022 127.0.0.1 {}", door.port),
            )
            .output();
        let run = finished(run.unwrap());
        assert_eq!(run.code, Some(1));
        assert_eq!(refused(&read(&run)), "ssh_session");
        assert!(door.is_alive());
    }
}

/// A pid namespace whose first process holds a port; it ends with the test.
struct Namespace {
    unshare: Child,
    first: u32,
    port: u16,
}

impl Namespace {
    fn start() -> Self {
        let held = listener();
        let port = held.local_addr().unwrap().port();
        let spawned = Command::new("unshare")
            .args([
                "--pid",
                "--fork",
                "--mount-proc",
                "--kill-child",
                "sleep",
                "600",
            ])
            .stdin(OwnedFd::from(held))
            .stdout(Stdio::null())
            .spawn();
        let advice = "run the tests as root, with util-linux";
        let mut unshare = spawned.unwrap_or_else(|e| panic!("unshare: {e}; {advice}"));
        let (pid, first) = loop {
            assert_eq!(unshare.try_wait().unwrap(), None, "{advice}");
            let pid = unshare.id();
            let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
            let first = children.unwrap().trim().parse::<u32>().ok();
            let comm = |pid| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            match first {
                Some(first) if comm(first) == "sleep\n" => break (pid, first),
                _ => std::thread::yield_now(),
            }
        };
        assert_eq!(pid, unshare.id());
        Self {
            unshare,
            first,
            port,
        }
    }

    fn is_whole(&mut self) -> bool {
        self.unshare.try_wait().unwrap().is_none() && listening(self.port).len() == 1
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // The kernel ends the first process with it (--kill-child).
        let _ended = self.unshare.kill();
        let _reaped = self.unshare.wait();
    }
}

#[test]
fn the_first_process_seen_from_within_and_without() {
    let _alone = alone();
    let mut namespace = Namespace::start();
    let port = namespace.port.to_string();
    for way in WAYS {
        let mut command = undisturbed(Command::new("nsenter"));
        let run = command
            .args(["--target", &namespace.first.to_string(), "--pid", "--mount"])
            .arg(env!("CARGO_BIN_EXE_portolan"))
            .args(["free", &port, way, "--yes", "--json"])
            .output();
        let run = finished(run.unwrap());
        let document = read(&run);
        let kinds: Vec<&str> = document["refusals"]
            .as_array()
            .unwrap()
            .iter()
            .map(|refusal| refusal["kind"].as_str().unwrap())
            .collect();
        assert_eq!(run.code, Some(1), "{run:?}");
        assert_eq!(kinds, ["first_process"], "{way}: {document:#}");
        assert!(namespace.is_whole());
    }
    for way in ["--stop", "--kill"] {
        let command = portolan()
            .args(["free", &port, way, "--yes", "--json"])
            .output();
        let run = finished(command.unwrap());
        assert_eq!(run.code, Some(1));
        assert_eq!(refused(&read(&run)), "other_pid_namespace");
        assert!(namespace.is_whole());
    }
}

#[test]
fn a_udp_socket_cannot_be_closed_alone() {
    let _alone = alone();
    let held = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = held.local_addr().unwrap().port().to_string();
    let mut holder = Holder::asleep(held, "exec sleep 600");
    let run = finished(
        portolan()
            .args(["free", &port, "--close", "--yes", "--json"])
            .output()
            .unwrap(),
    );
    assert_eq!((run.code, refused(&read(&run))), (Some(1), "unsupported"));
    assert!(holder.is_alive());
    let run = finished(
        portolan()
            .args(["free", &format!("{port}/udp"), "--yes", "--json"])
            .output()
            .unwrap(),
    );
    assert_eq!(
        (run.code, &read(&run)["state"]),
        (Some(0), &Value::from("freed"))
    );
    assert_eq!(holder.ended_by(), Some(15));
}
