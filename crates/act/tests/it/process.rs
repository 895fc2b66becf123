//! A process is hit by its pidfd, or not at all.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use portolan_act::process::{Ask, Error, may_signal, wait};
use portolan_act::{Process, Vitals};

/// A child that lives until it is told otherwise, and never longer than this test.
struct Sleeper(Child);

impl Sleeper {
    fn start(script: &str, stdin: Stdio) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(stdin);
        Self(command.stdout(Stdio::null()).spawn().unwrap())
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Waits until it runs `sleep`.
    fn is_asleep(&self) {
        while Vitals::read(self.pid()).unwrap().name != "sleep" {
            std::thread::yield_now();
        }
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

const SOON: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(60);

#[test]
fn a_process_holds_what_it_was_given() {
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let inode = |socket: &TcpListener| {
        let fd = OwnedFd::from(socket.try_clone().unwrap());
        std::fs::File::from(fd).metadata().unwrap().ino()
    };
    let (mine, others) = (inode(&held), inode(&other));
    let sleeper = Sleeper::start("exec sleep 600", OwnedFd::from(held).into());
    sleeper.is_asleep();
    let process = Process::open(sleeper.pid()).unwrap();
    assert_eq!(process.holds(mine), Ok(true));
    assert_eq!(process.holds(others), Ok(false));
    assert!(process.is_unchanged());
    assert_eq!(may_signal(sleeper.pid()), Ok(()));
}

#[test]
fn sigterm_ends_one_and_sigkill_another_that_ignores_it() {
    let mut polite = Sleeper::start("exec sleep 600", Stdio::null());
    let mut stubborn = Sleeper::start("trap '' TERM; exec sleep 600", Stdio::null());
    polite.is_asleep();
    stubborn.is_asleep();
    let (first, second) = (
        Process::open(polite.pid()).unwrap(),
        Process::open(stubborn.pid()).unwrap(),
    );
    first.signal(Ask::Terminate).unwrap();
    second.signal(Ask::Terminate).unwrap();
    wait(&[&first], LONG).unwrap();
    wait(&[&first, &second], SOON).unwrap();
    assert!(first.has_ended() && !second.has_ended());
    second.signal(Ask::Kill).unwrap();
    wait(&[&first, &second], LONG).unwrap();
    assert!(second.has_ended());
    assert_eq!(polite.0.wait().unwrap().signal(), Some(15));
    assert_eq!(stubborn.0.wait().unwrap().signal(), Some(9));
}

#[test]
fn one_that_became_another_program_or_ended_is_told() {
    let script = "read line; exec sleep 600";
    let (near, far) = std::os::unix::net::UnixStream::pair().unwrap();
    let mut child = Sleeper::start(script, OwnedFd::from(far).into());
    while Vitals::read(child.pid()).unwrap().name != "sh" {
        std::thread::yield_now();
    }
    let process = Process::open(child.pid()).unwrap();
    assert!(process.is_unchanged());
    std::io::Write::write_all(&mut &near, b"go on\n").unwrap();
    child.is_asleep();
    assert!(!process.is_unchanged() && !process.has_ended());

    child.0.kill().unwrap();
    wait(&[&process], LONG).unwrap();
    // A zombie keeps its number and holds nothing.
    assert!(Vitals::read(child.pid()).unwrap().zombie && !process.is_unchanged());
    assert_eq!(process.holds(1), Err(Error::Gone));
    assert_eq!(Process::open(child.pid()).unwrap_err(), Error::Gone);
    child.0.wait().unwrap();
    // Its number may belong to anybody now; the pidfd hits nobody.
    assert_eq!(process.signal(Ask::Kill), Err(Error::Gone));
    assert_eq!(Process::open(child.pid()).unwrap_err(), Error::Gone);
    assert_eq!(Process::open(u32::MAX).unwrap_err(), Error::Gone);
    assert_eq!(Process::open(0).unwrap_err(), Error::Gone);
}
