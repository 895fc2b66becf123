//! Owners: the distinct (transport, port, process) triples that a listing names, whatever its form.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

/// Transport, port and process id.
pub(crate) type Owner = (String, u16, u32);

/// How to read a listing.
pub(crate) type Read = fn(&str) -> Result<BTreeSet<Owner>>;

/// `ss -tulnp`.
pub(crate) fn ss(text: &str) -> Result<BTreeSet<Owner>> {
    let mut owners = BTreeSet::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [transport @ ("tcp" | "udp"), _, _, _, local, ..] = fields[..] else {
            continue;
        };
        let Some(port) = port(local) else { continue };
        for part in line.split("pid=").skip(1) {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            if let Ok(pid) = digits.parse() {
                owners.insert((transport.to_owned(), port, pid));
            }
        }
    }
    Ok(owners)
}

/// `lsof -nP -i`: listeners and unconnected UDP sockets only.
pub(crate) fn lsof(text: &str) -> Result<BTreeSet<Owner>> {
    let mut owners = BTreeSet::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, pid, _, _, _, _, _, transport, local, rest @ ..] = &fields[..] else {
            continue;
        };
        let listens = match *transport {
            "TCP" => rest.first() == Some(&"(LISTEN)"),
            "UDP" => !local.contains("->"),
            _ => false,
        };
        if let (true, Some(port), Ok(pid)) = (listens, port(local), pid.parse()) {
            owners.insert((transport.to_lowercase(), port, pid));
        }
    }
    Ok(owners)
}

/// `netstat -tulnp`, which names one process per socket.
pub(crate) fn netstat(text: &str) -> Result<BTreeSet<Owner>> {
    let mut owners = BTreeSet::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [kind, _, _, local, _, rest @ ..] = &fields[..] else {
            continue;
        };
        let Some(transport) = ["tcp", "udp"]
            .into_iter()
            .find(|word| kind.starts_with(word))
        else {
            continue;
        };
        let pid = rest
            .iter()
            .find_map(|field| field.split_once('/')?.0.parse().ok());
        if let (Some(port), Some(pid)) = (port(local), pid) {
            owners.insert((transport.to_owned(), port, pid));
        }
    }
    Ok(owners)
}

/// `portolan listen --json`.
pub(crate) fn portolan(text: &str) -> Result<BTreeSet<Owner>> {
    let document: serde_json::Value =
        serde_json::from_str(text).context("cannot read portolan's JSON")?;
    let listeners = document["listeners"]
        .as_array()
        .context("portolan's JSON has no listeners")?;
    let mut owners = BTreeSet::new();
    for listener in listeners {
        let (Some(transport), Some(port)) =
            (listener["transport"].as_str(), listener["port"].as_u64())
        else {
            continue;
        };
        for owner in listener["owners"].as_array().into_iter().flatten() {
            if let Some(pid) = owner["pid"].as_u64() {
                owners.insert((
                    transport.to_owned(),
                    u16::try_from(port)?,
                    u32::try_from(pid)?,
                ));
            }
        }
    }
    Ok(owners)
}

fn port(address: &str) -> Option<u16> {
    address.rsplit_once(':')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(owners: Result<BTreeSet<Owner>>) -> String {
        let all = owners.unwrap().into_iter();
        all.map(|(transport, port, pid)| format!("{transport}/{port}:{pid}"))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn ss_names_every_process_of_a_socket() {
        let text = "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n\
            udp   UNCONN 0      0            0.0.0.0:68       0.0.0.0:*    users:((\"dhclient\",pid=12,fd=9))\n\
            tcp   LISTEN 0      511             [::]:80          [::]:*    users:((\"nginx\",pid=2,fd=6),(\"nginx\",pid=1,fd=6))\n\
            tcp   LISTEN 0      5     127.0.0.1%lo:22       0.0.0.0:*\n";
        assert_eq!(told(ss(text)), "tcp/80:1 tcp/80:2 udp/68:12");
    }

    #[test]
    fn lsof_names_connections_too_and_they_are_left_out() {
        let text = "COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\n\
            nginx 1 root 6u IPv4 11 0t0 TCP *:80 (LISTEN)\n\
            nginx 1 root 7u IPv4 12 0t0 TCP 127.0.0.1:80->127.0.0.1:5 (ESTABLISHED)\n\
            dns 3 root 7u IPv6 13 0t0 UDP [::1]:53\n\
            dns 3 root 8u IPv4 14 0t0 UDP 127.0.0.1:99->127.0.0.1:53\n\
            dhc 4 root 8u IPv4 15 0t0 UDP *:*\n";
        assert_eq!(told(lsof(text)), "tcp/80:1 udp/53:3");
    }

    #[test]
    fn netstat_has_no_state_for_udp() {
        let text = "Active Internet connections (only servers)\n\
            Proto Recv-Q Send-Q Local Address Foreign Address State PID/Program name\n\
            tcp6 0 0 :::80 :::* LISTEN 1/nginx: master\n\
            udp 0 0 0.0.0.0:68 0.0.0.0:* 12/dhclient\n\
            tcp 0 0 127.0.0.1:22 0.0.0.0:* LISTEN -\n";
        assert_eq!(told(netstat(text)), "tcp/80:1 udp/68:12");
    }

    #[test]
    fn portolan_names_them_in_its_document() {
        let text = r#"{"listeners":[{"transport":"tcp","port":80,"owners":[{"pid":2},{"pid":1}]},
            {"transport":"udp","port":68,"owners":[]}]}"#;
        assert_eq!(told(portolan(text)), "tcp/80:1 tcp/80:2");
        assert!(portolan("[]").is_err());
    }
}
