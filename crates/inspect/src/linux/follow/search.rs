//! The search for the owners of a few new sockets, which ends when each has one.

use std::collections::HashSet;

use portolan_ports::Listener;

use crate::Options;
use crate::linux::scan::{Proc, Wanted};
use crate::linux::table::Table;
use crate::linux::user::Users;
use crate::linux::{creator, kernel_thread, owner};

/// Gives each listener an owner, or the reason why it has none: first among the `likely`
/// processes, then the youngest. Whether all processes were looked at, so that none can have more.
pub(super) fn until_found(
    listeners: &mut [Listener],
    likely: Vec<u32>,
    table: &mut Table,
    options: &Options,
) -> bool {
    let mut inodes: Vec<u64> = listeners.iter().map(|l| l.inode).collect();
    inodes.sort_unstable();
    inodes.dedup();
    inodes.retain(|inode| *inode != 0);
    let wanted = Wanted::one_each(&inodes);
    if let Ok(proc) = Proc::open(None) {
        let users = Users::read();
        // In one thread: in two, the unlikely processes would be looked at together with the others.
        for mut held in proc.scan(&order(&proc, likely), &wanted, 1).held {
            held.owner.user = held.owner.uid.and_then(|uid| users.name(uid));
            for listener in &mut *listeners {
                if held.inodes.binary_search(&listener.inode).is_ok() {
                    listener.owners.push(held.owner.clone());
                }
            }
        }
    }
    for listener in &mut *listeners {
        listener.owners.sort_by_key(|owner| owner.pid);
    }
    // Why the others have none is found out by the search for all.
    let ownerless = |l: &&mut Listener| l.owners.is_empty();
    let places: Vec<&mut Listener> = listeners.iter_mut().filter(ownerless).collect();
    let mut again: Vec<Listener> = places.iter().map(|l| (**l).clone()).collect();
    if !again.is_empty() {
        owner::attach(&mut again, &mut [], table, options, false);
        creator::name(&mut again);
    }
    for (place, found) in places.into_iter().zip(again) {
        *place = found;
    }
    !wanted.is_done()
}

/// The processes in the order of their likelihood.
fn order(proc: &Proc, likely: Vec<u32>) -> Vec<u32> {
    let pids = proc.pids().unwrap_or_default();
    let kernel = kernel_thread::family();
    let mut order = likely;
    order.retain(|pid| pids.binary_search(pid).is_ok());
    let first: HashSet<u32> = order.iter().copied().collect();
    let rest = pids.iter().rev().copied();
    order.extend(rest.filter(|pid| !first.contains(pid) && kernel.binary_search(pid).is_err()));
    order
}
