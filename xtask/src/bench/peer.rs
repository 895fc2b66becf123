//! A peer: a program people use today, and where it comes from.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::contender::Contender;
use crate::testing::component::find;

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// The program.
    pub(crate) program: &'static str,
    package: &'static str,
    version: &'static str,
    /// A word in the line that tells the version.
    telling: &'static str,
}

const PEERS: &[Peer] = &[
    Peer {
        program: "getent",
        package: "libc-bin",
        version: "--version",
        telling: "getent",
    },
    Peer {
        program: "grep",
        package: "grep",
        version: "--version",
        telling: "grep",
    },
    Peer {
        program: "ss",
        package: "iproute2",
        version: "-V",
        telling: "iproute2",
    },
    Peer {
        program: "lsof",
        package: "lsof",
        version: "-v",
        telling: "revision:",
    },
    Peer {
        program: "netstat",
        package: "net-tools",
        version: "--version",
        telling: "net-tools",
    },
    Peer {
        program: "nmap",
        package: "nmap",
        version: "--version",
        telling: "Nmap version",
    },
    Peer {
        program: "cc",
        package: "gcc libc6-dev",
        version: "--version",
        telling: "cc",
    },
    Peer {
        program: "python3",
        package: "python3",
        version: "--version",
        telling: "Python",
    },
];

impl Peer {
    /// The command that brings it, on Debian.
    pub(crate) fn remedy(&self) -> String {
        format!("apt-get install --no-install-recommends {}", self.package)
    }
}

/// The peers that are not here.
pub(crate) fn missing() -> impl Iterator<Item = &'static Peer> {
    PEERS.iter().filter(|peer| find(peer.program).is_none())
}

/// A peer's command; where the peer is absent it fails in its turn and the table says so.
pub(crate) fn contender(program: &str, arguments: &[&str]) -> Contender {
    let file = find(program).unwrap_or_else(|| PathBuf::from(program));
    Contender::new(program, &file, arguments)
}

/// A Markdown list of everyone's version.
pub(crate) fn versions(portolan: &Path) -> String {
    let mut text = format!("- portolan: {}\n", version(portolan, "--version", ""));
    for peer in PEERS {
        let value = match find(peer.program) {
            Some(file) => version(&file, peer.version, peer.telling),
            None => format!("missing; {}", peer.remedy()),
        };
        text.push_str(&format!("- {}: {value}\n", peer.program));
    }
    text
}

fn version(program: &Path, argument: &str, telling: &str) -> String {
    let Ok(output) = Command::new(program).arg(argument).output() else {
        return "does not start".into();
    };
    // lsof tells it on standard error.
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&said)
        .lines()
        .find(|line| line.contains(telling))
        .map_or_else(|| "does not tell".into(), |line| line.trim().to_owned())
}
