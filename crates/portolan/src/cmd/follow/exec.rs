//! A command that is run for each change: without a shell, a few at a time.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portolan_ports::{Listener, Owner};
use portolan_survey::changes::Change;

use super::Signals;
use crate::exit::malformed;
use crate::print::{Output, neutral};

/// How many run at once.
const MOST_AT_ONCE: usize = 4;
/// How many changes may wait for their turn.
const MOST_WAITING: usize = 1024;
/// How often it is asked whether a signal came while the last ones run.
const PAUSE: Duration = Duration::from_millis(100);

/// Runs the command.
#[derive(Debug)]
pub(super) struct Runner {
    queue: Arc<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    running: usize,
    /// How many changes found no place and were not said yet.
    dropped: usize,
}

#[derive(Debug)]
struct Job {
    variables: Vec<(&'static str, String)>,
    input: String,
}

impl Runner {
    /// Reads the command: words as a shell splits and quotes them, and nothing else of a shell.
    pub(super) fn start(command: &str) -> anyhow::Result<Self> {
        let words = shlex::split(command).filter(|words| !words.is_empty());
        let Some(words) = words else {
            return Err(malformed(anyhow::anyhow!(
                "cannot read --exec {command:?}: it is empty, or a quotation mark is not closed"
            )));
        };
        let queue = Arc::new(Queue::default());
        for _ in 0..MOST_AT_ONCE {
            let (queue, words) = (Arc::clone(&queue), words.clone());
            std::thread::Builder::new().spawn(move || queue.work(&words))?;
        }
        Ok(Self { queue })
    }

    /// Has the command run for a change, once there is a turn for it.
    pub(super) fn run(&self, change: &Change, mut input: String, output: &Output) {
        input.push('\n');
        let mut jobs = self.queue.jobs();
        if jobs.waiting.len() >= MOST_WAITING {
            // Said at the first, and then as their number doubles.
            jobs.dropped += 1;
            if jobs.dropped.is_power_of_two() {
                output.complain(&format!(
                    "--exec does not keep up: {} changes were not passed on to it",
                    jobs.dropped
                ));
            }
            return;
        }
        jobs.waiting.push_back(Job {
            variables: variables(change),
            input,
        });
        self.queue.changed.notify_all();
    }

    /// Waits for all that was begun or waits, or for a signal.
    pub(super) fn finish(&self, signals: &Signals) {
        let mut jobs = self.queue.jobs();
        while (jobs.running > 0 || !jobs.waiting.is_empty()) && !signals.came() {
            jobs = self
                .queue
                .changed
                .wait_timeout(jobs, PAUSE)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Queue {
    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, words: &[String]) {
        loop {
            let mut jobs = self.jobs();
            let job = loop {
                if let Some(job) = jobs.waiting.pop_front() {
                    break job;
                }
                jobs = self
                    .changed
                    .wait(jobs)
                    .unwrap_or_else(PoisonError::into_inner);
            };
            jobs.running += 1;
            drop(jobs);
            if let Err(why) = job.run(words) {
                let line = format!("portolan: --exec: {}\n", neutral(&why));
                let _unheard = io::stderr().write_all(line.as_bytes());
            }
            self.jobs().running -= 1;
            self.changed.notify_all();
        }
    }
}

impl Job {
    fn run(self, words: &[String]) -> Result<(), String> {
        let program = &words[0];
        let cannot = |error: io::Error| format!("cannot run {program}: {error}");
        let mut child = Command::new(program)
            .args(&words[1..])
            .envs(self.variables)
            .stdin(Stdio::piped())
            .spawn()
            .map_err(cannot)?;
        if let Some(mut stdin) = child.stdin.take() {
            // It need not read what it is told.
            let _unread = stdin.write_all(self.input.as_bytes());
        }
        let status = child.wait().map_err(cannot)?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("{program} ended with {status}"))
        }
    }
}

/// The change for programs that read no JSON. What is unknown is empty.
fn variables(change: &Change) -> Vec<(&'static str, String)> {
    let listener: &Listener = &change.listener;
    let none = Owner::default();
    let owner = listener.owners.first().unwrap_or(&none);
    let text = |text: Option<String>| text.unwrap_or_default();
    let pid = (owner.pid != 0).then(|| owner.pid.to_string());
    let moment = jiff::Timestamp::try_from(change.at).ok();
    let mut variables = vec![
        ("PORTOLAN_CHANGE", change.kind.as_str().to_owned()),
        ("PORTOLAN_AT", text(moment.map(|at| format!("{at:.3}")))),
        ("PORTOLAN_TRANSPORT", listener.transport.to_string()),
        ("PORTOLAN_ADDRESS", listener.address.to_string()),
        ("PORTOLAN_PORT", listener.port.to_string()),
        ("PORTOLAN_SCOPE", listener.scope().as_str().to_owned()),
        (
            "PORTOLAN_NAMESPACE",
            text(listener.namespace.as_ref().map(ToString::to_string)),
        ),
        ("PORTOLAN_PROGRAM", owner.program.clone()),
        ("PORTOLAN_PID", text(pid)),
        ("PORTOLAN_USER", text(owner.user.clone())),
        (
            "PORTOLAN_UNIT",
            text(owner.unit.as_ref().map(ToString::to_string)),
        ),
        (
            "PORTOLAN_CONTAINER",
            text(owner.container.as_ref().map(ToString::to_string)),
        ),
    ];
    for (_, value) in &mut variables {
        // execve(2) knows no such value.
        value.retain(|letter| letter != '\0');
    }
    variables
}
