//! The same question put to ss(8), where this machine has it.

use std::collections::BTreeSet;
use std::net::{TcpListener, UdpSocket};
use std::process::Command;

use portolan_inspect::{Options, listeners};

use crate::home;

/// Which pids hold an inode, as `ss -tulnpe` says: `users:(("x",pid=1,fd=3)) … ino:22 …`.
fn holders(text: &str, inode: u64) -> BTreeSet<u32> {
    let word = format!("ino:{inode}");
    let line = text
        .lines()
        .find(|line| line.split_ascii_whitespace().any(|w| w == word));
    let pids = line.unwrap_or_default().split("pid=").skip(1);
    pids.filter_map(|rest| rest.split(',').next()?.parse().ok())
        .collect()
}

#[test]
fn ss_names_no_owner_that_is_not_found_here() {
    let _alone = crate::alone();
    let tcp = TcpListener::bind((home(), 0)).unwrap();
    let udp = UdpSocket::bind((home(), 0)).unwrap();
    let Ok(output) = Command::new("ss").args(["-H", "-tulnpe"]).output() else {
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let found = listeners(&Options::default()).listeners;
    for inode in [
        rustix::fs::fstat(&tcp).unwrap().st_ino,
        rustix::fs::fstat(&udp).unwrap().st_ino,
    ] {
        let listener = found
            .iter()
            .find(|listener| listener.inode == inode)
            .unwrap();
        let mine: BTreeSet<u32> = listener.owners.iter().map(|owner| owner.pid).collect();
        let theirs = holders(&text, inode);
        assert!(theirs.contains(&std::process::id()), "{text}");
        // A child of another test may hold it for a moment between fork and exec.
        assert!(mine.contains(&std::process::id()));
    }
}
