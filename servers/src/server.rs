//! A server: started in the foreground on ports that the system gave, ended when it is dropped.

use std::collections::{BTreeMap, VecDeque};
use std::env;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::error::Error;
use crate::group::{self, GLANCE, Group, clock};
use crate::home::{Home, Owner};
use crate::listening::listening;
use crate::place::{Held, hold_in};
use crate::program;
use crate::row::{Port, Row, Transport};

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    // Dropped in this order: the processes end before their folder goes.
    group: Group,
    name: String,
    ports: Vec<Placed>,
    home: Home,
    _held: Vec<Held>,
}

/// A port of a row, and where it is.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The row's port.
    pub port: Port,
    /// Where it is.
    pub address: SocketAddr,
}

/// Room for the start of a big server on a busy machine.
const READY: Duration = Duration::from_secs(90);
/// Room for one that has gone into the background.
const AFTER_END: Duration = Duration::from_secs(10);
/// How often one that ends at once is started, each time on other ports.
const ATTEMPTS: usize = 3;

impl Server {
    /// Starts the row's server and waits until it listens on all ports that are asked.
    ///
    /// # Errors
    /// Where its program is absent, a command of the row fails, it ends or it does not listen.
    pub fn start(row: &Row) -> Result<Self, Error> {
        let program = program::find(row)?;
        let mut attempt = 0;
        loop {
            attempt += 1;
            // Who does not set SO_REUSEADDR gets the port only once we let go of it.
            match Self::attempt(row, &program, row.hold && attempt == 1) {
                Err(error) if error.may_pass() && attempt < ATTEMPTS => {}
                outcome => return outcome,
            }
        }
    }

    fn attempt(row: &Row, program: &Path, hold: bool) -> Result<Self, Error> {
        let system = |operation: String| {
            let server = row.name.clone();
            move |source| Error::System {
                server,
                operation,
                source,
            }
        };
        let mut wanted: BTreeMap<&str, Vec<Transport>> = BTreeMap::new();
        for port in &row.ports {
            wanted.entry(&port.name).or_default().push(port.transport);
        }
        let mut held = BTreeMap::new();
        for (name, transports) in wanted {
            let one = hold_in(&transports).map_err(system("get a port".into()))?;
            held.insert(name.to_owned(), one);
        }
        let named: Vec<(String, &Held)> = held.iter().map(|(n, h)| (n.clone(), h)).collect();
        let home = Home::make(row, &named)?;
        let ports: Vec<Placed> = row
            .ports
            .iter()
            .filter_map(|port| {
                Some(Placed {
                    port: port.clone(),
                    address: held.get(&port.name)?.address,
                })
            })
            .collect();
        for command in &row.before {
            run(row, &home, command)?;
        }
        let command = prepared(row, &home, program, &row.arguments)?;
        for one in held.values_mut() {
            one.release(!hold);
        }
        let mark = home.folder().display().to_string();
        let group =
            Group::start(command, &mark).map_err(system(format!("start {}", program.display())))?;
        let mut server = Self {
            group,
            name: row.name.clone(),
            ports,
            home,
            _held: held.into_values().collect(),
        };
        server.wait()?;
        for command in &row.after {
            run(row, &server.home, command)?;
        }
        Ok(server)
    }

    fn wait(&mut self) -> Result<(), Error> {
        let begun = clock();
        let mut ended = None;
        loop {
            let open = listening();
            let mut missing = self.asked();
            missing.retain(|one| !open.contains(&(one.port.transport, one.address.port())));
            if missing.is_empty() {
                return Ok(());
            }
            let waited = begun.elapsed().unwrap_or(READY);
            if let Some(status) = self.group.status() {
                let since = *ended.get_or_insert(waited);
                // One that went into the background in good order may listen yet.
                if !status.success() || waited.saturating_sub(since) > AFTER_END {
                    return Err(Error::Ended {
                        server: self.name.clone(),
                        status: status.to_string(),
                        said: self.home.said(),
                    });
                }
            }
            if waited > READY {
                let ports: Vec<String> = missing
                    .iter()
                    .map(|one| format!("{}/{}", one.address, one.port.transport.as_str()))
                    .collect();
                return Err(Error::Deaf {
                    server: self.name.clone(),
                    ports: ports.join(", "),
                    seconds: READY.as_secs(),
                    said: self.home.said(),
                });
            }
            thread::park_timeout(GLANCE);
        }
    }

    /// The row's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ports that are asked, and where they are.
    #[must_use]
    pub fn asked(&self) -> Vec<Placed> {
        let asked = self.ports.iter().filter(|one| one.port.asked);
        asked.cloned().collect()
    }

    /// Where the row's first port is.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.ports.first().map(|one| one.address)
    }

    /// What `{home}` stands for.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.home.folder()
    }

    /// The end of what it wrote.
    #[must_use]
    pub fn said(&self) -> String {
        self.home.said()
    }

    /// Whether the process that was started runs still.
    pub fn runs(&mut self) -> bool {
        self.group.status().is_none()
    }
}

/// Starts all of them, `at_once` at a time; the answers are in the order of the rows.
#[must_use]
pub fn start_all(rows: &[&Row], at_once: usize) -> Vec<Result<Server, Error>> {
    let queue: Mutex<VecDeque<usize>> = Mutex::new((0..rows.len()).collect());
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..at_once.clamp(1, rows.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let next = queue
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .pop_front();
                    let Some((at, row)) = next.and_then(|at| Some((at, rows.get(at)?))) else {
                        break;
                    };
                    let outcome = Server::start(row);
                    done.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((at, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Ends all of them together, which takes no longer than ending the slowest.
pub fn end_all(mut servers: Vec<Server>) {
    let mut groups: Vec<&mut Group> = servers.iter_mut().map(|one| &mut one.group).collect();
    group::end(&mut groups);
}

/// Runs one of the row's commands to its end.
fn run(row: &Row, home: &Home, command: &[String]) -> Result<(), Error> {
    let Some((program, arguments)) = command.split_first() else {
        return Ok(());
    };
    let program = filled(row, home, program)?;
    let mut prepared = prepared(row, home, Path::new(&program), arguments)?;
    let failed = |status: String| Error::Command {
        server: row.name.clone(),
        command: command.join(" "),
        status,
        said: home.said(),
    };
    let mark = home.folder().display().to_string();
    let status = prepared.env(group::MARK, mark).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(status.to_string())),
        Err(error) => Err(failed(error.to_string())),
    }
}

/// The command in the server's folder, as its user, with nothing of our environment.
fn prepared(
    row: &Row,
    home: &Home,
    program: &Path,
    arguments: &[String],
) -> Result<Command, Error> {
    let system = |source| Error::System {
        server: row.name.clone(),
        operation: "open its log".into(),
        source,
    };
    let log = home.log().map_err(system)?;
    let mut command = Command::new(program);
    for argument in arguments {
        command.arg(filled(row, home, argument)?);
    }
    command
        .env_clear()
        .env("PATH", path())
        .env("HOME", home.folder())
        .env("LC_ALL", "C.UTF-8")
        .current_dir(home.folder())
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(system)?)
        .stderr(log);
    for (name, value) in &row.environment {
        command.env(name, filled(row, home, value)?);
    }
    if let Some(Owner { user, group }) = home.owner() {
        command.uid(user).gid(group);
    }
    Ok(command)
}

fn path() -> std::ffi::OsString {
    let folders = program::FOLDERS.iter().map(PathBuf::from);
    env::join_paths(folders).unwrap_or_default()
}

fn filled(row: &Row, home: &Home, text: &str) -> Result<String, Error> {
    home.values.fill(text).map_err(|why| Error::Row {
        server: row.name.clone(),
        why,
    })
}
