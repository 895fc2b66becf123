//! A stand: the load generator of `cargo xtask load`, up for as long as this lives.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

/// A generator that has said it is ready.
pub(crate) struct Stand {
    generator: Child,
    /// What it said.
    pub(crate) ready: String,
}

impl Stand {
    /// Starts it and waits until it stands.
    pub(crate) fn start(arguments: &[&str]) -> Result<Self> {
        let own = env::current_exe().context("cannot find this program to start its load")?;
        let generator = Command::new(own)
            .arg("load")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the load")?;
        let mut stand = Self {
            generator,
            ready: String::new(),
        };
        if let Some(output) = &mut stand.generator.stdout {
            BufReader::new(output)
                .read_line(&mut stand.ready)
                .context("cannot hear the load")?;
        }
        ensure!(
            stand.ready.starts_with("ready: "),
            "the load did not come up; see its line above"
        );
        Ok(stand)
    }
}

impl Stand {
    /// The port that every process of a crowd listens on, from what it said.
    pub(crate) fn shared_port(&self) -> Result<u16> {
        let (_, rest) = self
            .ready
            .split_once("on port ")
            .context("the load names no shared port")?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().context("the load's shared port is no port")
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        // The end of its input is what ends it and all it started.
        drop(self.generator.stdin.take());
        let _reaped = self.generator.wait();
    }
}
