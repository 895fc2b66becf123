//! Another program of this machine, run for a bounded time: the unit manager's or an engine's.
//! Nothing is asked of a person meanwhile, and of what it says little is kept.

use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::deadline::{Deadline, ready};

/// The most that is kept of what a program says.
const MOST_SAID: usize = 2048;

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// The beginning of what it wrote to standard error; from outside, never printed raw.
    pub said: String,
}

/// Why there is no end to tell of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is not installed, or not on the path.
    #[error("{0} is not on the path")]
    Missing(String),
    /// It ran longer than allowed, and was ended; what it had begun may go on.
    #[error("{program} did not finish within {} s", .time.as_secs())]
    TimedOut {
        /// Its name.
        program: String,
        /// How long it had.
        time: Duration,
    },
    /// It could not be started or waited for.
    #[error("cannot run {program}: {why}")]
    Failed {
        /// Its name.
        program: String,
        /// What the system said.
        why: String,
    },
}

/// Runs a command, the program's name first; no shell reads it.
///
/// # Errors
/// Where it could not be started or did not end in time. A failure of its own is an [`Ended`].
pub fn run(command: &[String], time: Duration) -> Result<Ended, Error> {
    let Some((program, words)) = command.split_first() else {
        return Err(Error::Missing(String::new()));
    };
    let failed = |why: &dyn std::fmt::Display| Error::Failed {
        program: program.clone(),
        why: why.to_string(),
    };
    let spawned = Command::new(program)
        .args(words)
        .env("LC_ALL", "C")
        .env("SYSTEMD_COLORS", "0")
        .env("SYSTEMD_PAGER", "")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(Error::Missing(program.clone()));
        }
        Err(error) => return Err(failed(&error)),
    };
    let mut said = Vec::new();
    match follow(&mut child, &mut said, time) {
        Ok(true) => {}
        other => {
            // Already ended is as good.
            let _ended = child.kill();
            child.wait().map_err(|error| failed(&error))?;
            return Err(match other {
                Err(error) => failed(&error),
                Ok(_) => Error::TimedOut {
                    program: program.clone(),
                    time,
                },
            });
        }
    }
    let status = child.wait().map_err(|error| failed(&error))?;
    Ok(Ended {
        code: status.code(),
        said: String::from_utf8_lossy(&said).trim().to_owned(),
    })
}

/// Reads what it says until it ends; false where the time is over first.
fn follow(child: &mut Child, said: &mut Vec<u8>, time: Duration) -> std::io::Result<bool> {
    let deadline = Deadline::after(time)?;
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or(ErrorKind::InvalidInput)?;
    let ended = pidfd_open(pid, PidfdFlags::empty())?;
    let mut stderr = child.stderr.take();
    let mut buffer = [0; 1024];
    loop {
        let mut wanted = vec![ended.as_fd()];
        wanted.extend(stderr.as_ref().map(AsFd::as_fd));
        let readable = deadline.wait(&wanted)?;
        let mut more = readable.get(1) == Some(&true);
        let is_over = readable.first() == Some(&true);
        while more && let Some(pipe) = stderr.as_mut() {
            let length = pipe.read(&mut buffer)?;
            said.extend(
                buffer[..length]
                    .iter()
                    .take(MOST_SAID.saturating_sub(said.len())),
            );
            if length == 0 {
                stderr = None;
            }
            // A child of its own may keep the pipe open: what lies there now is enough.
            more = is_over
                && match &stderr {
                    Some(pipe) => ready(&[pipe.as_fd()], Some(Duration::ZERO))? == [true],
                    None => false,
                };
        }
        if is_over {
            return Ok(true);
        }
        if deadline.is_over() {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, time: Duration) -> Result<Ended, Error> {
        let words = ["sh", "-c", script].map(str::to_owned);
        run(&words, time)
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn an_end_is_told_with_what_was_said() {
        let ended = shell("echo out; echo no such unit >&2; exit 5", LONG).unwrap();
        assert_eq!((ended.code, ended.said.as_str()), (Some(5), "no such unit"));
        assert_eq!(shell("kill -9 $$", LONG).unwrap().code, None);
    }

    #[test]
    fn a_flood_is_cut_and_does_not_stall() {
        let ended = shell("head -c 300000 /dev/zero | tr '\\0' x >&2", LONG).unwrap();
        assert_eq!((ended.code, ended.said.len()), (Some(0), MOST_SAID));
    }

    #[test]
    fn nobody_waits_for_ever() {
        let time = Duration::from_millis(50);
        let stuck = shell("exec sleep 600", time);
        assert!(matches!(stuck, Err(Error::TimedOut { .. })), "{stuck:?}");
        // What a grandchild keeps open is not waited for.
        let left = shell("sleep 2 & exit 0", LONG).unwrap();
        assert_eq!(left.code, Some(0));
    }

    #[test]
    fn an_absent_program_is_told() {
        let absent = run(&["no-such-program-here".to_owned()], LONG);
        assert_eq!(
            absent.unwrap_err().to_string(),
            "no-such-program-here is not on the path"
        );
    }
}
