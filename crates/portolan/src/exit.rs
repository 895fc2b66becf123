//! How a command ends: four exit codes, and one line for an error.

use std::process::ExitCode;

use crate::print::Output;

/// A command's answer, for the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: fine; a survey is fine whatever it finds.
    Fine,
    /// 1: the answer is bad news: no match, unknown name, a target not proven.
    BadNews,
    /// 3: could not look, or may not act; the answer says so.
    CouldNot,
}

/// What was asked for is malformed: exit code 2, where other errors are "could not look", 3.
#[derive(Debug)]
pub(crate) struct Malformed(pub(crate) anyhow::Error);

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for Malformed {}

/// Marks an error as the input's fault.
pub(crate) fn malformed(error: impl Into<anyhow::Error>) -> anyhow::Error {
    anyhow::Error::new(Malformed(error.into()))
}

/// Says what went wrong, once, and turns the end into an exit code.
pub(crate) fn code(done: anyhow::Result<Exit>, output: &Output) -> ExitCode {
    match done {
        Ok(Exit::Fine) => ExitCode::SUCCESS,
        Ok(Exit::BadNews) => ExitCode::from(1),
        Ok(Exit::CouldNot) => ExitCode::from(3),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output.complain(&format!("{error:#}"));
            ExitCode::from(if error.is::<Malformed>() { 2 } else { 3 })
        }
    }
}

/// Whoever read our output has seen enough: no error of ours.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}
