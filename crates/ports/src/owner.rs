//! Who holds a socket: a process, and where it lives. A pid is an attribute, no identity.

use std::fmt;
use std::time::SystemTime;

/// A process that holds a listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// The process id, in the observer's pid namespace.
    pub pid: u32,
    /// The program's short name: the base name of its executable, or the name it was started
    /// under where that is another one (busybox as httpd), or the base name of its first argument
    /// where the executable may not be read, or the kernel's `comm`.
    pub program: String,
    /// The executable's path, without the kernel's " (deleted)".
    pub exe: Option<String>,
    /// Whether the file at that path is still the one that runs.
    pub exe_state: ExeState,
    /// The command line, one element per argument, bounded; may hold secrets: show it through
    /// [`redact`](crate::redact) alone.
    pub arguments: Vec<String>,
    /// The effective user id.
    pub uid: Option<u32>,
    /// That user's name, where the user database knows it.
    pub user: Option<String>,
    /// The systemd unit, from the control group.
    pub unit: Option<Unit>,
    /// The container, from the control group.
    pub container: Option<Container>,
    /// The Kubernetes pod, from the control group.
    pub pod: Option<Pod>,
    /// Its working directory, as the kernel tells it (proc_pid_cwd(5)): one that has been deleted
    /// ends in ` (deleted)`. Only where details were asked for.
    pub working_folder: Option<String>,
    /// When it started; only where details were asked for. As exact as the kernel's clock ticks.
    pub started: Option<SystemTime>,
    /// Its parent, that one's parent, and so on up to the first process; only where details were
    /// asked for.
    pub parents: Vec<Ancestor>,
    /// The package that its executable belongs to; only where details were asked for.
    pub package: Option<Package>,
}

/// What became of the executable since the process started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExeState {
    /// Not looked at, or not readable.
    #[default]
    Unknown,
    /// The file at the path is the one that runs.
    Present,
    /// The path is gone.
    Deleted,
    /// Another file has taken the path.
    Replaced,
}

impl ExeState {
    /// The JSON value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Present => "present",
            Self::Deleted => "deleted",
            Self::Replaced => "replaced",
        }
    }
}

/// A systemd unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit(pub String);

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Container {
    /// The engine's usual name: docker, podman, containerd, cri-o, lxc.
    pub runtime: String,
    /// The engine's identifier; 64 hexadecimal digits for most.
    pub id: String,
    /// The name its user gave it, where it could be asked for.
    pub name: Option<String>,
    /// The image it was made from, where it could be asked for.
    pub image: Option<String>,
}

impl fmt::Display for Container {
    /// `docker web1`; without a name the beginning of the id, as engines show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = || self.id.get(..12).unwrap_or(&self.id);
        let name = self.name.as_deref().unwrap_or_else(short);
        write!(f, "{} {name}", self.runtime)
    }
}

/// A Kubernetes pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pod {
    /// Its UID (RFC 9562 text form; 32 hexadecimal digits for a pod of the kubelet's own files),
    /// from the control group.
    pub uid: String,
    /// Its namespace and name, where the engine could be asked for them.
    pub name: Option<String>,
}

/// A process above another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ancestor {
    /// Its process id.
    pub pid: u32,
    /// The kernel's short name for it (`comm`, proc_pid_comm(5)), at most 15 bytes.
    pub program: String,
}

/// An installed package of this system's package database.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Package {
    /// The database: `dpkg` or `rpm`.
    pub system: &'static str,
    /// The package's name.
    pub name: String,
    /// Its version with the packager's revision, where the database tells it.
    pub version: Option<String>,
}
