//! Commands of each system that show who is on a port: on exactly that one, where a search for its
//! digits would find others too.

use portolan_registry::{Port, Transport};

/// Commands to type, by system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands {
    /// ss(8), of iproute2.
    pub linux: Vec<String>,
    /// lsof(8); without `sudo` it shows one's own processes alone.
    pub macos: Vec<String>,
    /// PowerShell; `PID` is what the others give as OwningProcess.
    pub windows: Vec<String>,
}

impl Commands {
    /// Each system's name, the word in JSON and its commands.
    #[must_use]
    pub fn by_system(&self) -> [(&'static str, &[String]); 3] {
        [
            ("Linux", &self.linux),
            ("macOS", &self.macos),
            ("Windows", &self.windows),
        ]
    }
}

/// The commands for a port on some transports; for those of several TCP and UDP are meant. None for
/// port 0, on which nothing can listen, and none where a system has no such transport.
#[must_use]
pub fn commands(port: Port, transports: &[Transport]) -> Commands {
    if port == 0 {
        return Commands::default();
    }
    let tcp = transports.contains(&Transport::Tcp);
    let udp = transports.contains(&Transport::Udp);
    let sockets = match (tcp, udp) {
        (true, true) => "tu",
        (true, false) => "t",
        (false, true) => "u",
        (false, false) if transports.contains(&Transport::Sctp) => "S",
        (false, false) => "d",
    };
    let mut commands = Commands {
        linux: vec![format!("ss -H{sockets}lpn 'sport = :{port}'")],
        ..Commands::default()
    };
    if tcp {
        commands
            .macos
            .push(format!("sudo lsof -nP -iTCP:{port} -sTCP:LISTEN"));
        commands.windows.push(format!(
            "Get-NetTCPConnection -LocalPort {port} -State Listen"
        ));
    }
    if udp {
        commands.macos.push(format!("sudo lsof -nP -iUDP:{port}"));
        commands
            .windows
            .push(format!("Get-NetUDPEndpoint -LocalPort {port}"));
    }
    if tcp || udp {
        commands.windows.push("Get-Process -Id PID".to_owned());
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_transport_has_its_own_words() {
        let all = commands(2723, &Transport::ALL);
        assert_eq!(all.linux, ["ss -Htulpn 'sport = :2723'"]);
        assert_eq!(
            all.macos,
            [
                "sudo lsof -nP -iTCP:2723 -sTCP:LISTEN",
                "sudo lsof -nP -iUDP:2723"
            ]
        );
        assert_eq!(
            all.windows,
            [
                "Get-NetTCPConnection -LocalPort 2723 -State Listen",
                "Get-NetUDPEndpoint -LocalPort 2723",
                "Get-Process -Id PID"
            ]
        );
        assert_eq!(
            commands(53, &[Transport::Udp]).linux,
            ["ss -Hulpn 'sport = :53'"]
        );
        let sctp = commands(36412, &[Transport::Sctp]);
        assert_eq!(sctp.linux, ["ss -HSlpn 'sport = :36412'"]);
        assert_eq!((sctp.macos.len(), sctp.windows.len()), (0, 0));
        assert_eq!(commands(0, &Transport::ALL), Commands::default());
    }
}
