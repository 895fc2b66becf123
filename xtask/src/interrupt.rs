//! An interrupt: the wish of a person or a supervisor that the task stop, passed on to what it started.
//!
//! Nothing is ended here by surprise: a stopped command returns as an error, so that every guard on the
//! stack puts back what it changed.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// How long the last lines of an ended command may take; a server left behind may hold its pipe for ever.
const LAST_LINES: Duration = Duration::from_secs(2);

/// Watches for SIGINT, SIGTERM and SIGHUP from now on.
pub(crate) struct Interrupt {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    stopped_by: Option<i32>,
    running: Option<Pid>,
    patient: bool,
}

impl Interrupt {
    /// Starts watching.
    pub(crate) fn watch() -> Result<Self> {
        let mut signals =
            Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot watch for signals")?;
        let state = Arc::new(Mutex::new(State::default()));
        let watched = Arc::clone(&state);
        thread::spawn(move || {
            for number in signals.forever() {
                let mut state = lock(&watched);
                state.stopped_by = Some(number);
                if state.patient {
                    println!("signal {number}: ending as soon as what runs is done");
                    continue;
                }
                if let (Some(group), Some(signal)) = (state.running, Signal::from_named_raw(number))
                {
                    // The group may be gone by itself, which is what was wanted.
                    let _gone = kill_process_group(group, signal);
                }
            }
        });
        Ok(Self { state })
    }

    /// Runs a command in a process group of its own until it ends.
    ///
    /// # Errors
    /// Where it cannot start, or a signal came before or meanwhile.
    pub(crate) fn run(&self, command: &mut Command) -> Result<ExitStatus> {
        self.run_with(command, |_| {})
    }

    /// As `run`, but a signal that comes meanwhile waits until the command has ended by itself.
    pub(crate) fn run_to_its_end(&self, command: &mut Command) -> Result<ExitStatus> {
        lock(&self.state).patient = true;
        let status = self.run(command);
        lock(&self.state).patient = false;
        status
    }

    /// Whether a signal has come.
    pub(crate) fn has_come(&self) -> bool {
        lock(&self.state).stopped_by.is_some()
    }

    /// As `run`, showing the command's standard output and handing each line of it to `see`.
    pub(crate) fn run_watching(
        &self,
        command: &mut Command,
        see: impl FnMut(&str),
    ) -> Result<ExitStatus> {
        self.run_with(command.stdout(Stdio::piped()), see)
    }

    fn run_with(&self, command: &mut Command, mut see: impl FnMut(&str)) -> Result<ExitStatus> {
        let program = command.get_program().to_string_lossy().into_owned();
        let (mut child, pid) = {
            let mut state = lock(&self.state);
            if let Some(signal) = state.stopped_by {
                bail!("stopped by signal {signal} before {program}");
            }
            let child = command
                .stdin(Stdio::null())
                .process_group(0)
                .spawn()
                .with_context(|| format!("cannot start {program}; is it installed?"))?;
            let pid = Pid::from_child(&child);
            state.running = Some(pid);
            (child, pid)
        };

        let lines = child.stdout.take().map(forward);
        // Not reaped yet, so that the number cannot belong to another group when a signal comes now.
        let ended = waitid(
            WaitId::Pid(pid),
            WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
        );
        for line in lines
            .iter()
            .flat_map(|lines| std::iter::from_fn(|| lines.recv_timeout(LAST_LINES).ok()))
        {
            see(&line);
        }
        let mut state = lock(&self.state);
        state.running = None;
        let status = child
            .wait()
            .with_context(|| format!("cannot wait for {program}"))?;
        ended.with_context(|| format!("cannot wait for {program}"))?;
        match state.stopped_by {
            Some(signal) => bail!("stopped by signal {signal} at {program}"),
            None => Ok(status),
        }
    }
}

fn forward(output: impl io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            // A closed terminal is no reason to stop the tests.
            let _closed = writeln!(io::stdout(), "{line}");
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
