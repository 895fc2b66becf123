//! What a docker-proxy was told to do.

use std::net::{IpAddr, SocketAddr};

use portolan_ports::Owner;
use portolan_registry::Port;

/// What a docker-proxy was started to do: its own arguments, which anyone may write, and so no
/// name but a hint.
pub(super) fn passing(owner: &Owner) -> Option<String> {
    if owner.program != "docker-proxy" {
        return None;
    }
    let value = |flag: &str| {
        let mut words = owner.arguments.iter();
        words.find(|word| *word == flag)?;
        words.next()
    };
    let address = |flag: &str| value(flag)?.parse::<IpAddr>().ok();
    let port = |flag: &str| value(flag)?.parse::<Port>().ok();
    let from = SocketAddr::new(address("-host-ip")?, port("-host-port")?);
    let to = SocketAddr::new(address("-container-ip")?, port("-container-port")?);
    Some(format!("docker-proxy passes {from} on to {to}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_arguments_of_a_proxy_are_a_hint() {
        let owner = |program: &str, line: &str| Owner {
            program: program.to_owned(),
            arguments: line.split(' ').map(str::to_owned).collect(),
            ..Owner::default()
        };
        let line = "/usr/sbin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 \
                    -container-ip 172.17.0.2 -container-port 80";
        assert_eq!(
            passing(&owner("docker-proxy", line)).as_deref(),
            Some("docker-proxy passes 0.0.0.0:8080 on to 172.17.0.2:80")
        );
        assert_eq!(passing(&owner("nginx", line)), None);
        let bad = line.replace("172.17.0.2", "\u{1b}[2J");
        assert_eq!(passing(&owner("docker-proxy", &bad)), None);
        assert_eq!(
            passing(&owner("docker-proxy", "docker-proxy -host-ip")),
            None
        );
    }
}
