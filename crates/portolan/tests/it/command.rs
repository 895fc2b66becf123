//! Running the program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

/// What a run printed, and its exit code.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: Option<i32>,
}

/// The program, with no configuration, state or proxy of the machine's own in its way.
pub(crate) fn portolan() -> Command {
    undisturbed(Command::new(env!("CARGO_BIN_EXE_portolan")))
}

/// The same run by nobody, from a copy where nobody may run it: a checkout may lie in a folder of
/// its owner's alone. Only root can become nobody; others run it as themselves.
pub(crate) fn portolan_as_nobody() -> (tempfile::TempDir, Command) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("portolan");
    // By another process: a descriptor of ours that is open for writing would be inherited by
    // whatever other tests start meanwhile, and the copy be "busy" for as long (execve(2), ETXTBSY).
    let copied = Command::new("cp")
        .arg(env!("CARGO_BIN_EXE_portolan"))
        .arg(&program)
        .status();
    assert!(copied.unwrap().success());
    for path in [folder.path(), &program] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = undisturbed(Command::new(&program));
    command.current_dir("/");
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    (folder, command)
}

/// The command with nothing of the machine's own in its way.
pub(crate) fn undisturbed(mut command: Command) -> Command {
    command
        .env("HOME", "/nonexistent")
        .env("STATE_DIRECTORY", "/nonexistent")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("NO_COLOR");
    for scheme in ["http", "https", "all", "no"] {
        let name = format!("{scheme}_proxy");
        command.env_remove(name.to_uppercase()).env_remove(name);
    }
    command
}

pub(crate) fn run(arguments: &[&str]) -> Run {
    finished(portolan().args(arguments).output().unwrap())
}

pub(crate) fn finished(output: Output) -> Run {
    Run {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

/// Runs with `--json`, and reads the document.
pub(crate) fn json(arguments: &[&str]) -> Value {
    let run = run(&[arguments, &["--json"]].concat());
    serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{e}: {run:?}"))
}

/// Held by every test that surveys, or whose listeners no other test's survey may dial.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
