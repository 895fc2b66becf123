//! A contender: one exact command that is measured.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// A program and its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Contender {
    /// The command as a person would type it.
    pub(crate) label: String,
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(&'static str, PathBuf)>,
    exits: &'static [i32],
}

impl Contender {
    /// A command shown under the program's short name.
    pub(crate) fn new(name: &str, program: &Path, arguments: &[&str]) -> Self {
        let mut label = name.to_owned();
        for argument in arguments {
            label.push(' ');
            label.push_str(argument);
        }
        let arguments = arguments
            .iter()
            .map(|&argument| argument.to_owned())
            .collect();
        Self {
            label,
            program: program.to_owned(),
            arguments,
            environment: Vec::new(),
            exits: &[0],
        }
    }

    /// The same command under another name.
    pub(crate) fn renamed(&self, label: &str) -> Self {
        Self {
            label: label.to_owned(),
            ..self.clone()
        }
    }

    /// The same command, where other exit codes than 0 are answers too.
    pub(crate) fn may_exit(self, exits: &'static [i32]) -> Self {
        Self { exits, ..self }
    }

    /// The same command with a variable of the environment that names a folder.
    pub(crate) fn with(mut self, variable: &'static str, folder: &Path) -> Self {
        self.environment.push((variable, folder.to_owned()));
        self
    }

    /// Ready to start: a pipe for output, as a script would have it, and one locale for all.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env("LC_ALL", "C.UTF-8")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    /// Runs it once and returns what it printed.
    pub(crate) fn output(&self) -> Result<String> {
        let output = self
            .command()
            .stderr(Stdio::piped())
            .output()
            .with_context(|| format!("cannot start {}", self.label))?;
        ensure!(
            output
                .status
                .code()
                .is_some_and(|code| self.exits.contains(&code)),
            "{} ended with {}: {}",
            self.label,
            output.status,
            String::from_utf8_lossy(&output.stderr)
                .lines()
                .next()
                .unwrap_or("it said nothing")
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
