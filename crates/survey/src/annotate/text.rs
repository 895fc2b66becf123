//! Lines: the greppable form, lists, and plain addresses with ports.

use portolan_registry::{Port, Transport};

use super::claim::{Claim, Collector};
use crate::query::{Query, Target};

/// The longest line: all ports of a host, each with a product and a version.
const MOST_LINE: usize = 16 << 20;

pub(super) fn read(bytes: &[u8], collector: &mut Collector) {
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if line.len() > MOST_LINE {
            collector.fault(number, "longer than 16 MiB");
            continue;
        }
        let line = String::from_utf8_lossy(line);
        let line = line.trim().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Err(why) = one(line, number, collector) {
            collector.fault(number, why);
        }
    }
}

fn one(line: &str, number: u64, collector: &mut Collector) -> Result<(), String> {
    let fields = || line.split('\t');
    if let Some(host) = fields().find_map(|f| f.trim().strip_prefix("Host: ")) {
        return greppable(host, fields(), number, collector);
    }
    if let Some((host, ports)) = line.split_once(" -> ") {
        return arrow(host, ports, number, collector);
    }
    let words: Vec<&str> = line.split_whitespace().take(6).collect();
    if let [
        state @ ("open" | "closed" | "banner"),
        transport,
        port,
        host,
        rest @ ..,
    ] = words.as_slice()
        && let Ok(transport) = transport.parse()
    {
        let service = match (*state, rest) {
            ("banner", [_, service, ..]) => Some((*service).to_owned()),
            _ => None,
        };
        let state = if *state == "closed" { "closed" } else { "open" };
        let claim = Claim {
            service,
            ..claim(host, number_of(port)?, transport, number)?
        };
        collector.take(state, claim);
        return Ok(());
    }
    let Some(word) = words.first().filter(|_| words.len() == 1) else {
        return Err(format!("no host and port in {line:?}"));
    };
    match Query::parse(word) {
        Ok(Query::Target(Target {
            host,
            port,
            transport,
        })) => {
            collector.take("open", claim(&host, port, transport, number)?);
            Ok(())
        }
        _ => Err(format!("no host and port in {line:?}")),
    }
}

/// `192.0.2.7 (name)` and a field `Ports: 22/open/tcp//ssh//OpenSSH 9.2/, …`: port, state,
/// transport, owner, service, program number, version.
fn greppable<'a>(
    host: &str,
    fields: impl Iterator<Item = &'a str>,
    line: u64,
    collector: &mut Collector,
) -> Result<(), String> {
    // One field may hold the host and the ports, with spaces between.
    let (host, inline) = match host.split_once("Ports: ") {
        Some((host, ports)) => (host, Some(ports)),
        None => (host, None),
    };
    let mut words = host.split_whitespace();
    let address = words.next().ok_or("a host without an address")?;
    let name = words
        .next()
        .and_then(|w| w.strip_prefix('(')?.strip_suffix(')'))
        .filter(|name| !name.is_empty());
    let mut fields = fields.filter_map(|f| f.trim().strip_prefix("Ports: "));
    let Some(ports) = inline.or_else(|| fields.next()) else {
        // A line that says that the host is up, or how many ports were left out.
        return Ok(());
    };
    for entry in ports.split(", ") {
        let parts: Vec<&str> = entry.trim().splitn(8, '/').collect();
        let part = |at: usize| parts.get(at).copied().filter(|text| !text.is_empty());
        let (Some(port), Some(state)) = (part(0), part(1)) else {
            collector.fault(line, format!("no port and state in {entry:?}"));
            continue;
        };
        let transport = part(2).unwrap_or("tcp").parse::<Transport>();
        let made = match (number_of(port), transport) {
            (Ok(port), Ok(transport)) => claim(address, port, transport, line),
            (Err(why), _) => Err(why),
            (_, Err(_)) => Err(format!("no transport in {entry:?}")),
        };
        match made {
            Ok(claim) => {
                let service = part(4).map(|text| text.rsplit('|').next().unwrap_or(text));
                let claim = Claim {
                    name: name.map(str::to_owned),
                    service: service.map(|s| s.trim_end_matches('?').to_owned()),
                    // A question mark, or nothing beside the name, as the form marks what was
                    // taken from a table of numbers.
                    by_number: service.is_some_and(|s| s.ends_with('?')),
                    product: part(6).map(str::to_owned),
                    tls: part(4).is_some_and(|text| text.starts_with("ssl|")),
                    ..claim
                };
                collector.take(state, claim);
            }
            Err(why) => collector.fault(line, why),
        }
    }
    Ok(())
}

/// `192.0.2.7 -> [22,80]`
fn arrow(host: &str, ports: &str, line: u64, collector: &mut Collector) -> Result<(), String> {
    let list = ports
        .trim()
        .strip_prefix('[')
        .and_then(|p| p.strip_suffix(']'));
    let list = list.ok_or_else(|| format!("no list of ports in {ports:?}"))?;
    for port in list.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let made = number_of(port).and_then(|p| claim(host.trim(), p, Transport::Tcp, line));
        match made {
            Ok(claim) => collector.take("open", claim),
            Err(why) => collector.fault(line, why),
        }
    }
    Ok(())
}

fn number_of(text: &str) -> Result<Port, String> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| format!("{text:?} is no port"))
}

fn claim(host: &str, port: Port, transport: Transport, line: u64) -> Result<Claim, String> {
    if host.is_empty() || port == 0 {
        return Err("no host or no port".into());
    }
    Ok(Claim::new(host.to_owned(), port, transport, line))
}
