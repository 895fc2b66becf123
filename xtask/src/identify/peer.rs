//! The peer: nmap's version detection of the same ports, timed as a process; what it prints goes to the
//! terminal and is not read here.

use std::process::Command;
use std::time::Duration;

use crate::clock;

/// How long it took; in words where it could not run.
pub(crate) type Peer = Result<Duration, String>;

/// `nmap -sV` over the same ports of 127.0.0.1, as one process.
pub(crate) fn nmap(targets: &[(u16, &'static str)]) -> Peer {
    let list = |transport: &str, letter: &str| {
        let ports = targets.iter().filter(|(_, own)| *own == transport);
        let ports: Vec<String> = ports.map(|(port, _)| port.to_string()).collect();
        (!ports.is_empty()).then(|| format!("{letter}:{}", ports.join(",")))
    };
    let lists: Vec<String> = [list("tcp", "T"), list("udp", "U")]
        .into_iter()
        .flatten()
        .collect();
    let mut command = Command::new("nmap");
    command.args(["-n", "-Pn", "-sV", "-sT"]);
    if lists.iter().any(|list| list.starts_with('U')) {
        command.arg("-sU");
    }
    command.args(["-p", &lists.join(","), "127.0.0.1"]);
    println!("nmap -sV of the same ports; this takes minutes");
    match clock::timed(|| command.status()) {
        (Ok(status), took) if status.success() => Ok(took),
        (Ok(status), _) => Err(format!("nmap ended with {status}")),
        (Err(error), _) => Err(format!(
            "nmap does not start: {error}; apt-get install --no-install-recommends nmap"
        )),
    }
}
