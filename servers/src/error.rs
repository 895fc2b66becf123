//! An error: why there is no row, or no server.

use std::io;
use std::path::PathBuf;

/// What stops a server from standing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder of the table cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file of the table is not of its form.
    #[error("{} is not a table of servers: {why}", path.display())]
    Form {
        /// Which file.
        path: PathBuf,
        /// Where and what, as the reader of TOML says it.
        why: String,
    },
    /// A row contradicts itself or another.
    #[error("server {server:?}: {why}")]
    Row {
        /// The row's name.
        server: String,
        /// What is wrong with it.
        why: String,
    },
    /// The program is not on this machine.
    #[error("server {server:?}: {program} is absent; run as root: {command}")]
    Absent {
        /// The row's name.
        server: String,
        /// The program.
        program: String,
        /// What brings it.
        command: String,
    },
    /// The system did not do what the start needs.
    #[error("server {server:?}: cannot {operation}")]
    System {
        /// The row's name.
        server: String,
        /// What was tried, with its object.
        operation: String,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// A command before or after the start failed.
    #[error("server {server:?}: {command} ended with {status}: {said}")]
    Command {
        /// The row's name.
        server: String,
        /// The whole command.
        command: String,
        /// How it ended.
        status: String,
        /// What it and those before it wrote, its end.
        said: String,
    },
    /// It ended instead of listening.
    #[error("server {server:?}: ended with {status} before it listened: {said}")]
    Ended {
        /// The row's name.
        server: String,
        /// How it ended.
        status: String,
        /// What it wrote, its end.
        said: String,
    },
    /// It runs and does not listen.
    #[error("server {server:?}: does not listen on {ports} within {seconds} s: {said}")]
    Deaf {
        /// The row's name.
        server: String,
        /// Where it should.
        ports: String,
        /// How long was waited.
        seconds: u64,
        /// What it wrote, its end.
        said: String,
    },
}

impl Error {
    /// Whether another attempt, on other ports, could end otherwise: the port may have been lost.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Ended { .. })
    }
}
