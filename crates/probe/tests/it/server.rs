//! A real server, started by hand on a port that the system gave, ended with the test.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use rustix::net::{self, AddressFamily, SocketType};
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

/// A server in the foreground, with a folder of its own.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    _held: OwnedFd,
    home: TempDir,
}

/// Room for a server's start on a busy machine.
const READY: Duration = Duration::from_secs(20);

impl Server {
    /// Starts `program` (`package` is what to install where it is absent) and waits until it takes
    /// connections.
    ///
    /// `prepare` is handed the folder and the address, and adds arguments.
    pub(crate) fn start(
        program: &str,
        package: &str,
        prepare: impl Fn(&mut Command, &Path, SocketAddr),
    ) -> Self {
        let program = find(program, package);
        let mut last = String::new();
        for _ in 0..5 {
            let home = tempfile::tempdir().unwrap();
            let (held, address) = hold();
            let log = fs::File::create(home.path().join("log")).unwrap();
            let mut command = Command::new(&program);
            prepare(&mut command, home.path(), address);
            command
                .stdin(Stdio::null())
                .stdout(log.try_clone().unwrap())
                .stderr(log);
            // A group of its own, so that what it starts ends with it.
            command.process_group(0);
            let child = command
                .spawn()
                .unwrap_or_else(|e| panic!("{}: {e}", program.display()));
            let mut server = Self {
                child,
                address,
                _held: held,
                home,
            };
            match server.ready() {
                Ok(()) => return server,
                Err(why) => {
                    let said = fs::read(server.home.path().join("log")).unwrap_or_default();
                    last = format!("{why}: {}", String::from_utf8_lossy(&said));
                }
            }
        }
        panic!("{} does not start: {last}", program.display());
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    fn ready(&mut self) -> Result<(), String> {
        let begun = clock();
        while begun.elapsed().unwrap_or(READY) < READY {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("it ended with {status}"));
            }
            if TcpStream::connect_timeout(&self.address, Duration::from_millis(200)).is_ok() {
                return Ok(());
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
        Err("it takes no connections".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let group = Pid::from_child(&self.child);
        kill(group, Signal::TERM);
        let begun = clock();
        while begun.elapsed().unwrap_or(READY) < Duration::from_secs(2) {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
        kill(group, Signal::KILL);
        drop(self.child.wait());
    }
}

/// A port that the system gave, and a socket that keeps it.
///
/// A socket that is bound with SO_REUSEADDR and does not listen keeps the kernel from handing the
/// port to anybody else, while a server that names it, with SO_REUSEADDR as they all have, gets it.
pub(crate) fn hold() -> (OwnedFd, SocketAddr) {
    let held = net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    net::sockopt::set_socket_reuseaddr(&held, true).unwrap();
    net::bind(&held, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = net::getsockname(&held).unwrap().try_into().unwrap();
    (held, address)
}

/// Ends a group; one that has ended by itself is no fault.
fn kill(group: Pid, signal: Signal) {
    if let Err(error) = kill_process_group(group, signal) {
        assert_eq!(error, rustix::io::Errno::SRCH);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the wait for a real process is bounded by a real clock"
)]
fn clock() -> SystemTime {
    SystemTime::now()
}

/// Finds a program where Debian puts it.
fn find(program: &str, package: &str) -> PathBuf {
    let folders = [
        "/usr/sbin",
        "/usr/bin",
        "/usr/lib/postgresql/15/bin",
        "/usr/local/bin",
    ];
    let found = folders
        .iter()
        .map(|f| Path::new(f).join(program))
        .find(|p| p.exists());
    found.unwrap_or_else(|| {
        panic!("{program} is absent; apt-get install --no-install-recommends {package}")
    })
}
