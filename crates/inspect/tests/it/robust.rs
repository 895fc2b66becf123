//! What hides from an ordinary user, and how that is said: a `/proc` that shows only one's own
//! processes, and sockets of which only the creator's control group is told.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;

use portolan_inspect::{Options, listeners};
use portolan_ports::{Listener, Unseen, Why};

use crate::child::{self, Part};
use crate::machine::Netns;
use crate::{home, owner};

const NAME: &str = "robust";

/// Not a test of its own: what the children of the tests below do, as nobody.
#[test]
#[expect(clippy::print_stdout, reason = "a child speaks to its parent")]
fn part() {
    if !child::plays(NAME) {
        return;
    }
    let address: SocketAddr = std::env::var("LOOK_AT").unwrap().parse().unwrap();
    let snapshot = listeners(&Options::default());
    let find = |l: &&Listener| l.socket_address() == address && l.namespace.is_none();
    let found = snapshot.listeners.iter().find(find).unwrap();
    let gap = found.owner_gap.clone().unwrap();
    let unit = found.creator.as_ref().and_then(|c| c.unit.clone());
    println!(
        "seen={}|{:?}|{:?}|{}|{}",
        found.owners.len(),
        gap.what,
        gap.why,
        gap.detail.contains("hidepid"),
        unit.map_or_else(|| "-".to_owned(), |unit| unit.0),
    );
    let namespaces: Vec<String> = snapshot
        .gaps
        .iter()
        .filter(|gap| gap.what == Unseen::Namespaces)
        .map(|gap| format!("{:?} {}", gap.why, gap.detail))
        .collect();
    let others = snapshot.listeners.iter().filter(|l| l.namespace.is_some());
    println!("others={} {}", others.count(), namespaces.join("; "));
}

/// A command that runs the part as nobody, after what `before` does as root.
fn as_nobody(before: &str, address: SocketAddr) -> (tempfile::TempDir, Command) {
    let (folder, program) = owner::copy();
    let script = format!(
        "{before} exec setpriv --reuid=65534 --regid=65534 --clear-groups -- \"$0\" \"$@\""
    );
    let plain = child::command(&program, NAME);
    let mut command = Command::new("unshare");
    command.args(["--mount", "--", "sh", "-c", &script]);
    command.arg(plain.get_program()).args(plain.get_args());
    for (key, value) in plain.get_envs() {
        command.env(key, value.unwrap());
    }
    command
        .env("LOOK_AT", address.to_string())
        .current_dir("/")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped());
    (folder, command)
}

#[test]
fn a_proc_that_hides_processes_is_the_reason_for_a_hidden_owner() {
    let _alone = crate::alone();
    let held = TcpListener::bind((home(), 0)).unwrap();
    let hide = "mount -t proc -o hidepid=2 proc /proc &&";
    let (_folder, command) = as_nobody(hide, held.local_addr().unwrap());
    let mut part = Part::start(command);
    let told = format!("0|{:?}|{:?}|true|", Unseen::Owner, Why::Permission);
    let seen = part.says("seen");
    assert!(seen.starts_with(&told), "{seen}");
    part.end();
}

/// A control group of version 2, as systemd would make it for a unit.
struct Group(PathBuf);

impl Group {
    fn new(unit: &str) -> Self {
        let mounts = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].map(PathBuf::from);
        let mount = mounts
            .into_iter()
            .find(|m| m.join("cgroup.controllers").exists());
        let path = mount.unwrap().join(unit);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        std::fs::remove_dir(&self.0).ok();
    }
}

#[test]
fn nobody_is_told_which_unit_created_a_socket() {
    let _alone = crate::alone();
    let unit = format!("portolan-test-{}.service", std::process::id());
    let group = Group::new(&unit);
    let code = format!(
        "open('{}/cgroup.procs', 'w').write('0')\nimport socket, sys\n\
         s = socket.create_server(('{}', 0))\nprint(s.getsockname()[1], flush=True)\n\
         sys.stdin.read()",
        group.0.display(),
        home()
    );
    let mut holder = Command::new("python3")
        .args(["-c", &code])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = std::io::BufReader::new(holder.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut output, &mut line).unwrap();
    let address = SocketAddr::from((home(), line.trim().parse().unwrap()));

    let closed = Netns::new("closed");
    let (_folder, command) = as_nobody("", address);
    let mut part = Part::start(command);
    let told = format!("0|{:?}|{:?}|false|{unit}", Unseen::Owner, Why::Permission);
    assert_eq!(part.says("seen"), told);
    // Another namespace is known to be there, and is not entered.
    let others = part.says("others");
    assert!(others.starts_with("0 Permission "), "{others}");
    assert!(others.ends_with("may not be entered"), "{others}");
    part.end();
    drop(closed);

    let found = listeners(&Options::default()).listeners;
    let seen = found
        .iter()
        .find(|l| l.socket_address() == address)
        .unwrap();
    assert_eq!(seen.owners[0].pid, holder.id());
    assert_eq!(
        seen.control_group,
        Some(rustix::fs::stat(&group.0).unwrap().st_ino)
    );
    drop(holder.stdin.take());
    holder.wait().unwrap();
}

#[test]
fn processes_that_end_between_two_looks_are_never_wrong_owners() {
    let _alone = crate::alone();
    // Each holds a socket for a moment; the pid and the port come back to others soon.
    let code = "import socket, os\nfor _ in range(150):\n  if os.fork() == 0:\n    \
        s = socket.create_server(('127.0.0.1', 0)); os._exit(0)\n  os.wait()";
    let mut churn = Command::new("python3").args(["-c", code]).spawn().unwrap();
    let kept = TcpListener::bind((home(), 0)).unwrap();
    let mut looks = 0;
    while churn.try_wait().unwrap().is_none() || looks < 3 {
        let snapshot = listeners(&Options::default());
        for listener in &snapshot.listeners {
            assert_eq!(
                listener.owners.is_empty(),
                listener.owner_gap.is_some(),
                "{listener:?}"
            );
        }
        let address = kept.local_addr().unwrap();
        let mine = snapshot
            .listeners
            .iter()
            .find(|l| l.socket_address() == address)
            .unwrap();
        assert!(mine.owners.iter().any(|o| o.pid == std::process::id()));
        looks += 1;
    }
}
