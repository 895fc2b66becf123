//! Stops a container, by its engine's own program.
//!
//! A subprocess and not a request to the engine's socket: podman has no daemon that listens, the
//! program finds the socket, the host and the user's rights by itself, and what is shown is what a
//! person would type. `stop` also tells the engine not to start the container anew.
//!
//! Source: docker-stop(1), podman-stop(1).

use std::fmt;
use std::time::Duration;

use portolan_ports::Container;

use crate::plan::Reason;

/// Beyond the container's own time to end (10 s unless its maker said otherwise).
const STOP_TIME: Duration = Duration::from_secs(100);
/// What an engine may take beyond the grace.
const MARGIN: Duration = Duration::from_secs(20);
/// As many digits of an id as engines show.
const SHORT: usize = 12;

/// An engine that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Docker Engine.
    Docker,
    /// Podman; a container of another user is that user's alone.
    Podman,
}

/// A container that stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    engine: Engine,
    id: String,
    name: Option<String>,
    /// How long it has to end by itself before its engine kills it; `None` for its own time.
    kill_after: Option<Duration>,
}

impl Stop {
    /// # Errors
    /// Where the container's engine is none that can be asked, or its id is no id.
    pub fn new(container: &Container, kill_after: Option<Duration>) -> Result<Self, Reason> {
        let engine = match container.runtime.as_str() {
            "docker" => Engine::Docker,
            "podman" => Engine::Podman,
            other => return Err(Reason::OtherEngine(other.to_owned())),
        };
        let is_id = container.id.len() >= SHORT
            && container.id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_id {
            return Err(Reason::UnknownContainer);
        }
        Ok(Self {
            engine,
            id: container.id.clone(),
            name: container.name.clone(),
            kill_after,
        })
    }

    /// The command, as a person would type it.
    #[must_use]
    pub fn command(&self) -> Vec<String> {
        let program = match self.engine {
            Engine::Docker => "docker",
            Engine::Podman => "podman",
        };
        let mut words = vec![program.to_owned(), "stop".to_owned()];
        if let Some(grace) = self.kill_after {
            words.push("-t".to_owned());
            words.push(grace.as_secs().to_string());
        }
        words.push(self.id.get(..SHORT).unwrap_or(&self.id).to_owned());
        words
    }

    /// How long the command may take.
    #[must_use]
    pub fn time(&self) -> Duration {
        self.kill_after.map_or(STOP_TIME, |grace| grace + MARGIN)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id.get(..SHORT).unwrap_or(&self.id);
        let name = self.name.as_deref().unwrap_or(id);
        write!(f, "stop the container {name}: {}", self.command().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(runtime: &str, id: &str) -> Container {
        Container {
            runtime: runtime.into(),
            id: id.into(),
            name: Some("web1".into()),
            image: None,
        }
    }

    #[test]
    fn a_container_is_named_by_its_id_and_nothing_else() {
        let id = "0123456789abcdef".repeat(4);
        let grace = Some(Duration::from_secs(3));
        let docker = Stop::new(&container("docker", &id), None).unwrap();
        assert_eq!(
            docker.to_string(),
            "stop the container web1: docker stop 0123456789ab"
        );
        let podman = Stop::new(&container("podman", &id), grace).unwrap();
        assert_eq!(podman.command().join(" "), "podman stop -t 3 0123456789ab");
        assert_eq!(
            Stop::new(&container("docker", "--help"), None),
            Err(Reason::UnknownContainer)
        );
        assert_eq!(
            Stop::new(&container("cri-o", &id), None),
            Err(Reason::OtherEngine("cri-o".into()))
        );
    }
}
