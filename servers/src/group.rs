//! A group: every process that a server began, ended together.
//!
//! A server may leave its process group (a database's backends, a daemon in the background). All it
//! began carry a mark in their environment, by which they are found; nobody else's are touched.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, SystemTime};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// The variable that marks them; its value is the server's folder, which is unique.
pub(crate) const MARK: &str = "PORTOLAN_SERVER";

/// How long an end that was asked for may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often is looked.
pub(crate) const GLANCE: Duration = Duration::from_millis(10);

/// A running server's processes.
#[derive(Debug)]
pub(crate) struct Group {
    child: Child,
    leader: Pid,
    mark: String,
    status: Option<ExitStatus>,
    ended: bool,
}

impl Group {
    /// Starts the command as the leader of a group of its own.
    pub(crate) fn start(mut command: Command, mark: &str) -> std::io::Result<Self> {
        let child = command.env(MARK, mark).process_group(0).spawn()?;
        Ok(Self {
            leader: Pid::from_child(&child),
            child,
            mark: format!("{MARK}={mark}"),
            status: None,
            ended: false,
        })
    }

    /// How the first of them ended, if it has.
    pub(crate) fn status(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status
    }

    /// Those that left the group; the rest is reached by its number.
    fn signal(&mut self, signal: Signal, processes: &[Process]) {
        let ours: Vec<&Process> = processes.iter().filter(|one| self.owns(one)).collect();
        // A number is passed on only when nobody has it any more: one that is not reaped or in
        // whose group somebody lives is ours. What has ended meanwhile is as it should be.
        if self.status().is_none() || ours.iter().any(|one| one.group == self.leader.as_raw_pid()) {
            let _gone = kill_process_group(self.leader, signal);
        }
        for one in ours {
            if one.group != self.leader.as_raw_pid() {
                let _gone = kill_process(one.pid, signal);
            }
        }
    }

    fn owns(&self, process: &Process) -> bool {
        process
            .environment
            .split(|&b| b == 0)
            .any(|one| one == self.mark.as_bytes())
            || (process.group == self.leader.as_raw_pid() && !self.ended)
    }

    fn lives(&mut self, processes: &[Process]) -> bool {
        self.status().is_none() || processes.iter().any(|one| self.owns(one))
    }
}

/// Asks all of them to end, and ends those that do not.
pub(crate) fn end(groups: &mut [&mut Group]) {
    let mut groups: Vec<&mut Group> = groups.iter_mut().map(|one| &mut **one).collect();
    groups.retain(|group| !group.ended);
    for signal in [Signal::TERM, Signal::KILL] {
        let processes = processes();
        for group in &mut groups {
            group.signal(signal, &processes);
        }
        let begun = clock();
        while !groups.is_empty() && begun.elapsed().unwrap_or(PATIENCE) < PATIENCE {
            std::thread::park_timeout(GLANCE);
            let processes = self::processes();
            groups.retain_mut(|group| {
                group.ended = !group.lives(&processes);
                !group.ended
            });
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        end(&mut [self]);
    }
}

/// A living process, as far as it matters here.
struct Process {
    pid: Pid,
    group: i32,
    environment: Vec<u8>,
}

/// All that live now; what has ended and waits for its parent does not.
fn processes() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    numbers.filter_map(process).collect()
}

/// proc_pid_stat(5): the name stands in parentheses and may hold more of them.
fn process(number: i32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    (state != "Z" && state != "X").then_some(())?;
    Some(Process {
        pid: Pid::from_raw(number)?,
        group: fields.nth(1)?.parse().ok()?,
        environment: fs::read(format!("/proc/{number}/environ")).unwrap_or_default(),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the wait for a real process is bounded by a real clock"
)]
pub(crate) fn clock() -> SystemTime {
    SystemTime::now()
}
