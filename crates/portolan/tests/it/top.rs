//! The live view in a real terminal, which tmux(1) keeps.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::command::{alone, run};

/// A tmux server of this test's own, with one terminal of 80 by 24.
struct Terminal {
    name: String,
}

impl Terminal {
    /// Runs the live view between two lines of a shell.
    fn start(test: &str, arguments: &str) -> Self {
        let terminal = Self {
            name: format!("portolan-{test}-{}", std::process::id()),
        };
        let program = env!("CARGO_BIN_EXE_portolan");
        let script =
            format!("echo before; '{program}' top {arguments}; echo ended $?; stty -a; exec cat");
        let size = ["-x", "80", "-y", "24"];
        let started = terminal
            .tmux(&["-f", "/dev/null", "new-session", "-d"])
            .args(size)
            .arg(script)
            .env("HOME", "/nonexistent")
            .env("SHELL", "/bin/sh")
            .env_remove("TMUX")
            .env_remove("NO_COLOR")
            .status();
        let advice = "apt-get install --no-install-recommends tmux";
        let started = started.unwrap_or_else(|e| panic!("tmux: {e}; {advice}"));
        assert!(started.success());
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-u", "-L", &self.name]).args(arguments);
        command.stderr(Stdio::null());
        command
    }

    fn screen(&self) -> String {
        let seen = self.tmux(&["capture-pane", "-p"]).output().unwrap();
        String::from_utf8(seen.stdout).unwrap()
    }

    fn press(&self, keys: &[&str]) {
        let pressed = self.tmux(&["send-keys"]).args(keys).status();
        assert!(pressed.unwrap().success());
    }

    /// The screen, once it shows what is wanted.
    #[expect(clippy::disallowed_methods, reason = "a test waits with a bound")]
    fn until(&self, wanted: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        let mut seen = String::new();
        while begun.elapsed() < Duration::from_secs(20) {
            seen = self.screen();
            if wanted(&seen) {
                return seen;
            }
            std::thread::yield_now();
        }
        panic!("it was never shown:\n{seen}");
    }

    /// The process id of the live view, the child of the terminal's shell.
    fn pid(&self) -> Pid {
        let shell = self
            .tmux(&["display-message", "-p", "#{pane_pid}"])
            .output();
        let shell = String::from_utf8(shell.unwrap().stdout).unwrap();
        let shell = shell.trim();
        let path = format!("/proc/{shell}/task/{shell}/children");
        let children = std::fs::read_to_string(path).unwrap();
        Pid::from_raw(children.trim().parse().unwrap()).unwrap()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _gone = self.tmux(&["kill-server"]).status();
    }
}

fn home(test: u8) -> Ipv4Addr {
    let [_, _, high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, 96 + test, high, low)
}

/// Whether the terminal is as a shell wants it again.
fn is_given_back(screen: &str) -> bool {
    let words: Vec<&str> = screen.split_whitespace().collect();
    screen.contains("before\nended 0\n") && words.contains(&"icanon") && words.contains(&"echo")
}

#[test]
fn it_shows_a_listener_filters_tells_all_and_gives_the_terminal_back() {
    let _alone = alone();
    let terminal = Terminal::start("top", "--tick 100ms");
    // A screen may be read while it is being painted; the footer is painted last.
    let footer = "q quit  / filter  s sort  S turn  Enter detail  p pause  j/k move  ? help";
    let seen = terminal.until(|screen| screen.lines().last() == Some(footer));
    assert!(seen.starts_with("portolan top  "), "{seen}");
    assert!(seen.contains("ADDRESS"), "{seen}");

    let held = TcpListener::bind((home(1), 0)).unwrap();
    let port = held.local_addr().unwrap().port();
    terminal.press(&["/"]);
    terminal.until(|screen| screen.contains("\nfilter:"));
    terminal.press(&["-l", &format!("address:{}", home(1))]);
    terminal.press(&["Enter"]);
    let place = format!("{port}/tcp");
    let seen = terminal.until(|screen| screen.contains(&place) && screen.contains("1 of "));
    let row = seen.lines().find(|line| line.contains(&place)).unwrap();
    assert!(row.contains(&std::process::id().to_string()), "{row}");
    // The column may cut a long address.
    let address: String = home(1).to_string().chars().take(12).collect();
    assert!(row.contains(&address), "{row}");

    terminal.press(&["Enter"]);
    let exe = std::env::current_exe().unwrap();
    let exe = exe.file_name().unwrap().to_str().unwrap();
    let seen = terminal.until(|screen| screen.contains("executable"));
    assert!(seen.contains("scope          loopback"), "{seen}");
    assert!(seen.contains(exe), "{seen}");
    terminal.press(&["Escape"]);
    terminal.until(|screen| screen.contains("ADDRESS"));

    drop(held);
    terminal.until(|screen| screen.contains(&format!("- {place}")));
    terminal.press(&["?"]);
    terminal.until(|screen| screen.contains("this help"));
    terminal.press(&["q"]);
    terminal.until(is_given_back);
}

#[test]
fn it_follows_the_size_of_the_terminal() {
    let _alone = alone();
    let terminal = Terminal::start("size", "");
    terminal.until(|screen| screen.contains("UNIT/CONT…"));
    let resized = terminal
        .tmux(&["resize-window", "-x", "120", "-y", "10"])
        .status();
    assert!(resized.unwrap().success());
    let seen = terminal.until(|screen| screen.contains("UNIT/CONTAINER"));
    assert_eq!(seen.lines().count(), 10);
}

#[test]
fn a_signal_ends_it_and_a_stop_gives_the_terminal_back_for_a_while() {
    let _alone = alone();
    let terminal = Terminal::start("signal", "");
    terminal.until(|screen| screen.contains("ADDRESS"));
    let pid = terminal.pid();
    kill_process(pid, Signal::TSTP).unwrap();
    terminal.until(|screen| screen.starts_with("before\n"));
    let stat = format!("/proc/{}/stat", pid.as_raw_nonzero());
    let is_stopped = || {
        let stat = std::fs::read_to_string(&stat).unwrap();
        stat.rsplit_once(") ").unwrap().1.starts_with('T')
    };
    while !is_stopped() {
        std::thread::yield_now();
    }
    kill_process(pid, Signal::CONT).unwrap();
    terminal.until(|screen| screen.contains("ADDRESS"));
    kill_process(pid, Signal::TERM).unwrap();
    terminal.until(is_given_back);
}

#[test]
fn it_ends_with_its_terminal() {
    let _alone = alone();
    let terminal = Terminal::start("gone", "");
    terminal.until(|screen| screen.contains("ADDRESS"));
    let folder = format!("/proc/{}", terminal.pid().as_raw_nonzero());
    drop(terminal);
    #[expect(clippy::disallowed_methods, reason = "a test waits with a bound")]
    let begun = Instant::now();
    while std::path::Path::new(&folder).exists() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{folder} goes on"
        );
        std::thread::yield_now();
    }
}

#[test]
fn without_a_terminal_it_says_what_to_use_instead() {
    let run = run(&["top"]);
    assert_eq!((run.code, run.out.as_str()), (Some(2), ""));
    assert_eq!(
        run.err,
        "portolan: top needs a terminal; for a list: portolan listen, for changes: portolan listen --follow\n"
    );
}
