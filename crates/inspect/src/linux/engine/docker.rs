//! An engine that speaks docker's API on a unix socket: docker itself, and podman.
//!
//! Source: `GET /containers/json` of the Docker Engine API, the same in all of its versions for
//! what is read here. HTTP/1.0, so that the answer ends with the connection and comes in one piece.
//! Cost:   one connection and one answer, bounded by [`PATIENCE`] and [`MOST_BYTES`].

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::IpAddr;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use portolan_ports::Why;
use portolan_registry::{Port, Transport};
use rustix::io::Errno;
use serde::Deserialize;

use super::Told;
use crate::linux::patience::Patience;
use crate::linux::unix_socket;

/// How long an engine may take over its whole answer.
const PATIENCE: Duration = Duration::from_millis(400);
/// The longest answer that is read; a container takes about 1 KiB.
const MOST_BYTES: usize = 8 << 20;
/// The longest name, image or pod that is kept.
const LONGEST_NAME: usize = 512;

const REQUEST: &[u8] =
    b"GET /containers/json HTTP/1.0\r\nHost: localhost\r\nAccept: application/json\r\n\r\n";

/// A running container.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Running {
    pub(super) id: String,
    pub(super) told: Told,
    pub(super) mappings: Vec<Mapping>,
    /// The engine's own addresses on the container's networks.
    pub(super) gateways: Vec<IpAddr>,
}

/// A published port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mapping {
    pub(super) transport: Transport,
    /// Unspecified for all of this family; `None` for all of both.
    pub(super) address: Option<IpAddr>,
    pub(super) port: Port,
    pub(super) inside: Port,
}

/// Why an engine told nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) why: Why,
    pub(super) detail: String,
}

impl Refusal {
    fn of(errno: Errno) -> Self {
        let why = match errno {
            Errno::ACCESS | Errno::PERM => Why::Permission,
            Errno::CONNREFUSED | Errno::NOENT => Why::Exited,
            _ => Why::Failed,
        };
        let detail = match errno {
            Errno::AGAIN => "it takes no more connections".to_owned(),
            errno => errno.to_string(),
        };
        Self { why, detail }
    }

    fn failed(detail: impl Into<String>) -> Self {
        Self {
            why: Why::Failed,
            detail: detail.into(),
        }
    }
}

/// Asks the engine whose socket lies at `path` for its running containers.
///
/// # Errors
/// A refusal where the engine may not be asked, is gone, or answers late, hugely or wrongly.
pub(super) fn ask(path: &Path) -> Result<Vec<Running>, Refusal> {
    let mut stream = unix_socket::open(path).map_err(Refusal::of)?;
    parse(&exchange(&mut stream)?)
}

/// Sends the request and reads until the engine closes.
fn exchange(stream: &mut UnixStream) -> Result<Vec<u8>, Refusal> {
    let patience = Patience::of(PATIENCE);
    // An empty socket takes 78 bytes at once, or the other end is no engine.
    if stream.write(REQUEST).map_err(|error| io(&error))? != REQUEST.len() {
        return Err(Refusal::failed("it does not take the question"));
    }
    let mut answer = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return Ok(answer),
            Ok(length) => answer.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if !patience.until_readable(&*stream).map_err(Refusal::of)? {
                    return Err(late());
                }
            }
            Err(error) => return Err(io(&error)),
        }
        if answer.len() > MOST_BYTES {
            return Err(Refusal::failed(format!(
                "its answer is longer than {} MiB",
                MOST_BYTES >> 20
            )));
        }
        if patience.is_over() {
            return Err(late());
        }
    }
}

fn late() -> Refusal {
    Refusal::failed(format!(
        "no whole answer within {} ms",
        PATIENCE.as_millis()
    ))
}

fn io(error: &std::io::Error) -> Refusal {
    Refusal::failed(error.to_string())
}

/// The containers of a whole HTTP answer.
fn parse(answer: &[u8]) -> Result<Vec<Running>, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    let body = match response.parse(answer) {
        Ok(httparse::Status::Complete(length)) => &answer[length..],
        Ok(httparse::Status::Partial) => return Err(Refusal::failed("its answer breaks off")),
        Err(error) => return Err(Refusal::failed(format!("it speaks no HTTP: {error}"))),
    };
    match response.code {
        Some(200) => {}
        Some(code @ (401 | 403)) => {
            return Err(Refusal {
                why: Why::Permission,
                detail: format!("it answers with status {code}"),
            });
        }
        code => {
            let code = code.unwrap_or_default();
            return Err(Refusal::failed(format!("it answers with status {code}")));
        }
    }
    let rows: Vec<Row> = serde_json::from_slice(body)
        .map_err(|error| Refusal::failed(format!("its answer is not understood: {error}")))?;
    Ok(rows.into_iter().filter_map(Row::running).collect())
}

/// One element of the answer; whatever else stands there is passed over.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    image: Option<String>,
    #[serde(default)]
    ports: Option<Vec<PortRow>>,
    #[serde(default)]
    labels: Option<HashMap<String, String>>,
    #[serde(default)]
    network_settings: Option<NetworkRow>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkRow {
    #[serde(default)]
    networks: Option<HashMap<String, Network>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Network {
    #[serde(default)]
    gateway: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PortRow {
    #[serde(default, rename = "IP")]
    ip: Option<String>,
    private_port: Port,
    #[serde(default)]
    public_port: Option<Port>,
    #[serde(rename = "Type")]
    transport: String,
}

impl Row {
    fn running(self) -> Option<Running> {
        if self.id.is_empty() || self.id.len() > LONGEST_NAME {
            return None;
        }
        // A container linked to by others has a name "/other/alias" for each of them, too.
        let names = self.names.unwrap_or_default();
        let own = |name: &&String| !name.trim_start_matches('/').contains('/');
        let name = names.iter().find(own).or(names.first());
        let name = name.map(|name| name.trim_start_matches('/').to_owned());
        let labels = self.labels.unwrap_or_default();
        let label = |key: &str| labels.get(key).map(String::as_str);
        let pod = super::pod_name(
            label("io.kubernetes.pod.namespace"),
            label("io.kubernetes.pod.name"),
        );
        let mut mappings: Vec<Mapping> = self
            .ports
            .unwrap_or_default()
            .iter()
            .filter_map(PortRow::mapping)
            .collect();
        mappings.sort_unstable();
        mappings.dedup();
        let networks = self.network_settings.and_then(|row| row.networks);
        let networks = networks.unwrap_or_default().into_values();
        let gateway = |network: Network| network.gateway?.parse().ok();
        Some(Running {
            id: self.id,
            told: Told {
                runtime: None,
                name: name.filter(|name| fits(name)),
                image: self.image.filter(|image| fits(image)),
                pod: pod.filter(|pod| fits(pod)),
            },
            mappings,
            gateways: networks.filter_map(gateway).collect(),
        })
    }
}

impl PortRow {
    /// `None` for one that is exposed and not published, and for a transport unknown here.
    fn mapping(&self) -> Option<Mapping> {
        let address = match self.ip.as_deref() {
            None | Some("") => None,
            Some(ip) => Some(ip.parse().ok()?),
        };
        Some(Mapping {
            transport: self.transport.parse().ok()?,
            address,
            port: self.public_port.filter(|port| *port != 0)?,
            inside: self.private_port,
        })
    }
}

fn fits(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
}

#[cfg(test)]
mod tests;
