//! The ways of finding owners: all find the same, or say what they left out.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use portolan_inspect::{Options, OwnerSearch, PortSnapshot, listeners, ports};
use portolan_ports::{Listener, Owner, Unseen, Why};
use portolan_registry::PortRange;
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

use crate::child::{self, Part};
use crate::home;

const NAME: &str = "search";

/// Not a test of its own: what the children of the tests below do.
#[test]
#[expect(clippy::print_stdout, reason = "a child speaks to its parent")]
fn part() {
    if !child::plays(NAME) {
        return;
    }
    match std::env::var("ROLE").unwrap().as_str() {
        // Takes a socket from the stream that is its standard error.
        "receiver" => {
            let stream = std::io::stderr();
            let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut ancillary = RecvAncillaryBuffer::new(&mut space);
            let mut byte = [0; 1];
            let mut buffers = [std::io::IoSliceMut::new(&mut byte)];
            recvmsg(stream, &mut buffers, &mut ancillary, RecvFlags::empty()).unwrap();
            let held: Vec<_> = ancillary
                .drain()
                .filter_map(|message| match message {
                    RecvAncillaryMessage::ScmRights(held) => Some(held.collect::<Vec<_>>()),
                    _ => None,
                })
                .flatten()
                .collect();
            println!("received={}", held.len());
            child::hold();
        }
        // Makes a socket, and has heirs in other control groups.
        "creator" => {
            let held = TcpListener::bind((home(), 0)).unwrap();
            fcntl_setfd(held.as_fd(), FdFlags::empty()).unwrap();
            let mut heirs: Vec<Child> = std::env::var("HEIRS")
                .unwrap()
                .split_ascii_whitespace()
                .map(|group| {
                    within(Path::new(group), &mut Command::new("cat"))
                        .stdin(Stdio::piped())
                        .spawn()
                        .unwrap()
                })
                .collect();
            for heir in &heirs {
                settled(heir.id());
            }
            let pids: Vec<String> = heirs.iter().map(|heir| heir.id().to_string()).collect();
            println!("heirs={}", pids.join(" "));
            println!("port={}", held.local_addr().unwrap());
            child::hold();
            for heir in &mut heirs {
                drop(heir.stdin.take());
                heir.wait().unwrap();
            }
        }
        // Makes a socket in a network namespace to itself.
        "hermit" => {
            let held = TcpListener::bind(("0.0.0.0", 0)).unwrap();
            println!("inode={}", rustix::fs::fstat(&held).unwrap().st_ino);
            child::hold();
        }
        // Looks at a port, and says how that went.
        _ => {
            let port = std::env::var("LOOK_AT").unwrap().parse().unwrap();
            for owners in [OwnerSearch::Complete, OwnerSearch::Iterator] {
                let options = Options {
                    owners,
                    ..Options::default()
                };
                let found = ports(&[PortRange::single(port)], &options);
                let gap = found.listeners[0].owner_gap.clone();
                println!("explanation={}", found.explanation.join("; "));
                println!("gap={:?}", gap.map(|gap| (gap.what, gap.why)));
            }
        }
    }
}

/// A command that runs as `command` does, in a control group from its first moment on.
fn within(group: &Path, command: &mut Command) -> Command {
    let mut outer = Command::new("sh");
    outer
        .args(["-c", "echo $$ > \"$0\"/cgroup.procs && exec \"$@\""])
        .arg(group)
        .arg(command.get_program())
        .args(command.get_args());
    for (key, value) in command.get_envs() {
        if let Some(value) = value {
            outer.env(key, value);
        }
    }
    outer
}

/// Waits until a child is no shell any more: then it is where it should be.
fn settled(pid: u32) {
    let comm = format!("/proc/{pid}/comm");
    for () in patience() {
        if std::fs::read_to_string(&comm).unwrap().trim() == "cat" {
            return;
        }
    }
    panic!("process {pid} never became another program");
}

/// Ten seconds at most, a millisecond at a time.
fn patience() -> impl Iterator<Item = ()> {
    (0..10_000).map(|_| {
        let moment = rustix::time::Timespec {
            tv_sec: 0,
            tv_nsec: 1_000_000,
        };
        rustix::event::poll(&mut [], Some(&moment)).unwrap();
    })
}

fn looked(port: u16, owners: OwnerSearch) -> PortSnapshot {
    let options = Options {
        owners,
        ..Options::default()
    };
    crate::look(&[PortRange::single(port)], &options)
}

/// Who holds the listener on a port of this test's own, each way asserted not to have failed.
fn pids(port: u16, owners: OwnerSearch) -> BTreeSet<u32> {
    let found = looked(port, owners).listeners;
    assert_eq!(found.len(), 1, "{found:#?}");
    found[0].owners.iter().map(|owner| owner.pid).collect()
}

#[test]
fn the_kernels_walk_and_the_scan_find_the_same_owners() {
    let _alone = crate::alone();
    let own = std::process::id();
    let (mine, inherited, passed) = (bound(), bound(), bound());

    fcntl_setfd(inherited.as_fd(), FdFlags::empty()).unwrap();
    let (here, there) = UnixStream::pair().unwrap();
    let mut command = child::command(&std::env::current_exe().unwrap(), NAME);
    command.env("ROLE", "receiver");
    command.stderr(Stdio::from(std::os::fd::OwnedFd::from(there)));
    let mut other = Part::start(command);
    fcntl_setfd(inherited.as_fd(), FdFlags::CLOEXEC).unwrap();
    send(&here, &passed);
    assert_eq!(other.says("received"), "1");

    let both = BTreeSet::from([own, other.pid()]);
    let cases = [
        (&mine, BTreeSet::from([own])),
        (&inherited, both.clone()),
        (&passed, both),
    ];
    for (held, expected) in cases {
        let port = held.local_addr().unwrap().port();
        for way in [
            OwnerSearch::Scan,
            OwnerSearch::Iterator,
            OwnerSearch::Complete,
        ] {
            assert_eq!(pids(port, way), expected, "{way:?}");
        }
    }

    // All that is told of them is the same too, and of the listeners of all others.
    let all = |owners| -> Vec<Listener> {
        let options = Options {
            owners,
            ..Options::default()
        };
        let ours = |l: &Listener| l.address == home() && !l.owners.is_empty();
        let mut found = listeners(&options).listeners;
        found.retain(ours);
        found
    };
    let scanned = all(OwnerSearch::Scan);
    assert_eq!(scanned.len(), 3);
    assert_eq!(all(OwnerSearch::Iterator), scanned);
    other.end();
    drop(here);
}

fn bound() -> TcpListener {
    TcpListener::bind((home(), 0)).unwrap()
}

/// Passes a socket over a stream (SCM_RIGHTS of unix(7)).
fn send(stream: &UnixStream, held: &TcpListener) {
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let descriptors = [held.as_fd()];
    assert!(ancillary.push(SendAncillaryMessage::ScmRights(&descriptors)));
    let bytes = [std::io::IoSlice::new(b"x")];
    sendmsg(stream, &bytes, &mut ancillary, SendFlags::empty()).unwrap();
}

#[test]
fn each_way_explains_itself() {
    let _alone = crate::alone();
    let held = bound();
    let port = held.local_addr().unwrap().port();
    let said = |owners| looked(port, owners).explanation.join("; ");
    let netlink = "sockets were listed through netlink (sock_diag); ";
    let told = said(OwnerSearch::Scan);
    assert!(
        told.starts_with(netlink) && told.contains("looked at through /proc"),
        "{told}"
    );
    let told = said(OwnerSearch::Iterator);
    assert!(
        told.starts_with(netlink) && told.contains("; the kernel walked over"),
        "{told}"
    );
    let told = said(OwnerSearch::None);
    assert!(
        told.starts_with(netlink) && told.ends_with("; owners were not looked for"),
        "{told}"
    );
}

#[test]
fn without_the_capability_the_scan_takes_over_and_says_why() {
    let _alone = crate::alone();
    let held = bound();
    let (_directory, program) = crate::owner::copy();
    let mut command = child::command(&program, NAME);
    command.uid(65534).gid(65534).current_dir("/");
    command.env("ROLE", "looker");
    command.env("LOOK_AT", held.local_addr().unwrap().port().to_string());
    let mut part = Part::start(command);

    let why = "it takes the capabilities CAP_BPF and CAP_PERFMON, which this process does not have";
    let gap = format!("{:?}", Some((Unseen::Owner, Why::Permission)));
    let told = part.says("explanation");
    let sentence = format!("the kernel's own walk over all descriptors was not used: {why}; ");
    assert!(
        told.contains(&sentence) && told.contains("looked at through /proc"),
        "{told}"
    );
    assert_eq!(part.says("gap"), gap);
    let told = part.says("explanation");
    let sentence = format!("the kernel does not walk over all descriptors: {why}");
    assert!(told.ends_with(&sentence), "{told}");
    assert_eq!(part.says("gap"), gap);
    part.end();
}

const MOUNT: &str = "mount -t cgroup2 none /sys/fs/cgroup/unified";

/// What a looker that a wrapper starts as its last arguments says of each way: Complete, Iterator.
fn told_within(wrapper: &[&str], held: &TcpListener) -> [(String, String); 2] {
    let program = std::env::current_exe().unwrap();
    let mut inner = child::command(&program, NAME);
    inner.env("ROLE", "looker");
    inner.env("LOOK_AT", held.local_addr().unwrap().port().to_string());
    let mut command = Command::new(wrapper[0]);
    command
        .args(&wrapper[1..])
        .arg(&program)
        .args(inner.get_args());
    for (key, value) in inner.get_envs() {
        command.env(key, value.unwrap());
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut part = Part::start(command);
    let told = [(); 2].map(|()| (part.says("explanation"), part.says("gap")));
    part.end();
    told
}

#[test]
fn in_another_pid_namespace_the_scan_takes_over_and_says_why() {
    let _alone = crate::alone();
    let held = bound();
    let wrapper = ["unshare", "--pid", "--fork", "--mount-proc"];
    let [(complete, complete_gap), (iterator, iterator_gap)] = told_within(&wrapper, &held);
    let why = "this process is not in the first pid namespace, whose process ids it tells";
    let sentence = format!("the kernel's own walk over all descriptors was not used: {why}; ");
    assert!(complete.contains(&sentence), "{complete}");
    assert!(iterator.ends_with(why), "{iterator}");
    let gap = format!("{:?}", Some((Unseen::Owner, Why::OtherPidNamespace)));
    assert_eq!([complete_gap, iterator_gap], [gap.clone(), gap]);
}

#[test]
fn where_the_kernel_does_not_tell_its_types_the_scan_takes_over() {
    let _alone = crate::alone();
    let held = bound();
    let hide = "mount -t tmpfs none /sys/kernel/btf && exec \"$@\"";
    let wrapper = ["unshare", "--mount", "sh", "-c", hide, "sh"];
    let [(_, complete_gap), (iterator, iterator_gap)] = told_within(&wrapper, &held);
    assert!(
        iterator.contains("the kernel does not tell its types: "),
        "{iterator}"
    );
    assert_eq!(complete_gap, "None");
    let gap = format!("{:?}", Some((Unseen::Owner, Why::Unsupported)));
    assert_eq!(iterator_gap, gap);
}

#[test]
fn owners_in_another_network_namespace_are_found_by_either() {
    let _alone = crate::alone();
    let program = std::env::current_exe().unwrap();
    let mut inner = child::command(&program, NAME);
    inner.env("ROLE", "hermit");
    let mut command = Command::new("unshare");
    command.arg("--net").arg(&program).args(inner.get_args());
    for (key, value) in inner.get_envs() {
        command.env(key, value.unwrap());
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut hermit = Part::start(command);
    let inode: u64 = hermit.says("inode").parse().unwrap();
    let found = [OwnerSearch::Scan, OwnerSearch::Iterator].map(|owners| {
        let options = Options {
            owners,
            ..Options::default()
        };
        let mut found = listeners(&options).listeners;
        found.retain(|listener| listener.inode == inode);
        found
    });
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0].len(), 1);
    assert!(found[0][0].namespace.is_some());
    let pids: Vec<u32> = found[0][0].owners.iter().map(|owner| owner.pid).collect();
    assert_eq!(pids, [hermit.pid()]);
    hermit.end();
}

/// Tells a thread to stop, however the test ends.
struct Stopping<'a>(&'a AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_program_that_never_held_a_socket_is_no_owner() {
    let _alone = crate::alone();
    let held = bound();
    let port = held.local_addr().unwrap().port();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _stopping = Stopping(&stop);
        // Between fork and exec each child holds all sockets of this process, as `true` none.
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                Command::new("true").status().unwrap();
            }
        });
        let mut heirs = 0;
        for way in [OwnerSearch::Scan, OwnerSearch::Iterator].repeat(30) {
            let found = looked(port, way);
            let told = format!("{way:?}: {:?} {:?}", found.explanation, found.gaps);
            for listener in found.listeners {
                let own = |owner: &&Owner| owner.pid == std::process::id();
                assert_eq!(listener.owners.iter().filter(own).count(), 1, "{told}");
                heirs += listener.owners.len() - 1;
                let wrong = listener.owners.iter().find(|owner| owner.program == "true");
                assert_eq!(wrong, None, "{way:?}");
            }
        }
        drop(writeln!(std::io::stdout(), "{heirs} heirs were met"));
    });
}

#[test]
fn nothing_stays_open_after_a_walk() {
    let _alone = crate::alone();
    let held = bound();
    let open = || {
        let links = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let links = links.filter_map(|entry| std::fs::read_link(entry.path()).ok());
        links
            .filter(|link| link.to_string_lossy().contains("bpf"))
            .count()
    };
    assert_eq!(open(), 0);
    let found = looked(held.local_addr().unwrap().port(), OwnerSearch::Iterator);
    assert_eq!(found.listeners[0].owners.len(), 1);
    assert_eq!(open(), 0);
}

/// Control groups of this test alone, in the version 2 tree.
struct Groups {
    root: PathBuf,
    outer: PathBuf,
    inner: PathBuf,
}

impl Groups {
    fn make() -> Self {
        let roots = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].map(PathBuf::from);
        let root = roots
            .into_iter()
            .find(|root| root.join("cgroup.controllers").exists())
            .unwrap_or_else(|| panic!("no cgroup v2 tree; mount one: {MOUNT}"));
        let outer = root.join(format!("portolan-bpf-{}", std::process::id()));
        let inner = outer.join("inner");
        // Also makes the outer one.
        std::fs::create_dir_all(&inner).unwrap();
        Self { root, outer, inner }
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        for group in [&self.inner, &self.outer] {
            // A process that has just ended may be in it for a moment.
            let gone = patience().any(|()| std::fs::remove_dir(group).is_ok());
            if !gone {
                let told = writeln!(std::io::stderr(), "cannot remove {}", group.display());
                drop(told);
            }
        }
    }
}

#[test]
fn fast_looks_in_the_creators_group_alone_and_says_so() {
    let _alone = crate::alone();
    let groups = Groups::make();
    let mut command = child::command(&std::env::current_exe().unwrap(), NAME);
    command.env("ROLE", "creator");
    let heirs = [&groups.inner, &groups.root].map(|group| group.display().to_string());
    command.env("HEIRS", heirs.join(" "));
    let mut command = within(&groups.outer, &mut command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut creator = Part::start(command);
    let heirs = creator.says("heirs");
    let heirs: Vec<u32> = heirs.split(' ').map(|pid| pid.parse().unwrap()).collect();
    let address: std::net::SocketAddr = creator.says("port").parse().unwrap();
    let found = |owners| {
        let options = Options {
            owners,
            ..Options::default()
        };
        let mut found = listeners(&options);
        found.listeners.retain(|l| l.socket_address() == address);
        found
    };
    let pids = |found: &[Listener]| -> BTreeSet<u32> {
        let owners = found.iter().flat_map(|listener| &listener.owners);
        owners.map(|owner| owner.pid).collect()
    };

    // Whatever else listens here was made elsewhere; on its own port only this one counts.
    let options = Options {
        owners: OwnerSearch::Fast,
        ..Options::default()
    };
    let mut fast = ports(&[PortRange::single(address.port())], &options);
    fast.listeners.retain(|l| l.socket_address() == address);
    let told = fast.explanation.join("; ");
    let seen = pids(&fast.listeners);
    assert!(
        seen.contains(&creator.pid()) && !seen.contains(&heirs[1]),
        "{seen:?}: {told}"
    );
    let gap = fast.gaps.iter().find(|gap| gap.what == Unseen::CoOwners);
    assert_eq!(gap.map(|gap| gap.why), Some(Why::Narrowed), "{told}");
    assert!(gap.is_some_and(|gap| gap.detail.contains("--fast")));
    assert!(
        told.contains("control groups that made the sockets"),
        "{told}"
    );

    let everyone = BTreeSet::from([creator.pid(), heirs[0], heirs[1]]);
    for way in [
        OwnerSearch::Complete,
        OwnerSearch::Scan,
        OwnerSearch::Iterator,
    ] {
        let all = found(way);
        assert_eq!(pids(&all.listeners), everyone, "{way:?}");
        assert!(all.gaps.iter().all(|gap| gap.why != Why::Narrowed));
    }
    creator.end();
}
