//! Where container engines may be asked on this machine.

use std::env;
use std::path::{Path, PathBuf};

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
    pub(super) fn of_this_machine() -> Self {
        let mut engines: Vec<Engine> = Vec::new();
        let mut add = |runtime, socket: PathBuf, awake| {
            // Resolved, since /var/run is /run on most machines.
            let Ok(socket) = socket.canonicalize() else {
                return;
            };
            if engines.iter().all(|engine| engine.socket != socket) {
                engines.push(Engine {
                    runtime,
                    socket,
                    awake,
                });
            }
        };
        let host = env::var("DOCKER_HOST").unwrap_or_default();
        if let Some(path) = host.strip_prefix("unix://") {
            let runtime = if path.contains("podman") {
                "podman"
            } else {
                "docker"
            };
            add(runtime, path.into(), true);
        }
        // dockerd writes it when it starts and removes it when it ends.
        let runs = ["/run/docker.pid", "/var/run/docker.pid"];
        let runs = runs.iter().any(|file| Path::new(file).exists());
        add("docker", "/run/docker.sock".into(), runs);
        add("docker", "/var/run/docker.sock".into(), runs);
        add("podman", "/run/podman/podman.sock".into(), false);
        if let Some(folder) = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from) {
            let runs = folder.join("docker.pid").exists();
            add("docker", folder.join("docker.sock"), runs);
            add("podman", folder.join("podman/podman.sock"), false);
        }
        Self {
            engines,
            roots: Roots::default(),
        }
    }
}
