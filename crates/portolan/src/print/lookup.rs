//! A look-up as text: for one port the whole story, for many a table.

use portolan_ports::{FindingKind, Presence};
use portolan_registry::{
    Assignment, Column, Origin, PortRange, RangeKind, Standing, State, Transport, mentioned_ports,
};
use portolan_survey::Sources;
use portolan_survey::lookup::{Answer, Lookup, PortAnswer};
use portolan_survey::query::Query;

use super::judged::{address, answer, gap_lines, owners, place, spoken, verdict};
use super::{Columns, Output, Tone, neutral, one_line};

/// The most ports that are told one by one; more become a table.
const MOST_IN_FULL: usize = 4;

pub(crate) fn text(found: &Lookup<'_>, sources: &Sources<'_>, output: &Output) -> String {
    let mut parts = Vec::new();
    for answer in found.answers.iter().filter(|answer| answer.is_known()) {
        if answer.ports.len() <= MOST_IN_FULL {
            parts.extend(
                answer
                    .ports
                    .iter()
                    .map(|port| in_full(port, sources, output)),
            );
        } else {
            parts.push(in_a_table(answer, sources, output));
        }
        if !answer.portless.is_empty() {
            parts.push(portless(answer, output));
        }
    }
    let gaps: Vec<String> = gap_lines(found.gaps.iter(), output)
        .into_iter()
        .map(|line| format!("not seen: {line}\n"))
        .collect();
    if !gaps.is_empty() {
        parts.push(gaps.concat());
    }
    parts.join("\n")
}

/// What to say of a name that nothing is known of, on one line.
pub(crate) fn unknown(answer: &Answer<'_>, not_looked: bool) -> String {
    let name = match &answer.query {
        Query::Name { name, .. } => name.as_str(),
        Query::Ports { .. } | Query::Target(_) => "this",
    };
    let looked = if not_looked {
        ""
    } else {
        ", and no listener's program is called so"
    };
    let hint = match answer.nearest.as_slice() {
        [] => format!("; try: portolan search {name}"),
        names => format!("; the nearest are {}", names.join(", ")),
    };
    format!("{name:?} is no registered service name{looked}{hint}")
}

fn in_full(port: &PortAnswer<'_>, sources: &Sources<'_>, output: &Output) -> String {
    let bounds = port.range().bounds();
    let range = match port.range() {
        RangeKind::System => "System",
        RangeKind::User => "User",
        RangeKind::Dynamic => "Dynamic",
    };
    let title = output.paint(Tone::Strong, &format!("Port {}", port.port));
    let mut text = format!("{title}, {range} range {bounds}\n");
    standings(&mut text, port, output);
    facts(&mut text, port, sources, output);
    here(&mut text, port, output);
    text
}

/// One paragraph for each set of transports that the registry says the same about.
fn standings(text: &mut String, port: &PortAnswer<'_>, output: &Output) {
    let mut groups: Vec<(Vec<Transport>, &Standing<'_>)> = Vec::new();
    for (transport, standing) in &port.standings {
        match groups
            .iter_mut()
            .find(|(_, other)| says_the_same(other, standing))
        {
            Some((transports, _)) => transports.push(*transport),
            None => groups.push((vec![*transport], standing)),
        }
    }
    let mut columns = Columns::new(["", "", ""]);
    for (transports, standing) in groups {
        let names: Vec<&str> = transports.iter().map(|t| t.as_str()).collect();
        let tone = match standing.state {
            State::Assigned => Tone::Good,
            State::Unassigned => Tone::Plain,
            State::Reserved => Tone::Warning,
        };
        let mut label = (names.join(" "), Tone::Strong);
        let mut state = (standing.state.as_str().to_owned(), tone);
        let mut line = |said: (String, Tone)| {
            let nothing = || (String::new(), Tone::Plain);
            let label = std::mem::replace(&mut label, nothing());
            columns.push([label, std::mem::replace(&mut state, nothing()), said]);
        };
        let named: Vec<_> = standing
            .assignments
            .iter()
            .filter(|row| row.is_named())
            .collect();
        if named.is_empty() {
            line((one_line(&standing.because.to_string()), Tone::Plain));
        }
        for row in named {
            line((title_of(row), Tone::Plain));
            for detail in details(row) {
                line((detail, Tone::Faint));
            }
        }
        for remark in remarks(standing, port.port) {
            line((remark, Tone::Warning));
        }
    }
    text.push_str(&columns.text(2, output));
}

/// The same state, from rows that differ in nothing but the transport.
fn says_the_same(a: &Standing<'_>, b: &Standing<'_>) -> bool {
    let alike = |(a, b): (&Assignment<'_>, &Assignment<'_>)| {
        a.ports == b.ports
            && Column::ALL
                .iter()
                .all(|column| a.cell(*column) == b.cell(*column))
    };
    let same_reason = !a.assignments.is_empty() || a.because == b.because;
    a.state == b.state
        && a.assignments.len() == b.assignments.len()
        && a.assignments.iter().zip(&b.assignments).all(alike)
        && same_reason
}

/// "krb524: KRB524, registry row 4444".
fn title_of(row: &Assignment<'_>) -> String {
    let ports = row.ports.map(|p| p.to_string()).unwrap_or_default();
    one_line(&format!(
        "{}: {} [registry row {ports}]",
        row.service_name(),
        row.description()
    ))
}

/// Who has it, since when, by which document; what the registry does not tell is left out.
fn details(row: &Assignment<'_>) -> Vec<String> {
    if row.origin == Origin::Newer {
        return vec!["from a newer source that tells names and descriptions alone".to_owned()];
    }
    let mut who = Vec::new();
    let mut add = |label: &str, column| {
        let text = row.cell(column);
        if !text.is_empty() {
            who.push(format!("{label} {}", one_line(text)));
        }
    };
    add("assigned to", Column::Assignee);
    if row.cell(Column::Contact) != row.cell(Column::Assignee) {
        add("contact", Column::Contact);
    }
    add("registered", Column::RegistrationDate);
    add("modified", Column::ModificationDate);
    add("see", Column::Reference);
    add("service code", Column::ServiceCode);
    if who.is_empty() {
        Vec::new()
    } else {
        vec![who.join(", ")]
    }
}

/// IANA's notes and reports of use without an assignment, each once. A report that names other
/// ports of the same block is said to be the block's.
fn remarks(standing: &Standing<'_>, port: u16) -> Vec<String> {
    let mut remarks: Vec<String> = Vec::new();
    for row in &standing.assignments {
        if !row.notes().is_empty() {
            remarks.push(format!("IANA's note: {}", one_line(row.notes())));
        }
        let report = row.unauthorized_use();
        if report.is_empty() {
            continue;
        }
        let named = mentioned_ports(report);
        let report = one_line(report);
        if named.iter().any(|ports| ports.contains(port)) {
            remarks.push(format!(
                "reported to IANA as used without an assignment: {report}"
            ));
        } else if named.is_empty() || row.ports.is_some_and(PortRange::is_single) {
            remarks.push(format!("reported to IANA: {report}"));
        } else {
            let block = row.ports.map(|p| p.to_string()).unwrap_or_default();
            remarks.push(format!(
                "note of the block {block}, not of this port: {report}"
            ));
        }
    }
    let mut kept: Vec<String> = Vec::new();
    for remark in remarks {
        if !kept.contains(&remark) {
            kept.push(remark);
        }
    }
    kept
}

fn facts(text: &mut String, port: &PortAnswer<'_>, sources: &Sources<'_>, output: &Output) {
    let date = sources.knowledge.date();
    text.push_str(&format!(
        "\n{}\n",
        output.paint(Tone::Strong, "What is known of it")
    ));
    if port.facts.is_empty() {
        text.push_str(&format!(
            "  nothing on record: no use, risk or malware (knowledge of {date})\n"
        ));
        return;
    }
    let mut columns = Columns::new(["", ""]);
    for fact in &port.facts {
        let verified = if fact.verified {
            ""
        } else {
            " (its source was not opened)"
        };
        columns.push([
            (fact.kind.as_str().replace('_', " "), Tone::Plain),
            (one_line(&format!("{}{verified}", fact.text)), Tone::Plain),
        ]);
        if let Some(disputes) = fact.disputes {
            columns.push([
                (String::new(), Tone::Plain),
                (one_line(disputes), Tone::Plain),
            ]);
        }
        columns.push([
            (String::new(), Tone::Plain),
            (
                one_line(&format!("[{}, {}]", fact.source_title, fact.source)),
                Tone::Faint,
            ),
        ]);
    }
    text.push_str(&columns.text(2, output));
}

fn here(text: &mut String, port: &PortAnswer<'_>, output: &Output) {
    let Some(presence) = port.presence else {
        return;
    };
    let said = match presence {
        Presence::Listening => "listening",
        Presence::InUse => "in use, not listening",
        Presence::Missing => "missing: policy requires a listener",
        Presence::Vacant => "nothing is there: no listener, no connection",
        Presence::Unseen => "could not be looked at",
    };
    text.push_str(&format!(
        "\n{}: {said}\n",
        output.paint(Tone::Strong, "On this machine")
    ));
    for judged in &port.listeners {
        let own = &judged.verdict;
        let mut columns = Columns::new(["", ""]);
        let mut line = |what: &str, said: (String, Tone)| {
            columns.push([(what.to_owned(), Tone::Faint), said]);
        };
        line("held by", (owners(&judged.listener), Tone::Plain));
        for owner in &judged.listener.owners {
            if let Some(exe) = &owner.exe {
                let user = owner
                    .user
                    .as_ref()
                    .map(|user| format!(", as {user}"))
                    .unwrap_or_default();
                line(
                    "",
                    (
                        neutral(&format!("pid {} runs {exe}{user}", owner.pid)).into_owned(),
                        Tone::Faint,
                    ),
                );
            }
        }
        if let Some(seen) = &judged.identification {
            line("answers", (spoken(seen), Tone::Plain));
        } else {
            line("answers", answer(judged));
        }
        let (word, tone) = verdict(own);
        line(
            "verdict",
            (
                neutral(&format!("{word}: {}", own.because)).into_owned(),
                tone,
            ),
        );
        for finding in own
            .findings
            .iter()
            .filter(|f| f.kind != FindingKind::OwnerHidden)
        {
            line("", (neutral(&finding.because).into_owned(), Tone::Plain));
        }
        let at = format!(
            "{} at {}",
            place(&judged.listener),
            address(&judged.listener)
        );
        text.push_str(&format!("  {}\n", output.paint(Tone::Strong, &at)));
        text.push_str(&columns.text(4, output));
    }
    sockets(text, port, output);
}

fn sockets(text: &mut String, port: &PortAnswer<'_>, output: &Output) {
    const MOST: usize = 20;
    let mut columns = Columns::new(["", "", ""]);
    for socket in port.sockets.iter().take(MOST) {
        let far = socket
            .remote
            .map_or("nobody".to_owned(), |remote| remote.to_string());
        let owner = socket.owners.first().map_or_else(
            || {
                socket
                    .owner_gap
                    .as_ref()
                    .map_or("no process", |gap| super::judged::why(gap.why))
                    .to_owned()
            },
            |owner| format!("{} {}", neutral(&owner.program), owner.pid),
        );
        columns.push([
            (
                format!(
                    "{} {}",
                    socket.state.as_str().replace('_', " "),
                    socket.transport
                ),
                Tone::Plain,
            ),
            (format!("{} with {far}", socket.local), Tone::Plain),
            (owner, Tone::Plain),
        ]);
    }
    text.push_str(&columns.text(2, output));
    if port.sockets.len() > MOST {
        text.push_str(&format!(
            "  ... and {} more sockets; --json has all\n",
            port.sockets.len() - MOST
        ));
    }
}

/// Neighbouring ports of which the registry says the same become one line.
fn in_a_table(answer: &Answer<'_>, sources: &Sources<'_>, output: &Output) -> String {
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
        let nothing = || (String::new(), Tone::Plain);
        columns.push([
            std::mem::replace(&mut ports, nothing()),
            (transports.join(" "), Tone::Plain),
            (standing.state.as_str().to_owned(), Tone::Plain),
            (says, Tone::Plain),
            std::mem::replace(&mut here, nothing()),
        ]);
    }
}

fn portless(answer: &Answer<'_>, output: &Output) -> String {
    let mut columns = Columns::new(["", ""]);
    for row in &answer.portless {
        let transport = row.transport.map_or("any transport", Transport::as_str);
        columns.push([
            (transport.to_owned(), Tone::Strong),
            (
                one_line(&format!("{}: {}", row.service_name(), row.description())),
                Tone::Plain,
            ),
        ]);
        for detail in details(row) {
            columns.push([(String::new(), Tone::Plain), (detail, Tone::Faint)]);
        }
    }
    let title = output.paint(
        Tone::Strong,
        "A service name without a port (RFC 6335 section 5)",
    );
    format!("{title}\n{}", columns.text(2, output))
}
