//! A component: a real program that tests talk to, and the Debian package that brings it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Where a component's presence shows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Look {
    /// A program on the path or among the system's.
    Program(&'static str),
    /// A program in any folder right below the first: `(folder, program inside)`.
    Below(&'static str, &'static str),
    /// A file at its one place.
    File(&'static str),
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Component {
    pub(crate) look: Look,
    pub(crate) package: &'static str,
    /// What the tests want it for.
    pub(crate) purpose: &'static str,
}

const fn program(name: &'static str, package: &'static str, purpose: &'static str) -> Component {
    Component {
        look: Look::Program(name),
        package,
        purpose,
    }
}

/// Every component, servers first.
pub(crate) const COMPONENTS: &[Component] = &[
    program("sshd", "openssh-server", "a server that speaks ssh"),
    program("nginx", "nginx-light", "a server that speaks http and tls"),
    program("redis-server", "redis-server", "a server that speaks redis"),
    Component {
        look: Look::Below("/usr/lib/postgresql", "bin/postgres"),
        package: "postgresql",
        purpose: "a server that speaks postgresql",
    },
    program("exim4", "exim4-daemon-light", "a server that speaks smtp"),
    program(
        "vsftpd",
        "vsftpd",
        "a server that looks like smtp and is not",
    ),
    program(
        "dockerd",
        "docker.io",
        "an engine whose containers are named",
    ),
    program("docker", "docker.io", "telling the engine what to run"),
    program("iptables", "iptables", "an engine that publishes ports"),
    program("busybox", "busybox-static", "a server inside a container"),
    program(
        "systemd-nspawn",
        "systemd-container",
        "booting with systemd",
    ),
    program("debootstrap", "debootstrap", "making what is booted"),
    program("nsenter", "util-linux", "looking around inside a stand"),
    program("ss", "iproute2", "a peer to compare listeners with"),
    program("lsof", "lsof", "a peer to compare owners with"),
    program("netstat", "net-tools", "a peer to compare listeners with"),
    program(
        "nc",
        "netcat-openbsd",
        "a listener that ends after one connection",
    ),
    program("python3", "python3", "a developer's web server"),
    program("script", "bsdutils", "a terminal of 80 columns"),
    program(
        "qemu-system-x86_64",
        "qemu-system-x86",
        "booting a kernel with every transport",
    ),
    program("depmod", "kmod", "putting that kernel's modules in order"),
    program(
        "busybox",
        "busybox-static",
        "the first program of that kernel, and of a container",
    ),
    program("ip", "iproute2", "network namespaces"),
    program("sudo", "sudo", "dropping privileges"),
    program("getent", "libc-bin", "a peer to compare look-ups with"),
    program("script", "bsdutils", "a terminal to answer on"),
    program("unshare", "util-linux", "a pid namespace"),
    program("tmux", "tmux", "a terminal for the live view"),
    program("ps", "procps", "looking at processes"),
    program(
        "strace",
        "strace",
        "killing a process at each of its system calls",
    ),
    program("mount", "mount", "a small file system to fill"),
    program(
        "pwdx",
        "procps",
        "a peer to compare working directories with",
    ),
    program(
        "dpkg",
        "dpkg",
        "packages of files, and a peer to compare them with",
    ),
    program("rpmbuild", "rpm", "a package for a database of its own"),
    program(
        "rpm",
        "rpm",
        "packages of files, and a peer to compare them with",
    ),
    program("unshare", "util-linux", "processes with files of their own"),
    program(
        "setpriv",
        "util-linux",
        "becoming nobody where /proc is another",
    ),
    program("bash", "bash", "a parent that ends before its child"),
    Component {
        look: Look::File("/etc/services"),
        package: "netbase",
        purpose: "names of ports that getent knows too",
    },
];

/// Programs for the superuser, which an ordinary person's path may lack.
const SYSTEM_FOLDERS: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

impl Component {
    /// Whether it is here.
    pub(crate) fn is_present(&self) -> bool {
        match self.look {
            Look::Program(name) => find(name).is_some(),
            Look::Below(folder, inside) => fs::read_dir(folder)
                .into_iter()
                .flatten()
                .flatten()
                .any(|entry| entry.path().join(inside).is_file()),
            Look::File(path) => Path::new(path).is_file(),
        }
    }

    /// The program's name, for people.
    pub(crate) fn name(&self) -> &'static str {
        match self.look {
            Look::Program(name) => name,
            Look::Below(_, inside) => inside.rsplit('/').next().unwrap_or(inside),
            Look::File(path) => path,
        }
    }
}

/// The rows whose component is absent.
pub(crate) fn missing() -> Vec<Component> {
    COMPONENTS
        .iter()
        .filter(|component| !component.is_present())
        .copied()
        .collect()
}

/// The packages that bring these components, each once.
pub(crate) fn packages(components: &[Component]) -> Vec<&'static str> {
    let mut packages: Vec<&str> = components
        .iter()
        .map(|component| component.package)
        .collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// The program's file, on the path or among the system's programs.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(SYSTEM_FOLDERS.iter().map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_and_an_absent_one_is_not() {
        assert!(program("sh", "dash", "").is_present());
        assert!(!program("no-such-program-here", "none", "").is_present());
    }

    #[test]
    fn a_versioned_folder_is_searched() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("15/bin")).unwrap();
        fs::write(folder.path().join("15/bin/postgres"), "").unwrap();
        let root: &'static str = folder.path().to_str().unwrap().to_owned().leak();
        let row = |inside| Component {
            look: Look::Below(root, inside),
            package: "",
            purpose: "",
        };
        assert!(row("bin/postgres").is_present());
        assert!(!row("bin/mysqld").is_present());
        assert_eq!(row("bin/postgres").name(), "postgres");
    }

    #[test]
    fn a_package_is_asked_for_once() {
        let rows = [
            program("a", "p", ""),
            program("b", "q", ""),
            program("c", "p", ""),
        ];
        assert_eq!(packages(&rows), ["p", "q"]);
    }
}
