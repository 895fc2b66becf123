//! Many ports as a table: neighbours of which the registry says the same become one line.

use portolan_ports::Presence;
use portolan_registry::{Assignment, PortRange, Standing, State, Transport};
use portolan_survey::Sources;
use portolan_survey::lookup::{Answer, PortAnswer, SiteClaim};
use portolan_survey::query::Query;

use super::standing::says_the_same;
use crate::print::judged::owners;
use crate::print::{Columns, Output, Tone, one_line};

/// The table, and how many facts there are to read.
pub(super) fn text(answer: &Answer<'_>, sources: &Sources<'_>, output: &Output) -> String {
    let looked = answer.ports.iter().any(|port| port.presence.is_some());
    let here = if looked { "HERE" } else { "" };
    let mut columns = Columns::new(["PORTS", "TRANSPORT", "STATE", "SAYS", here]);
    let mut rest = answer.ports.as_slice();
    while let Some(first) = rest.first() {
        let alike = rest
            .iter()
            .take_while(|port| is_alike(first, port))
            .count()
            .max(1);
        let (group, after) = rest.split_at(alike);
        rest = after;
        let last = group.last().map_or(first.port, |port| port.port);
        let ports = PortRange::new(first.port, last)
            .map(|r| r.to_string())
            .unwrap_or_default();
        table_rows(&mut columns, ports, first);
    }
    let mut text = columns.text(0, output);
    if let Query::Ports { ports, .. } = &answer.query {
        let ports = ports.to_string();
        text.push_str(&super::site::on_others(
            answer.site_elsewhere,
            &ports,
            0,
            output,
        ));
    }
    let mut known: Vec<_> = answer.ports.iter().flat_map(|port| &port.facts).collect();
    known.dedup();
    known.sort_by_key(|fact| (fact.ports, fact.text));
    known.dedup();
    if !known.is_empty() {
        text.push_str(&format!(
            "{} known of these ports (knowledge of {}); name one port to read more\n",
            if known.len() == 1 {
                "1 fact is".to_owned()
            } else {
                format!("{} facts are", known.len())
            },
            sources.knowledge.date()
        ));
    }
    text
}

fn is_alike(a: &PortAnswer<'_>, b: &PortAnswer<'_>) -> bool {
    a.presence == b.presence
        && a.listeners.is_empty()
        && b.listeners.is_empty()
        && a.site == b.site
        && a.standings
            .iter()
            .zip(&b.standings)
            .all(|((_, a), (_, b))| a == b)
}

fn table_rows(columns: &mut Columns<5>, ports: String, port: &PortAnswer<'_>) {
    let mut groups: Vec<(Vec<&str>, &Standing<'_>)> = Vec::new();
    for (transport, standing) in &port.standings {
        match groups
            .iter_mut()
            .find(|(_, other)| says_the_same(other, standing))
        {
            Some((transports, _)) => transports.push(transport.as_str()),
            None => groups.push((vec![transport.as_str()], standing)),
        }
    }
    // That no row speaks of the other transports goes without saying beside one that does.
    if groups
        .iter()
        .any(|(_, standing)| !standing.assignments.is_empty())
    {
        groups.retain(|(_, standing)| !standing.assignments.is_empty());
    }
    let mut ports = (ports, Tone::Strong);
    let mut here = match port.presence {
        Some(Presence::Listening) => {
            let held: Vec<String> = port
                .listeners
                .iter()
                .map(|judged| owners(&judged.listener))
                .collect();
            (held.join(", "), Tone::Good)
        }
        Some(Presence::InUse) => ("in use".to_owned(), Tone::Plain),
        Some(presence) => (presence.as_str().to_owned(), Tone::Faint),
        None => (String::new(), Tone::Plain),
    };
    let nothing = || (String::new(), Tone::Plain);
    for record in &port.site {
        let asked = port
            .transports()
            .filter(|t| record.covers_on(port.port, *t));
        let transports: Vec<&str> = asked.map(Transport::as_str).collect();
        if transports.is_empty() {
            continue;
        }
        let title = match record.fields.service_name.as_str() {
            "" => format!("this site, {}", record.citation()),
            name => format!("{name} (this site, {})", record.citation()),
        };
        columns.push([
            std::mem::replace(&mut ports, nothing()),
            (transports.join(" "), Tone::Plain),
            (record.status.as_str().to_owned(), Tone::Plain),
            (one_line(&title), Tone::Plain),
            std::mem::replace(&mut here, nothing()),
        ]);
    }
    let held_back = port
        .transports()
        .filter_map(|t| match port.site_claim(t)? {
            SiteClaim::OtherTransport(record) => Some((t.as_str(), record)),
            SiteClaim::Assigned(_) | SiteClaim::Reserved(_) => None,
        })
        .collect::<Vec<_>>();
    if let Some((_, record)) = held_back.first() {
        let transports: Vec<&str> = held_back.iter().map(|(transport, _)| *transport).collect();
        let state = State::Reserved.as_str();
        columns.push([
            std::mem::replace(&mut ports, nothing()),
            (transports.join(" "), Tone::Plain),
            (state.to_owned(), Tone::Plain),
            (
                format!("held back by {} (site)", record.citation()),
                Tone::Plain,
            ),
            std::mem::replace(&mut here, nothing()),
        ]);
    }
    let by_iana = if port.site.is_empty() { "" } else { " (IANA)" };
    for (transports, standing) in groups {
        let named: Vec<&str> = standing
            .assignments
            .iter()
            .filter(|row| row.is_named())
            .map(Assignment::service_name)
            .collect();
        let says = if named.is_empty() {
            one_line(&standing.because.to_string())
        } else {
            one_line(&named.join(", "))
        };
        columns.push([
            std::mem::replace(&mut ports, nothing()),
            (transports.join(" "), Tone::Plain),
            (standing.state.as_str().to_owned(), Tone::Plain),
            (format!("{says}{by_iana}"), Tone::Plain),
            std::mem::replace(&mut here, nothing()),
        ]);
    }
}
