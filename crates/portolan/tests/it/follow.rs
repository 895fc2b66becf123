//! Changes of listeners, as they are told.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::command::{alone, portolan};
use crate::schema::check;

/// The longest that an event may let wait for itself, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(20);

/// An address of one test alone.
fn home(test: u8) -> Ipv4Addr {
    let [_, _, high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 64 + test, high, low)
}

/// The program, following.
struct Follower {
    child: Child,
    lines: Receiver<String>,
    errors: Receiver<String>,
}

fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    told
}

impl Follower {
    /// Follows the listeners at one address, and waits until it does.
    fn start(at: Ipv4Addr, more: &[&str]) -> Self {
        let mut command = portolan();
        command.args(["listen", "--follow", &format!("address:{at}")]);
        let mut child = command
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = lines(child.stdout.take().unwrap());
        let errors = self::lines(child.stderr.take().unwrap());
        Self {
            child,
            lines,
            errors,
        }
    }

    /// The same as JSON Lines.
    fn json(at: Ipv4Addr, more: &[&str]) -> Self {
        let follower = Self::start(at, &[&["--json"], more].concat());
        let first = follower.next();
        check("listen-follow.json", &first);
        assert_eq!(first["listeners"], 0);
        follower
    }

    fn next(&self) -> Value {
        let line = self.lines.recv_timeout(PATIENCE);
        let line = line.unwrap_or_else(|e| panic!("{e}; said: {:?}", self.said()));
        serde_json::from_str(&line).unwrap()
    }

    /// The next change, which must be one of this kind.
    fn change(&self, kind: &str) -> Value {
        let change = self.next();
        check("listen-change.json", &change);
        assert_eq!(change["change"], kind, "{change:#}");
        change
    }

    fn said(&self) -> Vec<String> {
        self.errors.try_iter().collect()
    }

    /// Ends it by a signal; the lines that came until then.
    fn end(mut self, signal: Signal) -> Vec<String> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        let mut rest = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => rest.push(line),
                Err(RecvTimeoutError::Disconnected) => return rest,
                Err(RecvTimeoutError::Timeout) => panic!("its output stayed open"),
            }
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// Lets time pass that is a part of what is tested, and not a guess at how long something takes.
fn pass(time: Duration) {
    let (_never, nothing) = mpsc::channel::<()>();
    let _over = nothing.recv_timeout(time);
}

fn moment(change: &Value) -> SystemTime {
    let at: jiff::Timestamp = change["at"].as_str().unwrap().parse().unwrap();
    at.into()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the moments are what is tested")]
fn an_open_and_a_close_are_told_with_their_moments() {
    let _alone = alone();
    // Were the close not heard from the kernel, it would be told a minute late.
    let follower = Follower::json(home(1), &["--tick", "250ms"]);
    let held = TcpListener::bind((home(1), 0)).unwrap();
    let port = held.local_addr().unwrap().port();
    let opened = follower.change("opened");
    assert_eq!(opened["listener"]["port"], port);
    assert_eq!(opened["listener"]["owners"][0]["pid"], std::process::id());
    let before = SystemTime::now();
    drop(held);
    let closed = follower.change("closed");
    assert_eq!(closed["listener"]["port"], port);
    assert_eq!(closed["listener"]["owners"][0]["pid"], std::process::id());
    let late = moment(&closed).duration_since(before).unwrap_or_default();
    assert!(late < Duration::from_secs(2), "{late:?}");
    assert_eq!(follower.end(Signal::TERM), Vec::<String>::new());
}

#[test]
fn a_close_is_told_long_before_the_next_tick() {
    let _alone = alone();
    let held = TcpListener::bind((home(2), 0)).unwrap();
    let follower = Follower::start(home(2), &["--tick", "1h"]);
    let said = follower.errors.recv_timeout(PATIENCE).unwrap();
    assert_eq!(said, "following 1 listener; looking for new ones every 1h");
    let end = held.local_addr().unwrap();
    drop(held);
    let line = follower.lines.recv_timeout(PATIENCE).unwrap();
    let said = format!("Z closed {}/tcp {} ", end.port(), end.ip());
    assert!(line.contains(&said), "{line}");
    assert!(line.contains(&std::process::id().to_string()), "{line}");
    follower.end(Signal::INT);
}

/// Opens and closes listeners, each on a port of its own, at a steady rate; each lives longer than
/// a tick. None is lost.
#[test]
#[expect(clippy::disallowed_methods, reason = "the rate is what is tested")]
fn of_a_hundred_a_second_none_is_lost() {
    let _alone = alone();
    const MANY: u32 = 200;
    let (tick, life) = (Duration::from_millis(250), Duration::from_secs(1));
    let follower = Follower::json(home(3), &["--tick", "250ms"]);
    let begun = Instant::now();
    let mut living: Vec<(Instant, TcpListener)> = Vec::new();
    let mut used: BTreeMap<u16, (bool, bool)> = BTreeMap::new();
    let mut made = 0;
    while made < MANY || !living.is_empty() {
        living.retain(|(until, _)| *until > Instant::now());
        if made < MANY && begun.elapsed() >= Duration::from_millis(10) * made {
            let new = TcpListener::bind((home(3), 0)).unwrap();
            // The same port again within a tick would be the same listener, begun anew.
            if used
                .insert(new.local_addr().unwrap().port(), (false, false))
                .is_none()
            {
                living.push((Instant::now() + life, new));
                made += 1;
            }
        }
        pass(Duration::from_millis(1));
    }
    assert!(tick < life);
    for _ in 0..2 * MANY {
        let change = follower.next();
        let port = u16::try_from(change["listener"]["port"].as_u64().unwrap()).unwrap();
        let seen = used.get_mut(&port).unwrap();
        let once = match change["change"].as_str().unwrap() {
            "opened" => &mut seen.0,
            "closed" => &mut seen.1,
            other => panic!("{other}: {change:#}"),
        };
        assert!(!std::mem::replace(once, true), "told twice: {change:#}");
    }
    assert!(used.values().all(|seen| *seen == (true, true)));
    assert_eq!(follower.end(Signal::TERM), Vec::<String>::new());
}

/// A python3 that is told what to do with a socket, and says when it is done.
struct Python {
    child: Child,
    lines: Receiver<String>,
}

impl Python {
    fn start(script: &str, stdin: Stdio) -> Self {
        let mut command = Command::new("python3");
        command.args(["-c", script]).stdin(stdin);
        let child = command.stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|e| panic!("python3: {e}; apt-get install python3"));
        let lines = lines(child.stdout.take().unwrap());
        Self { child, lines }
    }

    fn says(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// Holds a listener, then hands it over to a child of the same program and ends; the child ends
/// with its standard input.
const SUCCESSION: &str = "
import os, socket, sys
held = socket.socket(); held.bind((sys.stdin.readline().strip(), 0)); held.listen()
print(held.getsockname()[1], flush=True)
sys.stdin.readline()
if os.fork() == 0:
    print(os.getpid(), flush=True)
    sys.stdin.readline()
";

#[test]
fn another_pid_of_the_same_program_is_no_change() {
    use std::io::Write as _;
    let _alone = alone();
    let follower = Follower::json(home(4), &["--tick", "100ms"]);
    let mut python = Python::start(SUCCESSION, Stdio::piped());
    let mut stdin = python.child.stdin.take().unwrap();
    writeln!(stdin, "{}", home(4)).unwrap();
    let port: u16 = python.says().parse().unwrap();
    let opened = follower.change("opened");
    assert_eq!(opened["listener"]["port"], port);
    assert_eq!(opened["listener"]["owners"][0]["pid"], python.child.id());
    writeln!(stdin).unwrap();
    let heir: u32 = python.says().parse().unwrap();
    python.child.wait().unwrap();
    // Long enough for owners to be looked at again.
    pass(Duration::from_secs(3));
    drop(stdin);
    let closed = follower.change("closed");
    assert_eq!(closed["listener"]["owners"][0]["pid"], heir, "{closed:#}");
    follower.end(Signal::TERM);
}

/// Takes a descriptor over (SCM_RIGHTS, unix(7)), and keeps it until its standard input ends.
const HEIR: &str = "
import socket
channel = socket.socket(fileno=0)
_, held, _, _ = socket.recv_fds(channel, 1, 1)
print(len(held), flush=True)
channel.recv(1)
";

fn send(channel: &UnixStream, descriptor: impl AsFd) {
    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
    let mut space = [std::mem::MaybeUninit::uninit(); 64];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = [descriptor.as_fd()];
    assert!(control.push(SendAncillaryMessage::ScmRights(&descriptors)));
    let byte = [std::io::IoSlice::new(b"x")];
    sendmsg(channel, &byte, &mut control, SendFlags::empty()).unwrap();
}

#[test]
fn a_listener_that_is_passed_on_has_another_owner() {
    let _alone = alone();
    let follower = Follower::json(home(5), &["--tick", "100ms"]);
    let held = TcpListener::bind((home(5), 0)).unwrap();
    let opened = follower.change("opened");
    let unit = opened["listener"]["owners"][0]["unit"].as_str();
    assert!(
        unit.is_none_or(|unit| unit.ends_with(".scope")),
        "inside {unit:?} every program counts as that unit: run the tests outside of it"
    );
    let (near, far) = UnixStream::pair().unwrap();
    let heir = Python::start(HEIR, Stdio::from(OwnedFd::from(far)));
    send(&near, &held);
    assert_eq!(heir.says(), "1");
    drop(held);
    // Both hold it for a moment, which may be seen or not.
    let mut changed = follower.change("owner");
    if changed["listener"]["owners"].as_array().unwrap().len() > 1 {
        changed = follower.change("owner");
    }
    assert_eq!(changed["listener"]["owners"][0]["pid"], heir.child.id());
    let before = changed["before"]["owners"].as_array().unwrap();
    assert!(
        before
            .iter()
            .any(|owner| owner["pid"] == std::process::id())
    );
    drop(near);
    follower.change("closed");
    follower.end(Signal::TERM);
}

#[test]
fn the_same_port_at_another_address_is_another_scope() {
    let _alone = alone();
    let follower = Follower::json(home(6), &["--tick", "1s"]);
    let elsewhere = home(7);
    // A port that is free at both addresses.
    let (held, port) = loop {
        let held = TcpListener::bind((home(6), 0)).unwrap();
        let port = held.local_addr().unwrap().port();
        if TcpListener::bind((elsewhere, port)).is_ok() {
            break (held, port);
        }
    };
    follower.change("opened");
    drop(held);
    let _moved = TcpListener::bind(SocketAddr::new(IpAddr::V4(elsewhere), port)).unwrap();
    let changed = follower.change("scope");
    assert_eq!(changed["listener"]["address"], elsewhere.to_string());
    assert_eq!(changed["before"]["address"], home(6).to_string());
    assert_eq!(follower.end(Signal::TERM), Vec::<String>::new());
}

#[test]
fn a_command_is_run_for_each_change_and_its_failure_is_said() {
    let _alone = alone();
    let script = "sh -c 'echo $PORTOLAN_CHANGE $PORTOLAN_PORT $PORTOLAN_ADDRESS; cat; exit 3'";
    let follower = Follower::json(
        home(8),
        &["--exec", script, "--count", "2", "--tick", "100ms"],
    );
    let held = TcpListener::bind((home(8), 0)).unwrap();
    let port = held.local_addr().unwrap().port();
    let opened = follower.change("opened");
    let line = follower.lines.recv_timeout(PATIENCE).unwrap();
    assert_eq!(line, format!("opened {port} {}", home(8)));
    assert_eq!(follower.next(), opened, "standard input has the same line");
    drop(held);
    follower.change("closed");
    let line = follower.lines.recv_timeout(PATIENCE).unwrap();
    assert_eq!(line, format!("closed {port} {}", home(8)));
    follower.change("closed");
    let mut follower = follower;
    assert_eq!(follower.child.wait().unwrap().code(), Some(0));
    let said: Vec<String> = follower.errors.iter().collect();
    let wrong = "portolan: --exec: sh ended with exit status: 3";
    assert_eq!(
        said.iter().filter(|line| *line == wrong).count(),
        2,
        "{said:?}"
    );
}

#[test]
fn a_command_that_is_not_there_is_said_and_stops_nothing() {
    let _alone = alone();
    let follower = Follower::json(
        home(9),
        &["--exec", "/nonexistent/command", "--tick", "100ms"],
    );
    let held = TcpListener::bind((home(9), 0)).unwrap();
    follower.change("opened");
    let said = follower.errors.iter().find(|line| line.contains("--exec"));
    assert_eq!(
        said.as_deref(),
        Some(
            "portolan: --exec: cannot run /nonexistent/command: No such file or directory (os error 2)"
        )
    );
    drop(held);
    follower.change("closed");
    follower.end(Signal::TERM);
}

#[test]
fn it_ends_after_its_time_and_with_its_reader() {
    let _alone = alone();
    let mut follower = Follower::start(home(10), &["--for", "300ms"]);
    assert_eq!(follower.child.wait().unwrap().code(), Some(0));

    let mut command = portolan();
    command.args(["listen", "--follow", "--json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    stdout.read_line(&mut first).unwrap();
    drop(stdout);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn nobody_may_follow_too() {
    let _alone = alone();
    let (_folder, mut command) = crate::command::portolan_as_nobody();
    let at = format!("address:{}", home(11));
    command.args(["listen", "--follow", "--json", "--count", "2", &at]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let told = lines(child.stdout.take().unwrap());
    told.recv_timeout(PATIENCE).unwrap();
    let held = TcpListener::bind((home(11), 0)).unwrap();
    let read = |line: String| -> Value { serde_json::from_str(&line).unwrap() };
    let opened = read(told.recv_timeout(PATIENCE).unwrap());
    assert_eq!(opened["change"], "opened");
    drop(held);
    let closed = read(told.recv_timeout(PATIENCE).unwrap());
    assert_eq!(closed["change"], "closed");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
