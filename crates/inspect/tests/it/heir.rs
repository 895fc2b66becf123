//! A child that holds a listener of this process: a program that copies its input to its output.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{WaitId, WaitIdOptions, waitid};

/// A running cat(1), or whatever becomes one; ends with its standard input.
pub(crate) struct Heir(Child);

impl Heir {
    /// Starts it, and waits until it is what it becomes.
    pub(crate) fn start(mut command: Command, held: &TcpListener) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Inherited: the flag that closes it at exec is off in this process for a moment.
        fcntl_setfd(held.as_fd(), FdFlags::empty()).unwrap();
        let child = command.spawn().unwrap();
        fcntl_setfd(held.as_fd(), FdFlags::CLOEXEC).unwrap();
        let mut heir = Self(child);
        heir.0.stdin.as_mut().unwrap().write_all(b"?").unwrap();
        let mut echo = [0];
        if heir
            .0
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut echo)
            .is_err()
        {
            panic!("it ended: {}", heir.says());
        }
        assert_eq!(&echo, b"?");
        heir
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// A line that it says on its standard error.
    pub(crate) fn says(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.0.stderr.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        line.trim().to_owned()
    }

    /// Waits until it has ended, though not what it started, and leaves it to be asked for its end.
    pub(crate) fn await_end(&self) {
        let pid = rustix::process::Pid::from_child(&self.0);
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(pid), options).unwrap();
    }

    /// Ends it; it must have gone well.
    pub(crate) fn end(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }
}
