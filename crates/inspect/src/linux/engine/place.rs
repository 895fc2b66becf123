//! Where container engines may be asked on this machine.

use std::env;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::bundle::Roots;

/// Where engines may be found.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) engines: Vec<Engine>,
    pub(super) roots: Roots,
}

/// An engine's socket.
#[derive(Debug)]
pub(super) struct Engine {
    /// As in `Container::runtime`.
    pub(super) runtime: &'static str,
    pub(super) socket: PathBuf,
    /// Whether it is asked even where nothing that was seen is its: a published port may have no
    /// socket at all. Not so for one that would first have to be started.
    pub(super) awake: bool,
}

impl Places {
    /// The sockets that are there, each once.
    ///
    /// Where `nothing` was seen that could be an engine's, those that would not be asked are left
    /// out: a look-up of a vacant port pays for two failed calls.
    pub(super) fn of_this_machine(nothing: bool) -> Self {
        let mut engines: Vec<Engine> = Vec::new();
        let mut add = |runtime, socket: PathBuf, awake: &dyn Fn() -> bool| {
            if access(&socket, Access::EXISTS).is_err() {
                return;
            }
            // Resolved, since /var/run is /run on most machines.
            let socket = socket.canonicalize().unwrap_or(socket);
            if engines.iter().all(|engine| engine.socket != socket) {
                engines.push(Engine {
                    runtime,
                    socket,
                    awake: awake(),
                });
            }
        };
        let asleep = || false;
        let host = env::var("DOCKER_HOST").unwrap_or_default();
        if let Some(path) = host.strip_prefix("unix://") {
            let is_podman = path.contains("podman");
            let runtime = if is_podman { "podman" } else { "docker" };
            add(runtime, path.into(), &|| true);
        }
        // dockerd writes it when it starts and removes it when it ends.
        let runs = || {
            ["/run/docker.pid", "/var/run/docker.pid"]
                .iter()
                .any(|f| Path::new(f).exists())
        };
        add("docker", "/run/docker.sock".into(), &runs);
        add("docker", "/var/run/docker.sock".into(), &runs);
        if !nothing {
            add("podman", "/run/podman/podman.sock".into(), &asleep);
        }
        if let Some(folder) = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from) {
            let runs = || folder.join("docker.pid").exists();
            add("docker", folder.join("docker.sock"), &runs);
            add("podman", folder.join("podman/podman.sock"), &asleep);
        }
        Self {
            engines,
            roots: Roots::default(),
        }
    }
}
