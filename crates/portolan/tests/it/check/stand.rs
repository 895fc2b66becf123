//! A network namespace of its own, in which ports are free and nobody else listens: real programs
//! run in it, and this program looks at them.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use crate::command::{Run, finished, undisturbed};

/// The namespace, and a folder that everybody may read.
pub(super) struct Stand {
    name: String,
    folder: TempDir,
}

/// Control groups in systemd's trees, called like one of its units.
pub(super) struct Unit(Vec<PathBuf>);

impl Unit {
    pub(super) fn new(name: &str) -> Self {
        // The tree of version 2 alone, or those of a hybrid: cgroups(7).
        let trees = ["", "unified", "systemd"].map(|tree| Path::new("/sys/fs/cgroup").join(tree));
        let groups: Vec<PathBuf> = trees
            .iter()
            .filter(|tree| tree.join("cgroup.procs").exists())
            .map(|tree| tree.join(name))
            .collect();
        assert!(!groups.is_empty(), "no control groups");
        for group in &groups {
            fs::create_dir(group).unwrap();
        }
        Self(groups)
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        for group in &self.0 {
            // The kernel takes a moment to let go of a process that was waited for.
            while let Err(error) = fs::remove_dir(group) {
                assert_eq!(error.kind(), std::io::ErrorKind::ResourceBusy, "{error}");
                std::thread::yield_now();
            }
        }
    }
}

/// A program inside; it ends with this.
pub(super) struct Program(Child);

impl Program {
    pub(super) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Stand {
    pub(super) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("portolan-check-{}-{count}", std::process::id());
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let stand = Self { name, folder };
        stand.ip(&["netns", "add", &stand.name]);
        stand.ip(&["-n", &stand.name, "link", "set", "lo", "up"]);
        // A checkout may lie where nobody may go.
        let copied = Command::new("cp")
            .arg(env!("CARGO_BIN_EXE_portolan"))
            .arg(stand.path("portolan"))
            .status();
        assert!(copied.unwrap().success());
        stand
    }

    fn ip(&self, arguments: &[&str]) {
        let done = Command::new("ip").args(arguments).status().unwrap();
        assert!(
            done.success(),
            "root and iproute2 are needed: {arguments:?}"
        );
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command inside, with what `nsenter` is told besides.
    pub(super) fn command(&self, by: &[&str], program: impl AsRef<Path>) -> Command {
        let mut command = undisturbed(Command::new("nsenter"));
        command.arg(format!("--net=/run/netns/{}", self.name));
        command.args(by).arg("--").arg(program.as_ref());
        command.current_dir(self.folder.path());
        command
    }

    /// Where the policy lies.
    pub(super) fn file(&self) -> PathBuf {
        self.path("portolan.toml")
    }

    /// Writes the policy.
    pub(super) fn policy(&self, text: &str) {
        fs::write(self.file(), text).unwrap();
    }

    /// What `portolan` says inside, with the policy under the name that is not told in full.
    pub(super) fn run(&self, by: &[&str], arguments: &[&str]) -> Run {
        let mut command = self.command(by, self.path("portolan"));
        command.args(arguments).args(["--config", "portolan.toml"]);
        finished(command.output().unwrap())
    }

    pub(super) fn check(&self, arguments: &[&str]) -> Run {
        self.run(&[], &[&["check"], arguments].concat())
    }

    pub(super) fn check_as_nobody(&self) -> Run {
        let nobody = ["--setuid", "65534", "--setgid", "65534"];
        self.run(&nobody, &["check"])
    }

    /// A redis whose file is called so, once it listens.
    pub(super) fn redis(&self, called: &str, address: &str, port: u16) -> Program {
        let real = Path::new("/usr/bin/redis-server");
        let advice = "apt-get install --no-install-recommends redis-server";
        assert!(real.exists(), "{advice}");
        let program = match called {
            "redis-server" => real.to_owned(),
            called => {
                let copy = self.path(called);
                // By another process, whose descriptor nobody inherits (execve(2), ETXTBSY).
                let mut copying = Command::new("cp");
                copying.arg(fs::canonicalize(real).unwrap()).arg(&copy);
                assert!(copying.status().unwrap().success());
                copy
            }
        };
        let command = self.command(&[], program);
        self.started(command, address, port)
    }

    /// The same in a control group that is called like a systemd unit, as a service's processes are.
    pub(super) fn redis_in(&self, unit: &Unit, address: &str, port: u16) -> Program {
        let joined = unit.0.iter().map(|group| {
            let tasks = group.join("cgroup.procs");
            format!("echo $$ > {} && ", tasks.display())
        });
        let script = format!("{}exec \"$@\"", joined.collect::<String>());
        let inside = self.command(&[], "/usr/bin/redis-server");
        let mut command = Command::new("sh");
        command
            .args(["-c", &script, "sh"])
            .arg(inside.get_program());
        command.args(inside.get_args());
        self.started(command, address, port)
    }

    fn started(&self, mut command: Command, address: &str, port: u16) -> Program {
        command
            .args(["--bind", address, "--port", &port.to_string()])
            .args(["--save", "", "--dir"])
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let mut program = Program(command.spawn().unwrap());
        let address: std::net::Ipv4Addr = address.parse().unwrap();
        let number = u32::from_ne_bytes(address.octets());
        // As the kernel writes a listener, proc_pid_net(5).
        let listens = format!("{number:08X}:{port:04X} 00000000:0000 0A");
        loop {
            assert_eq!(program.0.try_wait().unwrap(), None, "redis ended");
            let table = fs::read_to_string(format!("/proc/{}/net/tcp", program.pid()));
            // Before nsenter has entered it, the table is that of another namespace.
            if table.is_ok_and(|table| table.contains(&listens)) && self.holds(&program) {
                return program;
            }
            std::thread::yield_now();
        }
    }

    fn holds(&self, program: &Program) -> bool {
        let inside = fs::read_link(format!("/proc/{}/ns/net", program.pid()));
        let outside = fs::read_link("/proc/self/ns/net").unwrap();
        inside.is_ok_and(|inside| inside != outside)
    }

    /// A Python program that says when it is ready.
    pub(super) fn python(&self, code: &str) -> Program {
        let mut command = self.command(&[], "python3");
        command.args(["-c", code]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let output = child.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        Program(child)
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        self.ip(&["netns", "del", &self.name]);
    }
}
