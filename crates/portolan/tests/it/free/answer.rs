//! Saying yes, saying no, and nobody there to say anything.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use crate::command::{alone, run, undisturbed};

use super::free;
use super::holder::{Holder, STUBBORN, listener};

/// The program on a terminal of its own, which script(1) makes.
struct Terminal {
    child: Child,
    shown: String,
}

impl Terminal {
    fn start(arguments: &str) -> Self {
        let program = env!("CARGO_BIN_EXE_portolan");
        let line = format!("'{program}' free {arguments}");
        let mut command = undisturbed(Command::new("script"));
        let spawned = command
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .env("TERM", "dumb")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let advice = "apt-get install --no-install-recommends bsdutils";
        Self {
            child: spawned.unwrap_or_else(|e| panic!("script: {e}; {advice}")),
            shown: String::new(),
        }
    }

    /// Reads on until this is shown.
    fn shows(&mut self, text: &str) {
        let output = self.child.stdout.as_mut().unwrap();
        let mut byte = [0];
        while !self.shown.ends_with(text) {
            assert_eq!(output.read(&mut byte).unwrap(), 1, "{}", self.shown);
            self.shown.push(byte[0].into());
        }
    }

    /// Types a line, and reads on to the end; the exit code and all that was shown.
    fn answer(mut self, line: &str) -> (Option<i32>, String) {
        let mut input = self.child.stdin.take().unwrap();
        writeln!(input, "{line}").unwrap();
        let mut output = self.child.stdout.take().unwrap();
        output.read_to_string(&mut self.shown).unwrap();
        (self.child.wait().unwrap().code(), self.shown)
    }
}

#[test]
fn nobody_to_ask_is_no_yes() {
    let _alone = alone();
    let mut holder = Holder::asleep(listener(), "exec sleep 600");
    let port = holder.port.to_string();
    let complaint = "portolan: nothing was done: there is nobody to ask here; say --yes to do it, or --dry-run to see the plan alone\n";
    for way in ["--stop", "--kill", "--close"] {
        let text = run(&["free", &port, way]);
        assert_eq!((text.code, text.err.as_str()), (Some(2), complaint));
        assert!(text.out.contains("Would:\n"), "{}", text.out);
        let (document, code, err) = free(&[&port, way]);
        assert_eq!((code, err.as_str()), (Some(2), complaint));
        assert_eq!(document["state"], "planned");
        let (document, code, err) = free(&[&port, way, "--dry-run"]);
        assert_eq!((code, err.as_str()), (Some(0), ""));
        assert_eq!(
            (&document["state"], &document["left"]),
            (&"planned".into(), &().into())
        );
    }
    assert!(holder.is_alive());
    assert_eq!(super::listening(holder.port).len(), 1);
}

#[test]
fn a_yes_on_a_terminal_does_it_and_anything_else_does_not() {
    let _alone = alone();
    let mut holder = Holder::asleep(listener(), "exec sleep 600");
    for answer in ["n", "", "yess"] {
        let mut terminal = Terminal::start(&holder.port.to_string());
        terminal.shows("Go on? [y/N] ");
        let (code, shown) = terminal.answer(answer);
        assert_eq!(code, Some(2), "{shown}");
        assert!(
            shown.contains("portolan: nothing was done: you did not say yes"),
            "{shown}"
        );
        assert!(holder.is_alive());
    }
    let mut terminal = Terminal::start(&holder.port.to_string());
    terminal.shows("Go on? [y/N] ");
    let (code, shown) = terminal.answer("y");
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(" any more."), "{shown}");
    assert_eq!(holder.ended_by(), Some(15));
}

#[test]
fn another_holder_since_the_plan_is_not_hit() {
    let _alone = alone();
    let mut first = Holder::asleep(listener(), STUBBORN);
    let mut terminal = Terminal::start(&format!("{} --kill", first.port));
    terminal.shows("Go on? [y/N] ");
    let place = (std::net::Ipv4Addr::LOCALHOST, first.port);
    first.end();
    let again = std::net::TcpListener::bind(place).unwrap();
    let mut second = Holder::asleep(again, "exec sleep 600");
    let (code, shown) = terminal.answer("y");
    assert_eq!(code, Some(1), "{shown}");
    assert!(
        shown.contains("Nothing was done: who holds ") && shown.contains(" changed meanwhile"),
        "{shown}"
    );
    assert!(second.is_alive());
}

#[test]
fn one_more_holder_since_the_plan_is_not_hit_either() {
    let _alone = alone();
    let held = listener();
    let mut first = Holder::asleep(held.try_clone().unwrap(), "exec sleep 600");
    // This test holds the socket too, and it is above the program: so hand it on first.
    let spare = Holder::asleep(held, "exec sleep 600");
    let mut terminal = Terminal::start(&first.port.to_string());
    terminal.shows("Go on? [y/N] ");
    drop(spare);
    let (code, shown) = terminal.answer("yes");
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains(" changed meanwhile"), "{shown}");
    assert!(first.is_alive());
}

#[test]
fn what_cannot_be_freed_gets_one_line() {
    for (arguments, said) in [
        (
            vec!["free", "ssh"],
            "portolan: cannot free \"ssh\": name one port (8080, 8080/tcp) or one address with it (127.0.0.1:8080)\n",
        ),
        (
            vec!["free", "717-728"],
            "portolan: cannot free \"717-728\": name one port (8080, 8080/tcp) or one address with it (127.0.0.1:8080)\n",
        ),
        (
            vec!["free", "localhost:80"],
            "portolan: cannot free \"localhost:80\": name one port (8080, 8080/tcp) or one address with it (127.0.0.1:8080)\n",
        ),
        (
            vec!["free", "80/udp", "--transport", "tcp"],
            "portolan: cannot free \"80/udp\": it says udp, and --transport says tcp\n",
        ),
    ] {
        let run = run(&arguments);
        assert_eq!((run.code, run.err.as_str()), (Some(2), said));
    }
    for arguments in [
        vec!["free"],
        vec!["free", "80", "--kill", "--close"],
        vec!["free", "80", "--yes", "--dry-run"],
        vec!["free", "80", "--grace", "0"],
    ] {
        assert_eq!(run(&arguments).code, Some(2), "{arguments:?}");
    }
}
