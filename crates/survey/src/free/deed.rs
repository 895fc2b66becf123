//! Doing what the plan says, and looking whether it helped.

use std::time::Duration;

use portolan_act::deadline::Deadline;
use portolan_act::process::{self, Ask};
use portolan_act::{Process, Signal, Step, engine, socket, tool, unit};
use portolan_ports::Listener;

use super::{Prepared, State, look};

/// How long the kernel may take over an end that was forced.
const AFTER_KILL: Duration = Duration::from_secs(5);
/// How long a socket may linger after the end of its owner.
const LINGER: Duration = Duration::from_secs(2);
/// How soon something that starts a program anew is taken to do so.
const RETURN: Duration = Duration::from_millis(500);
/// What systemctl(1) exits with where the manager refuses the caller (EXIT_NOPERMISSION).
const NO_PERMISSION: i32 = 4;

/// What came of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Where the port stands now.
    pub state: State,
    /// What came of each step, in the plan's order; empty where nothing was done.
    pub taken: Vec<Taken>,
    /// Who listens there now.
    pub left: Vec<Listener>,
}

/// What came of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How it ended.
    pub outcome: Outcome,
    /// The particulars, where something went wrong; may hold a program's words.
    pub detail: Option<String>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was done by SIGKILL, after the grace.
    Killed,
    /// What it was to end still runs.
    StillRuns,
    /// This user may not do it.
    NotPermitted,
    /// It failed.
    Failed,
    /// One before it failed.
    NotTried,
}

impl Outcome {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Killed => "killed",
            Self::StillRuns => "still_runs",
            Self::NotPermitted => "not_permitted",
            Self::Failed => "failed",
            Self::NotTried => "not_tried",
        }
    }

    const fn is_good(self) -> bool {
        matches!(self, Self::Done | Self::Killed)
    }
}

impl Taken {
    const fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            detail: None,
        }
    }

    fn because(outcome: Outcome, detail: impl ToString) -> Self {
        Self {
            outcome,
            detail: Some(detail.to_string()),
        }
    }
}

impl Prepared {
    /// Does what the plan says, where everybody is still whom the plan was made about; then looks
    /// again. A plan with refusals is not carried out.
    ///
    /// Cost: as long as what it ends takes, at most the grace and a few seconds; a unit or a
    /// container up to 100 s.
    #[must_use]
    pub fn carry_out(&self) -> Done {
        if self.state() != State::Planned {
            return self.nothing_done(self.state());
        }
        if self.has_changed() {
            return self.nothing_done(State::Changed);
        }
        let mut taken: Vec<Taken> = Vec::new();
        let signals = self.signals();
        for step in &self.plan.steps {
            if taken.iter().any(|taken| !taken.outcome.is_good()) {
                taken.push(Taken::of(Outcome::NotTried));
                continue;
            }
            match step {
                Step::Unit(stop) => taken.push(stop_unit(stop)),
                Step::Container(stop) => taken.push(stop_container(stop)),
                Step::Close(target) => taken.push(close(target)),
                // All at once, and they stand last.
                Step::Signal(_) => {
                    taken.extend(end(&signals, self.asked.grace));
                    break;
                }
            }
        }
        self.look_again(taken, !signals.is_empty())
    }

    fn nothing_done(&self, state: State) -> Done {
        Done {
            state,
            taken: Vec::new(),
            left: look(&self.asked).listeners,
        }
    }

    /// Whether anybody else holds the port now, or a process is another one.
    fn has_changed(&self) -> bool {
        let seen = look(&self.asked);
        let unchanged = identities(&seen.listeners) == identities(&self.listeners)
            && seen.publications == self.publications
            && self.held.iter().all(Process::is_unchanged);
        let holds = |listener: &Listener| {
            let mine = |process: &&Process| listener.owners.iter().any(|o| o.pid == process.pid());
            let mut held = self.held.iter().filter(mine);
            held.all(|process| process.holds(listener.inode) == Ok(true))
        };
        !unchanged || !self.listeners.iter().all(holds)
    }

    /// The signals of the plan with the processes that they go to.
    fn signals(&self) -> Vec<(&Signal, &Process)> {
        let steps = self.plan.steps.iter().filter_map(|step| match step {
            Step::Signal(signal) => Some(signal),
            _ => None,
        });
        steps
            .filter_map(|signal| {
                let process = self.held.iter().find(|p| p.pid() == signal.pid)?;
                Some((signal, process))
            })
            .collect()
    }

    fn look_again(&self, taken: Vec<Taken>, may_return: bool) -> Done {
        let all_good = taken.iter().all(|taken| taken.outcome.is_good());
        let mut left = look(&self.asked).listeners;
        if all_good && let Ok(deadline) = Deadline::after(LINGER) {
            while self.is_same(&left) && deadline.pause() {
                left = look(&self.asked).listeners;
            }
        }
        if left.is_empty()
            && may_return
            && let Ok(deadline) = Deadline::after(RETURN)
        {
            deadline.run_down();
            left = look(&self.asked).listeners;
        }
        let any = |outcome| taken.iter().any(|taken| taken.outcome == outcome);
        let state = if any(Outcome::NotPermitted) {
            State::NotPermitted
        } else if any(Outcome::Failed) {
            State::Failed
        } else if left.is_empty() {
            State::Freed
        } else if self.is_same(&left) {
            State::Listening
        } else {
            State::Returned
        };
        Done { state, taken, left }
    }

    /// Whether one of these is one that the plan was about.
    fn is_same(&self, left: &[Listener]) -> bool {
        let known = |now: &Listener| {
            let before = self.listeners.iter();
            before
                .clone()
                .any(|l| (l.inode, l.cookie) == (now.inode, now.cookie))
        };
        left.iter().any(known)
    }
}

/// What must not change between plan and act.
fn identities(listeners: &[Listener]) -> Vec<(String, u64, Option<u64>, Vec<u32>)> {
    let identity = |listener: &Listener| {
        let place = format!("{}/{}", listener.socket_address(), listener.transport);
        let pids = listener.owners.iter().map(|owner| owner.pid).collect();
        (place, listener.inode, listener.cookie, pids)
    };
    let mut all: Vec<_> = listeners.iter().map(identity).collect();
    all.sort();
    all
}

fn stop_unit(stop: &unit::Stop) -> Taken {
    let first = command(&stop.command(), stop.time());
    if first.outcome.is_good() || first.outcome == Outcome::NotPermitted {
        return first;
    }
    if stop.kill_after.is_none() {
        return first;
    }
    match command(&stop.kill_command(), AFTER_KILL) {
        Taken {
            outcome: Outcome::Done,
            ..
        } => Taken::of(Outcome::Killed),
        second => second,
    }
}

fn stop_container(stop: &engine::Stop) -> Taken {
    command(&stop.command(), stop.time())
}

fn command(words: &[String], time: Duration) -> Taken {
    match tool::run(words, time) {
        Ok(ended) if ended.code == Some(0) => Taken::of(Outcome::Done),
        Ok(ended) => {
            let outcome = if ended.code == Some(NO_PERMISSION) {
                Outcome::NotPermitted
            } else {
                Outcome::Failed
            };
            let code = ended.code.map(|code| format!(" (exit code {code})"));
            let words = words.join(" ");
            let code = code.unwrap_or_default();
            Taken::because(outcome, format!("{words}{code}: {}", ended.said))
        }
        Err(error) => Taken::because(Outcome::Failed, error),
    }
}

fn close(target: &socket::Target) -> Taken {
    match socket::close(target) {
        // Somebody else closed it, which is as good.
        Ok(()) | Err(socket::Error::Gone) => Taken::of(Outcome::Done),
        Err(socket::Error::NotPermitted) => {
            Taken::because(Outcome::NotPermitted, socket::Error::NotPermitted)
        }
        Err(error) => Taken::because(Outcome::Failed, error),
    }
}

/// Asks them all to end, waits, and ends those that are to be ended.
fn end(signals: &[(&Signal, &Process)], grace: Duration) -> Vec<Taken> {
    let mut sent: Vec<Result<(), process::Error>> = signals
        .iter()
        .map(|(_, process)| process.signal(Ask::Terminate))
        .collect();
    let waited = wait(signals, grace);
    let mut killed = vec![false; signals.len()];
    for (at, (signal, process)) in signals.iter().enumerate() {
        if signal.kill_after.is_some() && sent[at].is_ok() && !process.has_ended() {
            sent[at] = process.signal(Ask::Kill);
            killed[at] = true;
        }
    }
    let waited = if killed.contains(&true) {
        waited.and_then(|()| wait(signals, AFTER_KILL))
    } else {
        waited
    };
    let outcome = |at: usize, process: &Process| match (sent[at], &waited) {
        (Ok(()) | Err(process::Error::Gone), _) if process.has_ended() => {
            Taken::of(if killed[at] {
                Outcome::Killed
            } else {
                Outcome::Done
            })
        }
        (Err(process::Error::NotPermitted), _) => {
            Taken::because(Outcome::NotPermitted, process::Error::NotPermitted)
        }
        (Err(error), _) => Taken::because(Outcome::Failed, error),
        (Ok(()), Err(error)) => Taken::because(Outcome::Failed, error),
        (Ok(()), Ok(())) => Taken::of(Outcome::StillRuns),
    };
    let processes = signals.iter().enumerate();
    processes
        .map(|(at, (_, process))| outcome(at, process))
        .collect()
}

fn wait(signals: &[(&Signal, &Process)], time: Duration) -> Result<(), String> {
    let processes: Vec<&Process> = signals.iter().map(|(_, process)| *process).collect();
    process::wait(&processes, time).map_err(|error| error.to_string())
}
