//! What stands around a port, on one line for each answer that differs.

use portolan_registry::{Neighbour, PortRange, Registry, State, Transport};
use portolan_survey::lookup::PortAnswer;

use super::{Output, Tone, one_line};

/// TCP and UDP alone where they are among the transports asked for: few rows speak of the others,
/// whose neighbours are far away.
pub(crate) fn text(port: &PortAnswer<'_>, registry: &Registry, output: &Output) -> String {
    let usual = |t: &Transport| matches!(t, Transport::Tcp | Transport::Udp);
    let asked = || port.standings.iter().map(|(transport, _)| *transport);
    let mut told: Vec<(Vec<&str>, String)> = Vec::new();
    for (transport, standing) in &port.standings {
        if !usual(transport) && asked().any(|t| usual(&t)) {
            continue;
        }
        let near = registry.neighbours(port.port, *transport);
        let side = |neighbour: Option<Neighbour<'_>>| match neighbour {
            Some(n) => one_line(&format!("{} {}", n.port, n.assignment.service_name())),
            None => "none".to_owned(),
        };
        let mut said = format!("{}, {}", side(near.previous), side(near.next));
        if standing.state == State::Unassigned {
            let block = registry.unassigned_block(port.port, *transport);
            let block = block.unwrap_or(PortRange::single(port.port));
            said.push_str(&format!("; unassigned block {block}"));
        }
        match told.iter_mut().find(|(_, other)| *other == said) {
            Some((transports, _)) => transports.push(transport.as_str()),
            None => told.push((vec![transport.as_str()], said)),
        }
    }
    let several = told.len() > 1;
    let mut text = String::new();
    for (transports, said) in told {
        let on = match several {
            true => format!("neighbours on {}: ", transports.join(" ")),
            false => "neighbours: ".to_owned(),
        };
        text.push_str(&format!("  {}{said}\n", output.paint(Tone::Faint, &on)));
    }
    text
}
