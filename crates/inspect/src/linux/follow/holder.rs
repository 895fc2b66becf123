//! The processes that hold known listeners, watched for their end or another program in them.
//!
//! Cost: one readlink of `/proc/PID/exe` per process.

use std::collections::HashMap;
use std::time::Duration;

use portolan_ports::{Listener, Owner};
use rustix::fs::{CWD, readlinkat_raw};
use rustix::io::Errno;

/// How often to look at them.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// Longer than any path that the kernel tells.
const BUFFER: usize = 4096 + 1;

/// Each holder's pid and the program that it runs, where that may be known.
#[derive(Debug, Default)]
pub(super) struct Holders(HashMap<u32, Option<String>>);

impl Holders {
    pub(super) fn replace<'a>(&mut self, owners: impl Iterator<Item = &'a Owner>) {
        self.0.clear();
        for owner in owners {
            self.0.entry(owner.pid).or_insert_with(|| owner.exe.clone());
        }
    }

    pub(super) fn add(&mut self, listener: &Listener) {
        for owner in &listener.owners {
            self.0.insert(owner.pid, owner.exe.clone());
        }
    }

    pub(super) fn pids(&self) -> Vec<u32> {
        self.0.keys().copied().collect()
    }

    /// Those that have gone, or run something else; they are forgotten.
    pub(super) fn gone(&mut self) -> Vec<u32> {
        let mut buffer = vec![0; BUFFER];
        let mut gone = Vec::new();
        self.0.retain(|pid, exe| {
            let stays = runs(*pid, exe.as_deref(), &mut buffer);
            if !stays {
                gone.push(*pid);
            }
            stays
        });
        gone
    }
}

fn runs(pid: u32, exe: Option<&str>, buffer: &mut [u8]) -> bool {
    match readlinkat_raw(CWD, format!("/proc/{pid}/exe"), &mut *buffer) {
        // Deleted since, it is still the one that runs.
        Ok(length) => exe.is_none_or(|exe| {
            let path = String::from_utf8_lossy(&buffer[..length]);
            path.strip_prefix(exe)
                .is_some_and(|rest| rest.is_empty() || rest == " (deleted)")
        }),
        Err(Errno::NOENT | Errno::SRCH) => false,
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_ends_or_changes_its_program_is_gone() {
        let own = std::env::current_exe().unwrap();
        let own = own.to_str().unwrap();
        let owner = |pid, exe: Option<&str>| Owner {
            pid,
            exe: exe.map(str::to_owned),
            ..Owner::default()
        };
        let me = std::process::id();
        let gone = |owner: Owner| {
            let mut holders = Holders::default();
            holders.replace([&owner].into_iter());
            holders.gone()
        };
        assert!(gone(owner(me, Some(own))).is_empty());
        assert!(gone(owner(me, None)).is_empty());
        assert_eq!(gone(owner(me, Some("/bin/other"))), [me]);
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        assert_eq!(gone(owner(child.id(), None)), [child.id()]);
    }
}
