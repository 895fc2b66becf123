//! The processes above a process.
//!
//! A parent may end, and its id be given to another process, while the chain is read. That other
//! one began after the child did; so a parent that is younger than its child ends the chain.

use std::collections::HashMap;
use std::os::fd::OwnedFd;

use portolan_ports::Ancestor;
use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;

use super::process::{BUFFER, beginning};
use super::stat::Stat;

/// The longest chain that is told.
const MOST_PARENTS: usize = 64;

/// Every process that was looked at for a chain, each read once.
#[derive(Debug)]
pub(super) struct Lineage<'a> {
    proc: &'a OwnedFd,
    known: HashMap<u32, Option<Stat>>,
    buffer: Vec<u8>,
    /// Why some parent could not be looked at.
    pub(super) unseen: Option<Errno>,
}

impl<'a> Lineage<'a> {
    /// Of the processes that this `/proc` shows.
    pub(super) fn new(proc: &'a OwnedFd) -> Self {
        Self {
            proc,
            known: HashMap::new(),
            buffer: vec![0; BUFFER],
            unseen: None,
        }
    }

    /// The chain above a process, nearest first: up to the one that has no parent, or as far as
    /// the processes can be seen.
    pub(super) fn above(&mut self, stat: &Stat) -> Vec<Ancestor> {
        let mut chain = Vec::new();
        let (mut parent, mut started) = (stat.parent, stat.started);
        while parent != 0 && chain.len() < MOST_PARENTS {
            let Some(stat) = self.stat(parent).filter(|stat| stat.started <= started) else {
                break;
            };
            chain.push(Ancestor {
                pid: parent,
                program: stat.name.clone(),
            });
            (parent, started) = (stat.parent, stat.started);
        }
        chain
    }

    fn stat(&mut self, pid: u32) -> Option<&Stat> {
        let Self {
            proc,
            known,
            buffer,
            unseen,
        } = self;
        known
            .entry(pid)
            .or_insert_with(|| {
                let flags = OFlags::RDONLY | OFlags::CLOEXEC;
                match openat(proc, format!("{pid}/stat"), flags, Mode::empty()) {
                    Ok(stat) => Stat::read(beginning(&stat, buffer)?),
                    Err(errno) => {
                        *unseen = Some(errno);
                        None
                    }
                }
            })
            .as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(name: &str, parent: u32, started: u64) -> Stat {
        Stat {
            name: name.to_owned(),
            parent,
            started,
        }
    }

    fn pids(known: &[(u32, Option<Stat>)], of: &Stat) -> Vec<u32> {
        let nowhere =
            rustix::fs::open(c"/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).unwrap();
        let mut lineage = Lineage::new(&nowhere);
        lineage.known.extend(known.iter().cloned());
        lineage
            .above(of)
            .iter()
            .map(|ancestor| ancestor.pid)
            .collect()
    }

    #[test]
    fn a_parent_younger_than_its_child_is_another_process() {
        let known = [
            (1, Some(stat("init", 0, 0))),
            (20, Some(stat("sh", 1, 100))),
            (30, Some(stat("reused", 1, 900))),
            (40, Some(stat("heir of it", 30, 800))),
        ];
        assert_eq!(pids(&known, &stat("srv", 20, 100)), [20, 1]);
        assert_eq!(pids(&known, &stat("srv", 30, 500)), [0; 0]);
        assert_eq!(pids(&known, &stat("srv", 40, 850)), [40]);
        // Gone, or not shown.
        assert_eq!(pids(&known, &stat("srv", 4_194_305, 850)), [0; 0]);
        assert_eq!(pids(&known, &stat("init", 0, 0)), [0; 0]);
    }

    #[test]
    fn a_chain_has_an_end() {
        let known = [(2, Some(stat("a", 3, 5))), (3, Some(stat("b", 2, 5)))];
        assert_eq!(pids(&known, &stat("srv", 2, 5)).len(), MOST_PARENTS);
    }
}
