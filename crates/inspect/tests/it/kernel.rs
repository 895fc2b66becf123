//! Transports that few kernels are built with, seen on one that is: Debian's, booted in an emulator
//! where `transports.rs` looks around.
//!
//! `cargo xtask test --install` brings emulator and kernel.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::child;
use crate::machine::target;

/// Seconds; booting takes some five on a quiet machine.
const PATIENCE: &str = "240";

/// Modules by folder below `kernel` of the package, with what they depend on.
const MODULES: [&str; 9] = [
    "net/sctp",
    "net/dccp",
    "net/ipv4",
    "net/ipv6",
    "net/mptcp",
    "lib",
    "crypto",
    "arch/x86/crypto",
    "drivers/net/vrf.ko",
];

const INIT: &str = "#!/bin/busybox sh
/bin/busybox --install -s /bin
ln -s bin /sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in crc32c_generic sctp sctp_diag dccp dccp_ipv4 dccp_ipv6 dccp_diag mptcp_diag vrf; do
    modprobe $module
done
ip link set lo up
ip link add red type vrf table 10
ip link set red up
echo
PART=transports /bin/it --exact transports::part --nocapture --test-threads=1
echo the end
poweroff -f
";

/// What the program in the emulator printed, by the word that its lines begin with.
struct Told(String);

impl Told {
    fn lines<'a>(&'a self, word: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .lines()
            .filter_map(move |line| line.trim_end().strip_prefix(word)?.strip_prefix(' '))
    }

    /// The ports that were listened on for a name.
    fn held(&self, name: &str) -> Vec<&str> {
        let ports: Vec<&str> = self
            .lines("held")
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
            .collect();
        assert!(!ports.is_empty(), "no {name} in the emulator:\n{}", self.0);
        ports
    }

    /// The one listener that was seen on a port of a transport.
    fn seen(&self, transport: &str, port: &str) -> &str {
        let of_port = |line: &&str| {
            let mut words = line.split(' ');
            words.next() == Some(transport) && words.nth(1) == Some(port)
        };
        let seen: Vec<&str> = self.lines("seen").filter(of_port).collect();
        assert_eq!(seen.len(), 1, "{transport} {port}: {seen:?}\n{}", self.0);
        seen[0]
    }

    /// Whether ss listed the port with our program as its owner.
    fn ss_has(&self, option: &str, port: &str) -> bool {
        let pid = self.lines("pid").next().unwrap_or_default();
        self.lines("ss").any(|line| {
            line.starts_with(option)
                && line.contains(&format!(":{port} "))
                && line.contains(&format!("pid={pid},"))
        })
    }
}

#[test]
fn every_transport_of_a_kernel_that_has_them_is_listed_as_ss_lists_it() {
    let told = boot();
    let pid = told.lines("pid").next().unwrap();
    assert_eq!(told.lines("gap").collect::<Vec<_>>(), Vec::<&str>::new());

    let sctp = told.held("sctp");
    let [one, all] = sctp[..] else {
        panic!("{sctp:?}")
    };
    assert_eq!(
        told.seen("sctp", one),
        format!("sctp 127.0.0.1 {one} multipath=false interface=- queue=Some((0, 7)) pids=[{pid}]")
    );
    assert_eq!(
        told.seen("sctp", all),
        format!("sctp :: {all} multipath=false interface=- queue=Some((0, 7)) pids=[{pid}]")
    );
    let dccp = told.held("dccp")[0];
    assert!(
        told.seen("dccp", dccp)
            .starts_with(&format!("dccp 127.0.0.1 {dccp} ")),
        "{}",
        told.seen("dccp", dccp)
    );
    assert!(told.seen("dccp", dccp).ends_with(&format!("pids=[{pid}]")));
    let mptcp = told.held("mptcp")[0];
    assert_eq!(
        told.seen("tcp", mptcp),
        format!("tcp 127.0.0.1 {mptcp} multipath=true interface=- queue=Some((0, 7)) pids=[{pid}]")
    );
    let vrf = told.held("vrf")[0];
    assert_eq!(
        told.seen("tcp", vrf),
        format!("tcp 0.0.0.0 {vrf} multipath=false interface=red queue=Some((0, 7)) pids=[{pid}]")
    );

    for (option, port) in [
        ("--sctp", one),
        ("--sctp", all),
        ("--dccp", dccp),
        ("--mptcp", mptcp),
        ("--tcp", vrf),
    ] {
        assert!(told.ss_has(option, port), "{option} {port}\n{}", told.0);
    }
    let count = |word| told.lines(word).count();
    // ss lists the Multipath TCP socket among the TCP ones once more.
    assert_eq!(count("seen"), count("ss") - 1, "{}", told.0);
}

/// Boots the kernel and returns what it wrote on its serial line.
fn boot() -> Told {
    let kernel = target().join("stand/kernel");
    let image = entry(&kernel.join("boot"), "vmlinuz-");
    let folder = tempfile::tempdir().unwrap();
    let archive = archive(&kernel, folder.path());

    // timeout(1) ends the emulator where the kernel hangs.
    let output = Command::new("timeout")
        .args([PATIENCE, "qemu-system-x86_64"])
        .args(["-accel", "tcg", "-m", "512", "-nographic"])
        .args(["-no-reboot", "-net", "none"])
        .args(["-append", "console=ttyS0 quiet panic=-1"])
        .arg("-kernel")
        .arg(&image)
        .arg("-initrd")
        .arg(&archive)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("the end"),
        "the kernel did not come to its end:\n{text}"
    );
    Told(text)
}

/// The one entry of a folder whose name begins so.
fn entry(folder: &Path, start: &str) -> PathBuf {
    let hint = "run as root: cargo xtask test --install";
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}; {hint}", folder.display()));
    entries
        .flatten()
        .map(|entry| entry.path())
        .find(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with(start)
        })
        .unwrap_or_else(|| panic!("{} holds no {start}; {hint}", folder.display()))
}

/// The first file system: programs, their libraries, modules, and the script that runs it all.
fn archive(kernel: &Path, folder: &Path) -> PathBuf {
    let root = folder.join("root");
    for inside in ["bin", "proc", "sys", "dev", "run", "etc", "tmp"] {
        fs::create_dir_all(root.join(inside)).unwrap();
    }
    for (program, name) in [
        (std::env::current_exe().unwrap(), "it"),
        (program("busybox"), "busybox"),
        (program("ip"), "ip"),
        (program("ss"), "ss"),
    ] {
        fs::copy(&program, root.join("bin").join(name)).unwrap();
        for library in libraries(&program) {
            let inside = root.join(library.strip_prefix("/").unwrap());
            fs::create_dir_all(inside.parent().unwrap()).unwrap();
            fs::copy(&library, inside).unwrap();
        }
    }
    modules(kernel, &root);
    fs::write(root.join("init"), INIT.replace("PART", child::PART)).unwrap();
    run(Command::new("chmod").arg("755").arg(root.join("init")));

    let names = Command::new("find")
        .arg(".")
        .current_dir(&root)
        .output()
        .unwrap()
        .stdout;
    let archive = folder.join("first.cpio");
    let mut pack = Command::new("busybox")
        .args(["cpio", "-o", "-H", "newc"])
        .current_dir(&root)
        .stdin(Stdio::piped())
        .stdout(fs::File::create(&archive).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    pack.stdin.take().unwrap().write_all(&names).unwrap();
    assert!(pack.wait().unwrap().success());
    archive
}

fn modules(kernel: &Path, root: &Path) {
    let all = entry(&kernel.join("lib/modules"), "");
    let release = all.file_name().unwrap();
    let own = root.join("lib/modules").join(release);
    for part in MODULES {
        let (from, to) = (all.join("kernel").join(part), own.join("kernel").join(part));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        run(Command::new("cp").arg("--recursive").arg(from).arg(to));
    }
    for list in [
        "modules.builtin",
        "modules.builtin.modinfo",
        "modules.order",
    ] {
        fs::copy(all.join(list), own.join(list)).unwrap();
    }
    run(Command::new("depmod").arg("-b").arg(root).arg(release));
}

fn program(name: &str) -> PathBuf {
    let output = Command::new("sh")
        .args([
            "-c",
            &format!("PATH=$PATH:/usr/sbin:/sbin command -v {name}"),
        ])
        .output()
        .unwrap();
    let path = String::from_utf8(output.stdout).unwrap();
    fs::canonicalize(path.trim()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What the dynamic linker would load, by ldd(1); nothing for a static program.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let output = Command::new("ldd").arg(program).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let paths = text
        .split_ascii_whitespace()
        .filter(|word| word.starts_with('/'));
    paths.map(PathBuf::from).collect()
}

fn run(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}
