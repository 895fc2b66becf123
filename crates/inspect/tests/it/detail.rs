//! What is told of an owner beyond its name, held against the tools that tell the same.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use portolan_inspect::{Options, OwnerSearch, listeners, ports};
use portolan_ports::{Owner, Package, Unseen};
use portolan_registry::PortRange;

use crate::child::{self, Part};
use crate::heir::Heir;
use crate::home;

const NAME: &str = "detail";
const UID: &str = "7d9f1c2e-0a1b-4c3d-8e4f-5a6b7c8d9e0f";
const ID: &str = "3f4e8b0a6c1d2e3f4a5b6c7d8e9f00112233445566778899aabbccddeeff0011";

fn options() -> Options {
    Options {
        details: true,
        ..Options::default()
    }
}

/// The owner of a listener on this port that has this pid, by the look for one port.
fn owner(port: u16, pid: u32) -> Owner {
    let found = ports(&[PortRange::single(port)], &options()).listeners;
    let mut owners = found.into_iter().flat_map(|listener| listener.owners);
    owners.find(|owner| owner.pid == pid).unwrap()
}

fn held() -> (TcpListener, u16) {
    let held = TcpListener::bind((home(), 0)).unwrap();
    let port = held.local_addr().unwrap().port();
    (held, port)
}

/// What a tool prints, without blanks around it; it must go well.
pub(crate) fn told(program: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    let output = command.args(arguments).env("LC_ALL", "C").output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {text} {error}");
    text
}

/// The package and its version, as dpkg's own tools tell them.
fn dpkg(listed: &str) -> Package {
    let package = told("dpkg", &["-S", listed]);
    let (package, _) = package.split_once(": ").unwrap();
    Package {
        system: "dpkg",
        name: package.split(':').next().unwrap().to_owned(),
        version: Some(told("dpkg-query", &["-W", "-f", "${Version}", package])),
    }
}

/// cat's path in dpkg's lists, and where it is now.
fn cat() -> (&'static str, PathBuf) {
    let listed = if Command::new("dpkg")
        .args(["-S", "/bin/cat"])
        .output()
        .unwrap()
        .status
        .success()
    {
        "/bin/cat"
    } else {
        "/usr/bin/cat"
    };
    (listed, fs::canonicalize("/bin/cat").unwrap())
}

#[test]
fn every_detail_is_what_other_tools_tell() {
    let _alone = crate::alone();
    let (held, port) = held();
    let folder = tempfile::tempdir().unwrap();
    let before = now();
    let mut command = Command::new("cat");
    command.current_dir(folder.path());
    let heir = Heir::start(command, &held);
    let after = now();
    let pid = heir.pid().to_string();
    let owner = owner(port, heir.pid());

    // The same from the look for all, and by every way.
    for owners in [
        OwnerSearch::Complete,
        OwnerSearch::Scan,
        OwnerSearch::Iterator,
    ] {
        let all = listeners(&Options {
            owners,
            ..options()
        });
        let mut all = all.listeners.iter().flat_map(|listener| &listener.owners);
        assert_eq!(
            all.find(|o| o.pid == heir.pid()),
            Some(&owner),
            "{owners:?}"
        );
    }

    let working_folder = told("pwdx", &[&pid]);
    let (_, working_folder) = working_folder.split_once(": ").unwrap();
    assert_eq!(owner.working_folder.as_deref(), Some(working_folder));
    assert_eq!(working_folder, folder.path().to_str().unwrap());

    // Within the time that it was started in, to a tick and its rounding; and to the second, which
    // is what ps knows.
    let started = owner.started.unwrap().duration_since(UNIX_EPOCH).unwrap();
    let tick = Duration::from_millis(15);
    assert!(
        before <= started + tick && started <= after + tick,
        "{before:?} {started:?} {after:?}"
    );
    let ps = told(
        "date",
        &["-d", &told("ps", &["-o", "lstart=", "-p", &pid]), "+%s"],
    );
    assert!(
        started.as_secs().abs_diff(ps.parse().unwrap()) <= 1,
        "{started:?} {ps}"
    );

    assert!(!owner.parents.is_empty());
    assert_eq!(owner.parents[0].pid, std::process::id());
    assert_eq!(ancestors(&owner), ps_ancestors(&pid));

    let (listed, exe) = cat();
    assert_eq!(owner.exe.as_deref(), exe.to_str());
    assert_eq!(owner.package, Some(dpkg(listed)));
    // This program is no package's.
    let own = self::owner(port, std::process::id());
    assert_eq!(own.package, None);
    assert!(own.started < owner.started && own.working_folder.is_some());
    heir.end();
}

#[test]
fn an_orphans_parents_are_those_that_took_it_in() {
    let _alone = crate::alone();
    let (held, port) = held();
    let mut command = Command::new("bash");
    command.args(["-c", "exec {input}<&0; cat <&$input & echo $! >&2"]);
    let mut heir = Heir::start(command, &held);
    let pid = heir.says();
    heir.await_end();
    let owner = owner(port, pid.parse().unwrap());
    assert_ne!(
        owner.parents.first().map(|parent| parent.pid),
        Some(heir.pid())
    );
    assert_eq!(ancestors(&owner), ps_ancestors(&pid));
    heir.end();
}

#[test]
fn an_owner_of_a_socket_has_its_details_too() {
    let _alone = crate::alone();
    let (held, port) = held();
    let near = std::net::TcpStream::connect((home(), port)).unwrap();
    let found = ports(&[PortRange::single(port)], &options());
    let local = near.local_addr().unwrap();
    let socket = found
        .sockets
        .iter()
        .find(|socket| socket.local == local)
        .unwrap();
    let owner = &socket.owners[0];
    assert_eq!(owner.pid, std::process::id());
    assert!(owner.started.is_some() && owner.working_folder.is_some());
    assert_eq!(ancestors(owner), ps_ancestors(&owner.pid.to_string()));
    // And nothing of it where it was not asked for.
    let bare = ports(&[PortRange::single(port)], &Options::default());
    let bare = &bare.listeners[0].owners[0];
    assert_eq!(
        (&bare.working_folder, bare.started, &bare.package),
        (&None, None, &None)
    );
    assert!(bare.parents.is_empty());
    drop(held);
}

#[test]
fn a_mount_namespace_hides_a_package_only_where_it_has_another_file() {
    let _alone = crate::alone();
    let (held, port) = held();
    let (listed, exe) = cat();
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("cat");
    fs::copy(&exe, &other).unwrap();
    let own_namespace = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c", script]);
        Heir::start(command, &held)
    };
    // As units with PrivateTmp= are.
    let same = own_namespace("exec cat");
    assert_eq!(owner(port, same.pid()).package, Some(dpkg(listed)));
    same.end();
    // As containers are: another file by the same name.
    let exe = exe.to_str().unwrap();
    let script = format!("mount --bind {} {exe} && exec {exe}", other.display());
    let another = own_namespace(&script);
    let told = owner(port, another.pid());
    assert_eq!((told.exe.as_deref(), told.package), (Some(exe), None));
    assert!(told.started.is_some());
    another.end();
}

#[test]
fn a_pod_and_its_container_are_told_by_the_control_group() {
    let _alone = crate::alone();
    let (held, port) = held();
    let heir = Heir::start(Command::new("cat"), &held);
    assert_eq!(owner(port, heir.pid()).pod, None);
    let slice = UID.replace('-', "_");
    for (path, runtime) in [
        (format!("kubepods/burstable/pod{UID}/{ID}"), "kubernetes"),
        (
            format!(
                "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{slice}.slice/cri-containerd-{ID}.scope"
            ),
            "containerd",
        ),
        (format!("kubepods/besteffort/pod{UID}/crio-{ID}"), "cri-o"),
    ] {
        let group = Group::make(&path);
        group.take(heir.pid());
        let owner = owner(port, heir.pid());
        let text = fs::read_to_string(format!("/proc/{}/cgroup", heir.pid())).unwrap();
        assert!(text.contains(&path), "{text}");
        assert_eq!(owner.pod.unwrap().uid, UID);
        let container = owner.container.unwrap();
        assert_eq!(
            (container.runtime.as_str(), container.id.as_str()),
            (runtime, ID)
        );
        group.give_back(heir.pid());
    }
    heir.end();
}

/// Not a test of its own: what the children of the tests below do.
#[test]
fn part() {
    if !child::plays(NAME) {
        return;
    }
    match std::env::var("LOOK_AT") {
        Ok(port) if port == "hidden" => look_at_hidden_parents(),
        Ok(port) => look_as_nobody(port.parse().unwrap()),
        Err(_) => install_with_rpm(),
    }
    child::hold();
}

/// As an ordinary user, looks at its own listener and at another user's.
#[expect(clippy::print_stdout, reason = "a child speaks to its parent")]
fn look_as_nobody(port: u16) {
    let (held, own_port) = held();
    let own = owner(own_port, std::process::id());
    assert_eq!(own.working_folder.as_deref(), Some("/"));
    assert!(own.started.is_some() && own.package.is_none());
    assert_eq!(ancestors(&own), ps_ancestors(&own.pid.to_string()));
    drop(held);
    let found = ports(&[PortRange::single(port)], &options()).listeners;
    let hidden = found.iter().filter(|listener| listener.owner_gap.is_some());
    println!("hidden={}", hidden.count());
}

#[test]
fn an_ordinary_user_is_told_the_details_of_its_own() {
    use std::os::unix::process::CommandExt;
    let _alone = crate::alone();
    assert!(
        rustix::process::geteuid().is_root(),
        "run the tests as root"
    );
    let (held, port) = held();
    let (_folder, program) = crate::owner::copy();
    let mut command = child::command(&program, NAME);
    command.uid(65534).gid(65534).current_dir("/");
    command.env("LOOK_AT", port.to_string());
    let mut part = Part::start(command);
    assert_eq!(part.says("hidden"), "1");
    part.end();
    drop(held);
}

/// Where /proc hides others' processes: the chain is cut, and that is said.
#[expect(clippy::print_stdout, reason = "a child speaks to its parent")]
fn look_at_hidden_parents() {
    let (_held, port) = held();
    let seen = ports(&[PortRange::single(port)], &options());
    let owner = &seen.listeners[0].owners[0];
    assert_eq!(owner.pid, std::process::id());
    assert!(owner.started.is_some() && owner.working_folder.is_some());
    let why: Vec<&str> = seen
        .gaps
        .iter()
        .filter(|gap| gap.what == Unseen::OwnerDetail)
        .map(|gap| gap.why.as_str())
        .collect();
    println!("parents={}/{}", owner.parents.len(), why.join(","));
}

#[test]
fn hidden_parents_are_a_gap() {
    let _alone = crate::alone();
    let (_folder, program) = crate::owner::copy();
    for hidden in ["noaccess", "invisible"] {
        let own = child::command(&program, NAME);
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c"]);
        let nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups";
        command.arg(format!(
            "cd / && mount -t proc -o hidepid={hidden} proc /proc && exec {nobody} \"$0\" \"$@\""
        ));
        wrap(&mut command, &own);
        command.env("LOOK_AT", "hidden");
        let mut part = Part::start(command);
        assert_eq!(part.says("parents"), "0/permission", "{hidden}");
        part.end();
    }
}

/// Lets a command start a child of these tests.
fn wrap(command: &mut Command, own: &Command) {
    command.arg(own.get_program()).args(own.get_args());
    command.envs(
        own.get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
}

/// In a mount namespace where no package is dpkg's: installs one with rpm, runs and upgrades it.
#[expect(clippy::print_stdout, reason = "a child speaks to its parent")]
fn install_with_rpm() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("installed");
    let program = place.join("cat");
    fs::create_dir_all("/var/lib/rpm").unwrap();
    told("rpm", &["--dbpath", "/var/lib/rpm", "--initdb"]);
    let install = |release: u32| {
        let package = rpm_package(folder.path(), release);
        let relocated = format!("/opt/portolan-test={}", place.display());
        told(
            "rpm",
            &[
                "--dbpath",
                "/var/lib/rpm",
                "-U",
                "--nodeps",
                "--badreloc",
                "--relocate",
                &relocated,
                &package,
            ],
        );
    };
    install(1);
    let (held, port) = held();
    let heir = Heir::start(Command::new(&program), &held);
    let tell = || {
        let owner = owner(port, heir.pid());
        let package = owner.package.unwrap();
        let format = "%{NAME} %{EPOCH}:%{VERSION}-%{RELEASE}";
        let path = program.to_str().unwrap();
        let asked = told(
            "rpm",
            &["--dbpath", "/var/lib/rpm", "-qf", "--qf", format, path],
        );
        assert_eq!(
            format!("{} {}", package.name, package.version.unwrap()),
            asked
        );
        format!("{} {} {asked}", package.system, owner.exe_state.as_str())
    };
    println!("first={}", tell());
    install(2);
    println!("upgraded={}", tell());
    // This one is nobody's.
    assert_eq!(owner(port, std::process::id()).package, None);
    heir.end();
}

#[test]
fn rpms_package_is_told_and_so_is_its_upgrade() {
    let _alone = crate::alone();
    let own = child::command(&std::env::current_exe().unwrap(), NAME);
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c"]);
    command.arg("mount -t tmpfs portolan-test /var/lib && exec \"$0\" \"$@\"");
    wrap(&mut command, &own);
    let mut part = Part::start(command);
    assert_eq!(part.says("first"), "rpm present portolan-test 4:1.2-1");
    assert_eq!(part.says("upgraded"), "rpm replaced portolan-test 4:1.2-2");
    part.end();
}

/// A package with one program, made with rpmbuild.
fn rpm_package(folder: &Path, release: u32) -> String {
    let source = folder.join("source");
    fs::create_dir_all(&source).unwrap();
    fs::copy("/bin/cat", source.join("cat")).unwrap();
    let specification = folder.join("portolan-test.spec");
    let text = format!(
        "Name: portolan-test\nEpoch: 4\nVersion: 1.2\nRelease: {release}\nSummary: a test\n\
         License: MIT\nBuildArch: noarch\n%description\nA test.\n%install\n\
         mkdir -p %{{buildroot}}/opt/portolan-test\n\
         cp {}/cat %{{buildroot}}/opt/portolan-test/cat\n\
         %files\n/opt/portolan-test/cat\n",
        source.display()
    );
    fs::write(&specification, text).unwrap();
    let top = format!("_topdir {}", folder.join("build").display());
    told(
        "rpmbuild",
        &[
            "-bb",
            "--dbpath",
            "/var/lib/rpm",
            "--define",
            &top,
            "--define",
            "__os_install_post %{nil}",
            "--define",
            "_build_id_links none",
            "--define",
            "_binaries_in_noarch_packages_terminate_build 0",
            specification.to_str().unwrap(),
        ],
    );
    let package = folder.join(format!(
        "build/RPMS/noarch/portolan-test-1.2-{release}.noarch.rpm"
    ));
    package.to_str().unwrap().to_owned()
}

/// A control group below one of this test's own, removed at its end.
struct Group {
    top: PathBuf,
    leaf: PathBuf,
}

impl Group {
    fn mount() -> PathBuf {
        let mounts = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].map(PathBuf::from);
        let is_version_2 = |mount: &PathBuf| mount.join("cgroup.controllers").exists();
        mounts.into_iter().find(is_version_2).unwrap()
    }

    fn make(path: &str) -> Self {
        let top = Self::mount().join(format!("portolan-owner-{}", std::process::id()));
        let leaf = top.join(path);
        let group = Self { top, leaf };
        fs::create_dir_all(&group.leaf).unwrap();
        group
    }

    fn take(&self, pid: u32) {
        fs::write(self.leaf.join("cgroup.procs"), pid.to_string()).unwrap();
    }

    fn give_back(&self, pid: u32) {
        fs::write(Self::mount().join("cgroup.procs"), pid.to_string()).unwrap();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Where a test failed, the process is still in it.
        for pid in fs::read_to_string(self.leaf.join("cgroup.procs"))
            .unwrap_or_default()
            .lines()
        {
            drop(fs::write(Self::mount().join("cgroup.procs"), pid));
        }
        let mut folder = Some(self.leaf.as_path());
        while let Some(group) = folder.filter(|group| group.starts_with(&self.top)) {
            drop(fs::remove_dir(group));
            folder = group.parent();
        }
    }
}

fn ancestors(owner: &Owner) -> Vec<(String, String)> {
    let parents = owner.parents.iter();
    parents
        .map(|parent| (parent.pid.to_string(), parent.program.clone()))
        .collect()
}

/// Pid and name of every process above one, as ps tells them.
fn ps_ancestors(pid: &str) -> Vec<(String, String)> {
    let mut chain = Vec::new();
    let mut pid = told("ps", &["-o", "ppid=", "-p", pid]);
    while pid != "0" {
        chain.push((pid.clone(), told("ps", &["-o", "comm=", "-p", &pid])));
        pid = told("ps", &["-o", "ppid=", "-p", &pid]);
    }
    chain
}

#[expect(
    clippy::disallowed_methods,
    reason = "the time that a process is started in"
)]
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}
