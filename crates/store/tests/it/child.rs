//! Children of these tests: this test program again, told to run one "test" that plays a part.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Names the part that a child plays; absent in the tests' own process.
const PART: &str = "PORTOLAN_STORE_TEST_PART";

/// The folder in which it plays.
const FOLDER: &str = "PORTOLAN_STORE_TEST_FOLDER";

/// In the tests' own process this plays no part.
#[test]
fn part() {
    let Ok(part) = env::var(PART) else { return };
    let folder = PathBuf::from(env::var_os(FOLDER).unwrap());
    match part.as_str() {
        "full" => crate::full::part(&folder),
        "look" => crate::locked::look(&folder),
        "hold" => crate::locked::part(&folder),
        "nobody" => crate::permission::part(&folder),
        "review" => crate::race::part(&folder),
        "worker" => crate::worker::part(&folder),
        act => crate::kill::part(act, &folder),
    }
}

/// Makes a command run this program as `part`.
pub(crate) fn playing(command: &mut Command, program: &Path, part: &str, folder: &Path) {
    command
        .arg(program)
        .args(["--exact", "child::part", "--nocapture", "--test-threads=1"])
        .env(PART, part)
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
}

/// A command that runs this program as `part`.
pub(crate) fn command(part: &str, folder: &Path) -> Command {
    // So that a program before this one is added the same way.
    let mut command = Command::new("env");
    playing(&mut command, &env::current_exe().unwrap(), part, folder);
    command
}

/// A running child, that is talked with.
pub(crate) struct Part {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Part {
    pub(crate) fn start(part: &str, folder: &Path) -> Self {
        let mut child = command(part, folder).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            input,
            output,
        }
    }

    /// What the child says after `=`, on the next line that has one; the harness says other things.
    pub(crate) fn says(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            let read = self.output.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "the child said nothing");
            if let Some((_, said)) = line.trim_end().split_once('=') {
                return said.to_owned();
            }
        }
    }

    pub(crate) fn tell(&mut self, word: &str) {
        writeln!(self.input, "{word}").unwrap();
    }

    /// Ends the child; it must have gone well.
    pub(crate) fn end(mut self) {
        drop(self.input);
        let rest: Vec<String> = self.output.lines().map(Result::unwrap).collect();
        assert!(self.child.wait().unwrap().success(), "{rest:?}");
    }
}

/// In a child: says a word to the parent.
#[expect(clippy::print_stdout, reason = "how a child talks")]
pub(crate) fn say(word: &str) {
    println!("={word}");
}

/// In a child: what the parent tells next; `None` when it has ended the talk.
pub(crate) fn told() -> Option<String> {
    let mut line = String::new();
    match std::io::stdin().read_line(&mut line).unwrap() {
        0 => None,
        _ => Some(line.trim_end().to_owned()),
    }
}
