//! Children of these tests: this test program again, told to run one "test" that plays a part.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Names the part that a child plays; absent in the tests' own process.
pub(crate) const PART: &str = "PORTOLAN_INSPECT_TEST_PART";

/// A running child; ends with its standard input.
pub(crate) struct Part {
    child: Child,
    output: BufReader<ChildStdout>,
}

/// A command that runs this program as `part`, with the first descriptors as this process has them.
pub(crate) fn command(program: &std::path::Path, part: &str) -> Command {
    let mut command = Command::new(program);
    command.args([
        "--exact",
        &format!("{part}::part"),
        "--nocapture",
        "--test-threads=1",
    ]);
    command
        .env(PART, part)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// Whether this process is a child that plays `part`.
pub(crate) fn plays(part: &str) -> bool {
    std::env::var_os(PART).is_some_and(|name| name == part)
}

impl Part {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the child says after `key=`, on the next line that begins so.
    pub(crate) fn says(&mut self, key: &str) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(
                self.output.read_line(&mut line).unwrap(),
                0,
                "the child never said {key}"
            );
            // The test harness writes on the same line.
            if let Some((_, value)) = line.trim_end().split_once(&format!("{key}=")) {
                return value.to_owned();
            }
        }
    }

    /// Ends the child; it must have gone well.
    pub(crate) fn end(mut self) {
        drop(self.child.stdin.take());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{rest}");
    }
}

/// In a child: waits until the parent lets it go.
pub(crate) fn hold() {
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}
