//! A stand: a part of the machine walled off with namespaces, in which a real daemon runs, and in
//! which this program looks around.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use portolan_inspect::{Options, Snapshot, listeners};
use portolan_ports::{Container, Listener, Published};

use crate::child;

pub(crate) const NAME: &str = "stand";
/// How long anything in a stand may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(45);

/// A process that ends with everything below it.
pub(crate) struct Stand {
    launcher: Child,
    /// The first process inside, by the machine's number.
    pub(crate) init: u32,
}

impl Stand {
    pub(crate) fn new(launcher: Child, init: u32) -> Self {
        Self { launcher, init }
    }

    /// A command that runs inside.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.init.to_string(), "--all", "--"]);
        command.arg(program).args(arguments).stdin(Stdio::null());
        command
    }

    /// What a program says that runs inside and must end well.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> String {
        output(&mut self.command(program, arguments))
    }

    /// What this program sees inside, started by `by` in front of its name where that is wanted;
    /// one line per listener, publication and gap.
    pub(crate) fn look(&self, this_program: &str, by: &[&str]) -> Vec<String> {
        let (first, rest) = by.split_first().unwrap_or((&this_program, &[]));
        let mut command = self.command(first, rest);
        if !by.is_empty() {
            command.arg(this_program);
        }
        command.args(["--exact", "stand::part", "--nocapture", "--test-threads=1"]);
        command.env(child::PART, NAME);
        let said = output(&mut command);
        let lines: Vec<String> = said
            .lines()
            .filter_map(|line| Some(line.split_once("seen: ")?.1.to_owned()))
            .collect();
        assert_eq!(lines.last().map(String::as_str), Some("end"), "{said}");
        lines
    }

    /// What ss(8) sees inside before and after a look must have been seen with every owner; tells
    /// how many owners those are.
    pub(crate) fn hold_against_ss(&self, this_program: &str, by: &[&str]) -> usize {
        let ss = || {
            let (first, rest) = by.split_first().unwrap_or((&"ss", &[]));
            let mut command = self.command(first, rest);
            if !by.is_empty() {
                command.arg("ss");
            }
            owners_of_ss(&output(command.arg("-Htulnp")))
        };
        let before = ss();
        let seen = self.look(this_program, by);
        let after = ss();
        let lasting: Vec<_> = before.intersection(&after).collect();
        for (place, owner) in &lasting {
            let has = |line: &&String| {
                line.starts_with(&format!("listener {place} "))
                    && line.contains(&format!(" owner {owner} "))
            };
            assert!(
                seen.iter().any(|line| has(&line)),
                "{place} {owner}: {seen:#?}"
            );
        }
        lasting.len()
    }

    /// Looks until it is as wanted.
    pub(crate) fn look_for(
        &self,
        this_program: &str,
        by: &[&str],
        wanted: impl Fn(&[String]) -> bool,
    ) -> Vec<String> {
        let mut seen = Vec::new();
        let found = wait_until(|| {
            seen = self.look(this_program, by);
            wanted(&seen)
        });
        assert!(found, "{seen:#?}");
        seen
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        use rustix::process::{Pid, Signal, kill_process};
        // The first process of a pid namespace takes all others with it.
        let init = i32::try_from(self.init).ok().and_then(Pid::from_raw);
        if let Some(init) = init {
            let _gone = kill_process(init, Signal::KILL);
        }
        if !wait_until(|| !matches!(self.launcher.try_wait(), Ok(None))) {
            let _gone = self.launcher.kill();
            let _gone = self.launcher.wait();
        }
    }
}

/// Transport and place as this program writes them, and a process that ss(8) names there.
fn owners_of_ss(text: &str) -> BTreeSet<(String, String)> {
    let mut owners = BTreeSet::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (address, port) = fields[4].rsplit_once(':').unwrap();
        // A star stands for all of both families; an interface is told behind a percent sign.
        let address = address.split('%').next().unwrap().replace('*', "[::]");
        for part in line.split("pid=").skip(1) {
            let pid: String = part.chars().take_while(char::is_ascii_digit).collect();
            owners.insert((format!("{} {address}:{port}", fields[0]), pid));
        }
    }
    owners
}

/// A control group in every hierarchy, with whatever is made below it.
pub(crate) struct Groups(String);

impl Groups {
    /// Reserves a name of this process's own.
    pub(crate) fn new(purpose: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(format!(
            "portolan-{purpose}-{}-{number}",
            std::process::id()
        ))
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    /// The group in each hierarchy: of version 1, of version 2 beside it, of version 2 alone.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        let mount = Path::new("/sys/fs/cgroup");
        let below = std::fs::read_dir(mount).into_iter().flatten().flatten();
        below
            .map(|entry| entry.path())
            .chain([mount.to_owned()])
            .filter(|folder| folder.join("cgroup.procs").exists())
            .map(|folder| folder.join(&self.0))
            .collect()
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        for folder in self.folders() {
            remove(&folder);
        }
    }
}

/// Removes a control group and those below it; their processes are gone or going.
fn remove(group: &Path) {
    for entry in std::fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove(&entry.path());
        }
    }
    let _gone = wait_until(|| std::fs::remove_dir(group).is_ok() || !group.exists());
}

/// This test program.
pub(crate) fn this_program() -> String {
    let path = std::env::current_exe().unwrap();
    path.to_str().unwrap().to_owned()
}

/// What a command says on its standard output; it must end well.
pub(crate) fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{said}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

/// Whether it came true within the bound; the kernel's other work goes on between two attempts.
pub(crate) fn wait_until(mut is_so: impl FnMut() -> bool) -> bool {
    let end = now() + PATIENCE;
    while now() < end {
        if is_so() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[expect(clippy::disallowed_methods, reason = "a bound on waiting for a daemon")]
fn now() -> Instant {
    Instant::now()
}

/// The lines that a child says, read by a thread so that none blocks it.
pub(crate) struct Lines(Receiver<String>);

impl Lines {
    pub(crate) fn of(output: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            // Read on to the end even when nobody listens: a full pipe would stop the daemon.
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                let _nobody = sender.send(String::from_utf8_lossy(&line).into_owned());
            }
        });
        Self(receiver)
    }

    /// Waits for a line that holds `words`.
    pub(crate) fn wait_for(&self, words: &str) {
        let mut seen = Vec::new();
        loop {
            match self.0.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(words) => return,
                Ok(line) => seen.push(line),
                Err(_) => panic!("nobody said {words}; only: {seen:#?}"),
            }
        }
    }
}

/// Not a test of its own: looks around inside a stand, and says what it sees.
#[test]
#[expect(clippy::print_stdout, reason = "a child speaks to its parent")]
fn part() {
    if !child::plays(NAME) {
        return;
    }
    let threads = || {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let mut tasks: Vec<_> = tasks.map(|task| task.unwrap().file_name()).collect();
        tasks.sort_unstable();
        tasks
    };
    let before = threads();
    let Snapshot {
        listeners,
        publications,
        gaps,
        ..
    } = listeners(&Options::default());
    // Who drops privileges does so for the threads that are there.
    assert_eq!(threads(), before);
    println!();
    for listener in listeners {
        println!("seen: {}", told(&listener));
    }
    for publication in publications {
        let place = std::net::SocketAddr::new(publication.address, publication.port);
        let to = published(&publication.to);
        println!("seen: publication {} {place} {to}", publication.transport);
    }
    for gap in gaps {
        let (what, why) = (gap.what.as_str(), gap.why.as_str());
        println!("seen: gap {what} {why} {}", gap.detail);
    }
    println!("seen: end");
}

fn told(listener: &Listener) -> String {
    let owners = listener.owners.iter().map(|owner| {
        let unit = owner.unit.as_ref().map_or("-", |unit| &unit.0);
        let container = owner.container.as_ref().map_or("-".to_owned(), container);
        format!(" owner {} {} {unit} {container}", owner.pid, owner.program)
    });
    format!(
        "listener {} {} unit {} to {}{}",
        listener.transport,
        listener.socket_address(),
        listener.socket_unit.as_ref().map_or("-", |unit| &unit.0),
        listener
            .published
            .as_ref()
            .map_or("-".to_owned(), published),
        owners.collect::<String>(),
    )
}

fn published(published: &Published) -> String {
    format!(
        "{} port {}",
        container(&published.container),
        published.port
    )
}

fn container(container: &Container) -> String {
    let or_not = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    format!(
        "{}/{}/{}/{}",
        container.runtime,
        container.id,
        or_not(&container.name),
        or_not(&container.image)
    )
}
