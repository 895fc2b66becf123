//! A row: how one real server is started, and what must be told of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::Error;

/// A server. `data/README.md` has the form with an example.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Unique among all rows.
    pub name: String,
    /// The file that it stands in, without `.toml`.
    #[serde(skip)]
    pub family: String,
    /// The Debian packages that bring it; the first has its version.
    pub package: Vec<String>,
    /// Whether its packages clash with others, and are unpacked aside instead of installed.
    #[serde(default)]
    pub aside: bool,
    /// Whether the ordinary tests start it: it listens within a second.
    #[serde(default)]
    pub test: bool,
    /// Whether its TCP ports are kept bound while it starts, which wants SO_REUSEADDR of it.
    #[serde(default = "yes")]
    pub hold: bool,
    /// On the path, among the system's, absolute, or below `{aside}`.
    pub program: String,
    /// What it is started with.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Added to an environment that is otherwise empty but for PATH, HOME and LC_ALL.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Whom it and its commands run as; whoever runs this where there is none.
    pub user: Option<String>,
    /// Written before anything is run.
    #[serde(default)]
    pub files: Vec<File>,
    /// Commands that run to their end before the start.
    #[serde(default)]
    pub before: Vec<Vec<String>>,
    /// Commands that run to their end once it listens.
    #[serde(default)]
    pub after: Vec<Vec<String>>,
    /// Where it listens.
    #[serde(rename = "port")]
    pub ports: Vec<Port>,
}

/// A file in the server's folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Below the folder; folders on the way are made.
    pub path: String,
    /// Octal, such as `755`; 644 where there is none.
    pub mode: Option<String>,
    /// What stands in it.
    pub text: String,
}

/// A port, and what is true of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// `{port}` where it is empty, `{port.NAME}` otherwise. Two of one name and different
    /// transports have one number.
    #[serde(default)]
    pub name: String,
    /// TCP or UDP.
    pub transport: Transport,
    /// Whether it is asked; a port that is not is only kept free for the server.
    #[serde(default = "yes")]
    pub asked: bool,
    /// What must be told.
    #[serde(default)]
    pub protocol: String,
    /// Other names that are right as well.
    #[serde(default)]
    pub accept: Vec<String>,
    /// What must be told; empty where the wire does not tell it, and then nothing must be told.
    #[serde(default)]
    pub product: String,
    /// `package` for the package's upstream version, or it literally; empty where the wire does
    /// not tell it.
    #[serde(default)]
    pub version: String,
    /// Whether it speaks inside TLS.
    #[serde(default)]
    pub tls: bool,
}

/// The two transports that are asked.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Transport {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

fn yes() -> bool {
    true
}

impl Row {
    /// The ports that are asked.
    pub fn asked(&self) -> impl Iterator<Item = &Port> {
        self.ports.iter().filter(|port| port.asked)
    }

    /// Refuses what contradicts itself.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.contradiction() {
            None => Ok(()),
            Some(why) => Err(Error::Row {
                server: self.name.clone(),
                why,
            }),
        }
    }

    fn contradiction(&self) -> Option<String> {
        if self.name.is_empty() || self.package.is_empty() || self.program.is_empty() {
            return Some("name, package or program is empty".into());
        }
        if self.asked().next().is_none() {
            return Some("no port of it is asked".into());
        }
        if [&self.before, &self.after]
            .into_iter()
            .flatten()
            .any(Vec::is_empty)
        {
            return Some("a command of before or after is empty".into());
        }
        if !self.aside && self.program.contains("{aside}") {
            return Some("its program lies aside, and it is not marked aside".into());
        }
        if self.aside && self.test {
            return Some("it lies aside, where the ordinary tests have nothing".into());
        }
        let mut places = BTreeSet::new();
        for port in &self.ports {
            if !places.insert((&port.name, port.transport)) {
                return Some(format!(
                    "two {} ports {:?}",
                    port.transport.as_str(),
                    port.name
                ));
            }
            if port.asked && port.protocol.is_empty() {
                return Some(format!("port {:?} is asked and has no protocol", port.name));
            }
            if port.product.is_empty() && !port.version.is_empty() {
                return Some(format!("port {:?} has a version of no product", port.name));
            }
        }
        None
    }
}
