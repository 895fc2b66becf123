//! Asks systemd through its own systemctl(1), which talks to it directly where there is no bus.
//!
//! That socket, `/run/systemd/private`, is root's alone, and systemd signs what it says there with
//! a name that is no unique name of D-Bus, which zbus takes for a malformed message.

use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use portolan_ports::Why;

use super::bus::{PATIENCE, Refusal};
use super::{Place, place};
use crate::linux::patience::Patience;

/// Where the program lies; never looked for on a path that somebody else wrote.
const PROGRAMS: [&str; 2] = ["/usr/bin/systemctl", "/bin/systemctl"];
/// The most that is read of its answer; a unit takes about 200 bytes.
const MOST_BYTES: usize = 1 << 20;

/// The places at which active socket units listen.
///
/// # Errors
/// Why systemctl could not be run, or did not end in time.
pub(super) fn places() -> Result<Vec<Place>, Refusal> {
    let failed = |detail: String| (Why::Failed, detail);
    let program = PROGRAMS.iter().find(|program| Path::new(program).exists());
    let program = program.ok_or_else(|| failed("there is no systemctl".to_owned()))?;
    let properties = "--property=Id,Listen,Triggers,SocketProtocol,BindIPv6Only,BindToDevice";
    let mut child = Command::new(program)
        .args([
            "show",
            "--no-pager",
            "--state=active",
            properties,
            "*.socket",
        ])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(format!("{program}: {error}")))?;
    let answer = child.stdout.take().map(read).unwrap_or_default();
    end(&mut child);
    match answer {
        Some(text) => Ok(parse(&String::from_utf8_lossy(&text))),
        None => {
            let within = PATIENCE.as_millis();
            Err(failed(format!(
                "{program}: no whole answer within {within} ms"
            )))
        }
    }
}

/// Everything that comes until the end; `None` where it is too late or too much.
fn read(mut output: ChildStdout) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let mut buffer = [0; 16 << 10];
    let patience = Patience::of(PATIENCE);
    while text.len() <= MOST_BYTES {
        if patience.until_readable(&output) != Ok(true) {
            return None;
        }
        match output.read(&mut buffer) {
            Ok(0) => return Some(text),
            Ok(length) => text.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    None
}

/// Ends it where it has not ended, and takes its remains.
fn end(child: &mut Child) {
    let _ended_already = child.kill();
    let _gone = child.wait();
}

/// The units that `systemctl show` describes: lines of `KEY=VALUE`, a blank one after each unit.
fn parse(text: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for block in text.split("\n\n") {
        let lines = || block.lines().filter_map(|line| line.split_once('='));
        let value = |key: &str| lines().find(|(k, _)| *k == key).map(|(_, value)| value);
        let Some(unit) = value("Id") else { continue };
        let protocol = value("SocketProtocol").and_then(|number| number.parse().ok());
        let text = |key| value(key).unwrap_or_default();
        for (_, listen) in lines().filter(|(key, _)| *key == "Listen") {
            let parts = listen.rsplit_once(" (");
            let found = parts.and_then(|(address, kind)| {
                place(kind.strip_suffix(')')?, address, protocol.unwrap_or(0))
            });
            let Some((transport, address, port, scoped)) = found else {
                continue;
            };
            places.push(Place {
                unit: unit.to_owned(),
                transport,
                address,
                port,
                scoped,
                v6_only: text("BindIPv6Only").to_owned(),
                device: text("BindToDevice").to_owned(),
                triggers: text("Triggers").split(' ').map(str::to_owned).collect(),
            });
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systemctl_shows_is_read() {
        let text = "BindIPv6Only=default\nBindToDevice=\nListen=/run/x (Stream)\n\
                    Listen=[::]:7102 (Stream)\nListen=127.0.0.1:7102 (Datagram)\nSocketProtocol=0\n\
                    Id=a.socket\nTriggers=a.service b.service\n\nId=b.socket\nListen=x\n\n\n=\n";
        let places = parse(text);
        let told: Vec<String> = places
            .iter()
            .map(|p| {
                format!(
                    "{} {} {} {} {:?}",
                    p.unit, p.transport, p.address, p.port, p.triggers
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "a.socket tcp :: 7102 [\"a.service\", \"b.service\"]",
                "a.socket udp 127.0.0.1 7102 [\"a.service\", \"b.service\"]",
            ]
        );
    }
}
