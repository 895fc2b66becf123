//! What would be done to whom, and what is refused. Data alone; who decides it is not here.

use std::fmt;
use std::time::Duration;

use portolan_ports::Why;

use crate::{engine, socket, unit};

/// How hard to act.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// Ask for the end: the unit manager or the engine where there is one, else SIGTERM.
    #[default]
    Stop,
    /// The same, and SIGKILL for what is still there after a grace.
    Kill,
    /// Close the socket alone; the processes live on.
    Close,
}

impl Way {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Kill => "kill",
            Self::Close => "close",
        }
    }
}

/// What would be done, in order, and what is refused. Whoever has one with a refusal does nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What would be done, each once.
    pub steps: Vec<Step>,
    /// What is refused, each once.
    pub refusals: Vec<Refusal>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Units stop, by their manager.
    Unit(unit::Stop),
    /// A container stops, by its engine.
    Container(engine::Stop),
    /// A process is sent a signal.
    Signal(Signal),
    /// A socket is closed under its owners.
    Close(socket::Target),
}

impl Step {
    /// The JSON value of its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Unit(_) => "unit",
            Self::Container(_) => "container",
            Self::Signal(_) => "signal",
            Self::Close(_) => "close",
        }
    }

    /// The command that does it, where another program does.
    #[must_use]
    pub fn command(&self) -> Option<Vec<String>> {
        match self {
            Self::Unit(stop) => Some(stop.command()),
            Self::Container(stop) => Some(stop.command()),
            Self::Signal(_) | Self::Close(_) => None,
        }
    }
}

impl fmt::Display for Step {
    /// In the infinitive, without a full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit(stop) => stop.fmt(f),
            Self::Container(stop) => stop.fmt(f),
            Self::Signal(signal) => signal.fmt(f),
            Self::Close(target) => target.fmt(f),
        }
    }
}

/// A process to be ended by signals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Its process id when the plan was made.
    pub pid: u32,
    /// Its program's name.
    pub program: String,
    /// The inodes of the listening sockets that it must still hold, sorted.
    pub inodes: Vec<u64>,
    /// After how long SIGKILL follows SIGTERM; `None` for never.
    pub kill_after: Option<Duration>,
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "send SIGTERM to pid {} ({})", self.pid, self.program)?;
        match self.kill_after {
            Some(grace) => write!(f, ", and SIGKILL if it still runs after {}", seconds(grace)),
            None => Ok(()),
        }
    }
}

/// `10 s`; whole seconds.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs())
}

/// Somebody or something that is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Whom it is about, as `pid 1 (systemd)`.
    pub whom: String,
    /// Why.
    pub why: Reason,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.whom, self.why)
    }
}

/// Why something is left alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Process 1 runs everything else, and its end is the machine's or the container's.
    #[error("the machine or container ends with it")]
    FirstProcess,
    /// This program was started by it, directly or through others.
    #[error("portolan runs below it and would end with it")]
    Ancestor,
    /// This program, or one that it runs below, lives in that unit.
    #[error("portolan itself runs in {0}")]
    OwnUnit(String),
    /// The session in which this program runs came in by it.
    #[error("this session came in over ssh, and nobody could come in again")]
    SshSession,
    /// A thread of the kernel, which takes no signals.
    #[error("it is a thread of the kernel")]
    KernelThread,
    /// It lives in a pid namespace of its own, and may be the first process there.
    #[error("it lives in a pid namespace of its own, and everything there may end with it")]
    OtherPidNamespace,
    /// Nobody was seen holding the socket.
    #[error("{}", hidden(*.0))]
    Hidden(Why),
    /// It held the socket a moment ago and does so no more, or has ended.
    #[error("it does not hold the socket any more")]
    NotHolding,
    /// A proxy of an engine holds the port for a container that is not known.
    #[error("it passes the port on for a container that is not known")]
    UnknownContainer,
    /// The engine or manager that runs the container is none that this program can ask.
    #[error("it runs in a container of {0}, which is not stopped from here")]
    OtherEngine(String),
    /// The kernel would not let this user do that.
    #[error("{0} is not permitted")]
    NotPermitted(&'static str),
    /// Neither the system nor this program can do that.
    #[error("{why}")]
    Unsupported {
        /// What stands in the way.
        why: &'static str,
        /// What to do instead, in the imperative.
        next: &'static str,
    },
}

const fn hidden(why: Why) -> &'static str {
    match why {
        Why::Permission => "its owner is hidden from this user",
        Why::OtherPidNamespace => "its owner lives in a pid namespace that is not seen from here",
        Why::Kernel => "the kernel itself holds it, and no process",
        Why::Exited => "it went away while it was looked at",
        Why::Unsupported => "this system does not tell its owner",
        Why::Failed | Why::Narrowed => "its owner could not be found",
    }
}

impl Reason {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::FirstProcess => "first_process",
            Self::Ancestor => "ancestor",
            Self::OwnUnit(_) => "own_unit",
            Self::SshSession => "ssh_session",
            Self::KernelThread => "kernel_thread",
            Self::OtherPidNamespace => "other_pid_namespace",
            Self::Hidden(_) => "owner_hidden",
            Self::NotHolding => "not_holding",
            Self::UnknownContainer => "unknown_container",
            Self::OtherEngine(_) => "other_engine",
            Self::NotPermitted(_) => "not_permitted",
            Self::Unsupported { .. } => "unsupported",
        }
    }

    /// Whether more privileges would lift it, as far as is known.
    #[must_use]
    pub const fn is_permission(&self) -> bool {
        matches!(self, Self::NotPermitted(_) | Self::Hidden(Why::Permission))
    }

    /// What a person can do next, in the imperative and without a full stop.
    #[must_use]
    pub const fn next(&self) -> &'static str {
        match self {
            Self::FirstProcess => {
                "find the socket unit with: systemctl list-sockets; or stop what it starts"
            }
            Self::Ancestor | Self::OwnUnit(_) => {
                "run portolan from somewhere else, as another terminal or session"
            }
            Self::SshSession => "do it from the machine's console",
            Self::KernelThread => "stop what uses it: an NFS mount, a tunnel, a module",
            Self::OtherPidNamespace => "stop it from within, or by whatever started its namespace",
            Self::Hidden(Why::Permission) | Self::NotPermitted(_) => {
                "run it as root, with sudo; where root is kept from it too, outside of the sandbox"
            }
            Self::Hidden(Why::OtherPidNamespace) => {
                "run portolan in the machine's own pid namespace"
            }
            Self::Hidden(Why::Kernel) => "stop what uses it: an NFS mount, a tunnel, a module",
            Self::Hidden(_) | Self::NotHolding => "look again",
            Self::UnknownContainer => {
                "run it as root, with the engine's socket in place, or ask the engine: docker ps"
            }
            Self::OtherEngine(_) => {
                "stop it by its own engine or cluster: crictl, kubectl, lxc-stop"
            }
            Self::Unsupported { next, .. } => next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_says_all_that_follows() {
        let mut signal = Signal {
            pid: 42,
            program: "nc".into(),
            inodes: vec![7],
            kill_after: None,
        };
        assert_eq!(signal.to_string(), "send SIGTERM to pid 42 (nc)");
        signal.kill_after = Some(Duration::from_secs(3));
        assert_eq!(
            Step::Signal(signal).to_string(),
            "send SIGTERM to pid 42 (nc), and SIGKILL if it still runs after 3 s"
        );
    }

    #[test]
    fn a_refusal_says_whom_why_and_what_next() {
        let refusal = Refusal {
            whom: "pid 1 (systemd)".into(),
            why: Reason::FirstProcess,
        };
        assert_eq!(
            refusal.to_string(),
            "pid 1 (systemd): the machine or container ends with it"
        );
        assert!(refusal.why.next().contains("list-sockets"));
        assert!(Reason::Hidden(Why::Permission).is_permission());
        assert!(!Reason::Hidden(Why::Kernel).is_permission());
    }
}
