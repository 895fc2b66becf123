//! What engines without an API of docker's kind leave on the disk about their containers.
//!
//! Source: the OCI runtime specification's `config.json`, its annotations: containerd's own
//!         (`pkg/cri/annotations`), nerdctl's, cri-o's (`pkg/annotations`); for podman the list
//!         that containers/storage keeps.
//! Cost:   one file for each container without a name, at most [`MOST_BYTES`] of it.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Told;

/// The most that is read of one file.
const MOST_BYTES: u64 = 4 << 20;
/// The most namespaces of containerd that are looked into.
const MOST_NAMESPACES: usize = 64;

/// Where engines keep their bundles.
#[derive(Debug)]
pub(super) struct Roots {
    /// containerd's, one folder for each of its namespaces, in those one for each container.
    pub(super) containerd: PathBuf,
    /// cri-o's, one folder for each container.
    pub(super) crio: PathBuf,
    /// The lists of containers/storage, which podman uses.
    pub(super) podman: Vec<PathBuf>,
}

impl Default for Roots {
    fn default() -> Self {
        Self {
            containerd: "/run/containerd/io.containerd.runtime.v2.task".into(),
            crio: "/run/containers/storage/overlay-containers".into(),
            podman: vec![
                "/var/lib/containers/storage/overlay-containers/containers.json".into(),
                "/run/containers/storage/overlay-containers/volatile-containers.json".into(),
            ],
        }
    }
}

/// What was found of a container.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Found {
    /// This.
    Told(Told),
    /// Its file is there, and this user may not read it; or the folder above it hides whether it is.
    Hidden(PathBuf),
    /// Nothing, or nothing that makes sense.
    #[default]
    Nothing,
}

impl Roots {
    /// What lies here about the container `id` of `runtime`, `kubernetes` standing for whichever.
    pub(super) fn find(&self, runtime: &str, id: &str) -> Found {
        // It becomes part of a path.
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Found::Nothing;
        }
        match runtime {
            "containerd" => self.containerd(id),
            "cri-o" => self.crio(id),
            "podman" => self.podman(id),
            "kubernetes" => match self.containerd(id) {
                Found::Nothing => self.crio(id),
                found => found,
            },
            _ => Found::Nothing,
        }
    }

    fn containerd(&self, id: &str) -> Found {
        let entries = match fs::read_dir(&self.containerd) {
            Ok(entries) => entries,
            Err(error) => return absent(&self.containerd, &error),
        };
        let mut hidden = None;
        for entry in entries.flatten().take(MOST_NAMESPACES) {
            match config(&entry.path().join(id).join("config.json")) {
                Found::Nothing => {}
                Found::Hidden(path) => hidden = Some(path),
                Found::Told(told) => {
                    return Found::Told(Told {
                        runtime: Some("containerd"),
                        ..told
                    });
                }
            }
        }
        hidden.map_or(Found::Nothing, Found::Hidden)
    }

    fn crio(&self, id: &str) -> Found {
        match config(&self.crio.join(id).join("userdata/config.json")) {
            Found::Told(told) => Found::Told(Told {
                runtime: Some("cri-o"),
                ..told
            }),
            found => found,
        }
    }

    fn podman(&self, id: &str) -> Found {
        let mut hidden = None;
        for list in &self.podman {
            let text = match read(list) {
                Ok(text) => text,
                Err(Found::Hidden(path)) => {
                    hidden = Some(path);
                    continue;
                }
                Err(_) => continue,
            };
            let rows: Vec<Stored> = serde_json::from_slice(&text).unwrap_or_default();
            if let Some(row) = rows.into_iter().find(|row| row.id.starts_with(id)) {
                return Found::Told(row.told());
            }
        }
        hidden.map_or(Found::Nothing, Found::Hidden)
    }
}

/// One element of the list of containers/storage.
#[derive(Deserialize)]
struct Stored {
    id: String,
    #[serde(default)]
    names: Vec<String>,
    /// A JSON text in a JSON string.
    #[serde(default)]
    metadata: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Metadata {
    #[serde(default)]
    image_name: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

impl Stored {
    fn told(self) -> Told {
        let metadata: Metadata = serde_json::from_str(&self.metadata).unwrap_or_default();
        Told {
            runtime: Some("podman"),
            name: self.names.into_iter().next().or(metadata.name),
            image: metadata.image_name.filter(|image| !image.is_empty()),
            pod: None,
        }
    }
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    annotations: HashMap<String, String>,
}

/// What the annotations of one `config.json` say.
fn config(path: &Path) -> Found {
    let text = match read(path) {
        Ok(text) => text,
        Err(found) => return found,
    };
    let Ok(Config { annotations }) = serde_json::from_slice(&text) else {
        return Found::Nothing;
    };
    let any = |keys: &[&str]| {
        let mut values = keys.iter().filter_map(|key| annotations.get(*key));
        values.find(|value| !value.is_empty()).map(String::as_str)
    };
    let sandbox = any(&[
        "io.kubernetes.cri.container-type",
        "io.kubernetes.cri-o.ContainerType",
    ]) == Some("sandbox");
    let name = any(&[
        "io.kubernetes.cri.container-name",
        "io.kubernetes.container.name",
        "nerdctl/name",
    ]);
    let told = Told {
        runtime: None,
        // A pod's own container holds its namespaces and has no name beside the pod's.
        name: name.or(sandbox.then_some("sandbox")).map(str::to_owned),
        image: any(&[
            "io.kubernetes.cri.image-name",
            "io.kubernetes.cri-o.ImageName",
        ])
        .map(str::to_owned),
        pod: super::pod_name(
            any(&[
                "io.kubernetes.cri.sandbox-namespace",
                "io.kubernetes.pod.namespace",
            ]),
            any(&["io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name"]),
        ),
    };
    if told == Told::default() {
        Found::Nothing
    } else {
        Found::Told(told)
    }
}

/// The file's text; one that is longer than it may be is as good as absent.
fn read(path: &Path) -> Result<Vec<u8>, Found> {
    let mut text = Vec::new();
    let file = File::open(path).map_err(|error| absent(path, &error))?;
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(|error| absent(path, &error))?;
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    if length > MOST_BYTES {
        return Err(Found::Nothing);
    }
    Ok(text)
}

fn absent(path: &Path, error: &std::io::Error) -> Found {
    match error.kind() {
        ErrorKind::PermissionDenied => Found::Hidden(path.to_owned()),
        _ => Found::Nothing,
    }
}

#[cfg(test)]
mod tests;
