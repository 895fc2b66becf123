//! Processes that hold a port.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};

/// A script of one that SIGTERM does not end.
pub(crate) const STUBBORN: &str = "trap '' TERM; exec sleep 600";

/// A listener on loopback, on a port that the kernel chose.
pub(crate) fn listener() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
}

/// A process whose standard input is a socket; it ends with the test.
pub(crate) struct Holder {
    child: Child,
    pub(crate) port: u16,
}

impl Holder {
    /// Hands the socket over to a shell, and waits until that has become `sleep`.
    pub(crate) fn asleep(socket: impl Into<OwnedFd>, script: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Self::start(command, socket.into())
    }

    /// The same, as user nobody.
    pub(crate) fn of_nobody(socket: impl Into<OwnedFd>) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", "exec sleep 600"]);
        command.uid(65_534).gid(65_534).current_dir("/");
        Self::start(command, socket.into())
    }

    fn start(mut command: Command, socket: OwnedFd) -> Self {
        let port = port(&socket);
        let child = command.stdin(socket).stdout(Stdio::null()).spawn().unwrap();
        drop(command);
        let mut holder = Self { child, port };
        let comm = format!("/proc/{}/comm", holder.pid());
        while fs::read_to_string(&comm).unwrap() != "sleep\n" {
            assert!(holder.is_alive());
            std::thread::yield_now();
        }
        holder
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// The signal that ended it; it must have ended.
    pub(crate) fn ended_by(&mut self) -> Option<i32> {
        let ended = self.child.try_wait().unwrap();
        ended.unwrap_or_else(|| panic!("it still lives")).signal()
    }

    /// Ends it and waits for that.
    pub(crate) fn end(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The port of a socket.
fn port(socket: &OwnedFd) -> u16 {
    let socket = TcpListener::from(socket.try_clone().unwrap());
    socket.local_addr().unwrap().port()
}

/// A Python that runs `script`, with standard output to be read.
fn python(script: &str, stdin: Stdio) -> (Child, BufReader<std::process::ChildStdout>) {
    let spawned = Command::new("python3")
        .args(["-uc", script])
        .stdin(stdin)
        .stdout(Stdio::piped())
        .spawn();
    let advice = "apt-get install --no-install-recommends python3";
    let mut child = spawned.unwrap_or_else(|e| panic!("python3: {e}; {advice}"));
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

/// A program that waits for a connection, and says how that ended.
pub(crate) struct Acceptor {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    pub(crate) port: u16,
}

impl Acceptor {
    pub(crate) fn start(socket: TcpListener) -> Self {
        let script = "
import signal, socket
s = socket.socket(fileno=0)
print('waits')
try:
    s.accept()
except OSError as e:
    print(e.errno, e.strerror)
signal.pause()";
        let port = socket.local_addr().unwrap().port();
        let (child, output) = python(script, OwnedFd::from(socket).into());
        let mut acceptor = Self {
            child,
            output,
            port,
        };
        assert_eq!(acceptor.says(), "waits");
        acceptor
    }

    pub(crate) fn says(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Acceptor {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A program that is started anew whenever it ends, by one that does not hold the port itself.
pub(crate) struct Supervised {
    supervisor: Child,
    /// Open, for it says its port at every start.
    _output: BufReader<std::process::ChildStdout>,
    pub(crate) port: u16,
}

impl Supervised {
    pub(crate) fn start(address: IpAddr) -> Self {
        // Ends its child with itself: PR_SET_PDEATHSIG, prctl(2), is 1.
        let script = format!(
            "
import ctypes, os, signal, socket
port = 0
read, write = os.pipe()
while True:
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(('{address}', port))
        s.listen()
        os.write(write, b'%5d' % s.getsockname()[1])
        signal.pause()
    port = int(os.read(read, 5))
    print(port)
    os.wait()"
        );
        let (supervisor, mut output) = python(&script, Stdio::null());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap();
        Self {
            supervisor,
            _output: output,
            port,
        }
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        let _ended = self.supervisor.kill();
        let _reaped = self.supervisor.wait();
    }
}
