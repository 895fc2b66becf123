//! Who holds a socket: heirs, deleted programs, and what an ordinary user cannot see.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;

use portolan_inspect::{Options, ports};
use portolan_ports::{ExeState, Unseen, Why};
use portolan_registry::PortRange;
use rustix::io::{FdFlags, fcntl_setfd};

use crate::child::{self, Part};
use crate::{home, one};

const NAME: &str = "owner";

/// Not a test of its own: what the children of the tests below do.
#[test]
#[expect(clippy::print_stdout, reason = "a child speaks to its parent")]
fn part() {
    if !child::plays(NAME) {
        return;
    }
    match std::env::var("LOOK_AT")
        .ok()
        .and_then(|port| port.parse().ok())
    {
        // As an ordinary user, look at another user's socket.
        Some(address) => {
            let address: SocketAddr = address;
            let mut found =
                ports(&[PortRange::single(address.port())], &Options::default()).listeners;
            found.retain(|listener| listener.socket_address() == address);
            let gap = found[0].owner_gap.clone().unwrap();
            println!(
                "seen={}/{}/{:?}/{:?}",
                found.len(),
                found[0].owners.len(),
                gap.what,
                gap.why
            );
        }
        None => {
            let held = TcpListener::bind((home(), 0)).unwrap();
            println!("port={}", held.local_addr().unwrap().port());
            child::hold();
        }
    }
}

/// This program, copied to where it may be deleted and where every user may run it.
pub(crate) fn copy() -> (tempfile::TempDir, std::path::PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let all = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(directory.path(), all.clone()).unwrap();
    let path = directory.path().join("inspect-test");
    std::fs::copy(std::env::current_exe().unwrap(), &path).unwrap();
    std::fs::set_permissions(&path, all).unwrap();
    (directory, path)
}

#[test]
fn an_heir_is_an_owner_too() {
    let _alone = crate::alone();
    let held = TcpListener::bind((home(), 0)).unwrap();
    // Inherited: the flag that closes it at exec is off in this process for a moment.
    fcntl_setfd(held.as_fd(), FdFlags::empty()).unwrap();
    let mut heir = Part::start(child::command(&std::env::current_exe().unwrap(), NAME));
    fcntl_setfd(held.as_fd(), FdFlags::CLOEXEC).unwrap();
    heir.says("port");

    let pids: Vec<u32> = one(held.local_addr().unwrap().port())
        .owners
        .iter()
        .map(|owner| owner.pid)
        .collect();
    assert!(
        pids.contains(&std::process::id()) && pids.contains(&heir.pid()),
        "{pids:?}"
    );
    assert!(pids.is_sorted());
    heir.end();
}

#[test]
fn a_deleted_and_a_replaced_program_are_told_apart() {
    let _alone = crate::alone();
    let (_directory, path) = copy();
    let mut part = Part::start(child::command(&path, NAME));
    let port = part.says("port").parse().unwrap();
    let state = || {
        let found = ports(&[PortRange::single(port)], &Options::default()).listeners;
        let mut owners = found.iter().flat_map(|listener| &listener.owners);
        let owner = owners.find(|owner| owner.pid == part.pid()).unwrap();
        assert_eq!(owner.exe.as_deref(), path.to_str());
        assert_eq!(owner.program, "inspect-test");
        owner.exe_state
    };
    assert_eq!(state(), ExeState::Present);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(state(), ExeState::Deleted);
    std::fs::write(&path, "another").unwrap();
    assert_eq!(state(), ExeState::Replaced);
    part.end();
}

#[test]
fn an_ordinary_user_sees_the_socket_and_the_gap() {
    let _alone = crate::alone();
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let (_directory, path) = copy();
    let held = TcpListener::bind((home(), 0)).unwrap();
    let mut command = child::command(&path, NAME);
    command.uid(65534).gid(65534).current_dir("/");
    command.env("LOOK_AT", held.local_addr().unwrap().to_string());
    let mut part = Part::start(command);
    let gap = format!("seen=1/0/{:?}/{:?}", Unseen::Owner, Why::Permission);
    assert_eq!(format!("seen={}", part.says("seen")), gap);
    part.end();
}
