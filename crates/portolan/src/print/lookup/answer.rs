//! The answer in one sentence for each transport that matters: whose the number is, who claims it
//! besides, and what is there.

use portolan_ports::{Listener, Presence, VerdictKind, Why};
use portolan_registry::{Assignment, Column, Registry, Standing, State, Transport};
use portolan_survey::lookup::{PortAnswer, SiteClaim};
use portolan_survey::survey::Judged;

use super::{people, site};
use crate::print::{Columns, Output, Tone, one_line};

/// The most programs that are named of those that listen.
const MOST_PROGRAMS: usize = 3;

/// A line for each sentence; transports of which the same is said share one.
pub(super) fn text(port: &PortAnswer<'_>, registry: &Registry, output: &Output) -> String {
    let mut told: Vec<(Vec<String>, String)> = Vec::new();
    for (transport, standing) in matters(port) {
        let mut parts = vec![whose(port, transport, standing, registry)];
        parts.extend(claims(port, transport, standing.state));
        parts.extend(there(port, transport));
        let said = parts.join("; ");
        let place = format!("{}/{transport}", port.port);
        match told.iter_mut().find(|(_, other)| *other == said) {
            Some((places, _)) => places.push(place),
            None => told.push((vec![place], said)),
        }
    }
    let mut lines = Columns::new([""]);
    for (places, said) in told {
        let sentence = one_line(&format!("{}: {said}", and(&places)));
        lines.push([(sentence, Tone::Strong)]);
    }
    lines.text(0, output)
}

/// TCP and UDP where they are asked for; the others where somebody has the port or listens there,
/// and where nothing else was asked for.
fn matters<'p, 'a>(
    port: &'p PortAnswer<'a>,
) -> impl Iterator<Item = (Transport, &'p Standing<'a>)> {
    let usual = |t: Transport| matches!(t, Transport::Tcp | Transport::Udp);
    let any_usual = port.transports().any(usual);
    let wanted = move |(transport, standing): &(Transport, &Standing<'_>)| {
        let heard = || {
            port.listeners
                .iter()
                .any(|j| j.listener.transport == *transport)
        };
        let given = || {
            port.site_claim(*transport)
                .is_some_and(|c| c.state() == State::Assigned)
        };
        let assigned = standing.state == State::Assigned || given();
        !any_usual || usual(*transport) || assigned || heard()
    };
    let all = port.standings.iter().map(|(t, standing)| (*t, standing));
    all.filter(wanted)
}

/// The site's word first, where it has one, and then IANA's as IANA's.
fn whose(
    port: &PortAnswer<'_>,
    transport: Transport,
    standing: &Standing<'_>,
    registry: &Registry,
) -> String {
    let iana = by_iana(standing, registry);
    let mut said: Vec<String> = match port.site_claim(transport) {
        Some(SiteClaim::Assigned(record) | SiteClaim::Reserved(record)) => {
            vec![site::whose(record)]
        }
        Some(SiteClaim::OtherTransport(record)) => vec![format!(
            "held back by this site, as {} has {} (RFC 6335 section 7.2)",
            record.citation(),
            record.place()
        )],
        None => Vec::new(),
    };
    let waiting = port.site_on(transport).filter(|r| r.status.is_pending());
    said.extend(waiting.map(site::whose));
    match said.is_empty() {
        true => iana,
        false => format!("{}; IANA: {iana}", said.join("; ")),
    }
}

fn by_iana(standing: &Standing<'_>, registry: &Registry) -> String {
    let rows = standing.assignments.iter();
    let named = rows.filter(|row| row.is_named() && row.alias_of().is_none());
    // A row may say itself that its service has the number without an assignment.
    let (without, assigned): (Vec<_>, Vec<_>) = named.partition(|row| row.is_without_assignment());
    let mut names: Vec<String> = assigned.iter().map(|row| holder(row, registry)).collect();
    names.dedup();
    let mut others: Vec<String> = without
        .iter()
        .map(|r| r.service_name().to_owned())
        .collect();
    others.dedup();
    let listed = match others.len() {
        0 => String::new(),
        1 => format!("{} is listed without an assignment", and(&others)),
        _ => format!("{} are listed without an assignment", and(&others)),
    };
    match (standing.state, names.is_empty(), others.is_empty()) {
        (State::Assigned, false, true) => format!("assigned to {}", and(&names)),
        (State::Assigned, false, false) => format!("assigned to {}; {listed}", and(&names)),
        (State::Assigned, true, false) => listed,
        (state, ..) => state.as_str().to_owned(),
    }
}

/// "watchdog-nt (Loftware)".
fn holder(row: &Assignment<'_>, registry: &Registry) -> String {
    let assignee = people::called(row.cell(Column::Assignee), registry, false);
    let separated = assignee.replace("] [", ", ").replace("][", ", ");
    let spoken: String = separated
        .chars()
        .filter(|c| !matches!(c, '[' | ']'))
        .map(|c| if c == '_' { ' ' } else { c })
        .collect();
    match spoken.trim() {
        "" => row.service_name().to_owned(),
        spoken => format!("{} ({spoken})", row.service_name()),
    }
}

/// Said where somebody claims the port beside the registry's own.
fn claims(port: &PortAnswer<'_>, transport: Transport, state: State) -> Option<String> {
    match port.claimants(transport) {
        0 => None,
        1 if !port.is_claimed_unofficially(transport) => None,
        1 if state == State::Assigned => Some("1 other program claims it".to_owned()),
        1 => Some("1 program claims it".to_owned()),
        n => Some(format!("{n} programs claim it")),
    }
}

/// What this machine shows; nothing where it was not looked at.
fn there(port: &PortAnswer<'_>, transport: Transport) -> Option<String> {
    let presence = port.presence?;
    let of = |judged: &&Judged<'_>| judged.listener.transport == transport;
    let (own, others): (Vec<_>, Vec<_>) = port
        .listeners
        .iter()
        .filter(of)
        .partition(|judged| judged.listener.namespace.is_none());
    let published = port.publications.iter().any(|p| p.transport == transport);
    // It may be required on another transport, or on another port of a range.
    let mut rules = port.rules.iter();
    let required = rules.any(|rule| rule.is_required() && rule.covers(port.port, transport));
    let in_use = port.sockets.iter().any(|s| s.transport == transport);
    Some(if !own.is_empty() {
        listening(&own)
    } else if published {
        "passed on to a container".to_owned()
    } else if presence == Presence::Missing && required {
        "nothing listens here, though policy requires it".to_owned()
    } else if in_use {
        "in use, but nothing listens here".to_owned()
    } else if presence == Presence::Unseen {
        "this machine could not be looked at".to_owned()
    } else if !others.is_empty() {
        "nothing listens here but in another network namespace".to_owned()
    } else {
        "nothing listens here".to_owned()
    })
}

/// "nginx and python3 listen here: mismatch".
fn listening(own: &[&Judged<'_>]) -> String {
    let mut programs: Vec<String> = own.iter().flat_map(|j| programs(&j.listener)).collect();
    programs.sort_unstable();
    programs.dedup();
    let listen = if programs.len() == 1 {
        "listens"
    } else {
        "listen"
    };
    if programs.len() > MOST_PROGRAMS {
        let rest = programs.len() - MOST_PROGRAMS;
        programs.truncate(MOST_PROGRAMS);
        programs.push(format!("{rest} more programs"));
    }
    let mut verdicts: Vec<&str> = own
        .iter()
        .filter_map(|judged| judgement(judged.verdict.kind))
        .collect();
    verdicts.sort_unstable();
    verdicts.dedup();
    let verdicts = match verdicts.is_empty() {
        true => String::new(),
        false => format!(": {}", verdicts.join(", ")),
    };
    format!("{} {listen} here{verdicts}", and(&programs))
}

fn programs(listener: &Listener) -> Vec<String> {
    if !listener.owners.is_empty() {
        let owners = listener.owners.iter();
        return owners.map(|owner| owner.program.clone()).collect();
    }
    let kernel = listener
        .owner_gap
        .as_ref()
        .is_some_and(|gap| gap.why == Why::Kernel);
    vec![
        if kernel {
            "the kernel"
        } else {
            "a hidden program"
        }
        .to_owned(),
    ]
}

/// The verdict in a word; that nothing is proven goes without saying until it was asked.
const fn judgement(kind: VerdictKind) -> Option<&'static str> {
    match kind {
        VerdictKind::Expected => Some("as expected"),
        VerdictKind::Violation => Some("against this machine's policy"),
        VerdictKind::Unknown => None,
        VerdictKind::Registered
        | VerdictKind::Customary
        | VerdictKind::Mismatch
        | VerdictKind::Unregistered => Some(kind.as_str()),
    }
}

/// "a", "a and b", "a, b and c".
fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [word] => word.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}
