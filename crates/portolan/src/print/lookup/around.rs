//! What other files of this machine call a port, and what systems do with the number by themselves.

use portolan_ports::system::System;
use portolan_ports::{LocalName, NameOrigin};
use portolan_registry::Transport;
use portolan_survey::lookup::{PortAnswer, SetAside};

use super::Detail;
use crate::print::{Columns, Output, Tone, one_line};

/// The section; empty where there is nothing to say.
pub(super) fn text(port: &PortAnswer<'_>, detail: Detail, output: &Output) -> String {
    let mut columns = Columns::new(["", ""]);
    let mut line = |what: &str, said: &str| {
        columns.push([(one_line(what), Tone::Plain), (one_line(said), Tone::Plain)]);
    };
    for (origin, said) in names(&port.local_names, detail) {
        line(&origin, &said);
    }
    let set_aside = &port.set_aside;
    if port.port == 0 {
        let said = "nobody listens on it: bind(2) takes 0 to mean any port that is free";
        line("every system", said);
    } else if let Some(said) = this_system(set_aside) {
        line("this system", &said);
    }
    let mut label = "by default";
    for system in set_aside
        .by_default
        .iter()
        .filter(|system| is_told(**system, port, detail))
    {
        let (first, last) = system.takes();
        line(
            std::mem::take(&mut label),
            &format!("one of {first}-{last}, {}", system.takes_for()),
        );
    }
    match (set_aside.browser_blocked, detail.in_full) {
        (true, _) => line(
            "browsers",
            "refuse to open it [WHATWG Fetch, port blocking]",
        ),
        (false, true) => line("browsers", "open it"),
        (false, false) => {}
    }
    let text = columns.text(2, output);
    if text.is_empty() {
        return text;
    }
    let title = output.paint(Tone::Strong, "Other names, and rules of systems");
    format!("\n{title}\n{text}")
}

/// In short only what is news: this system was asked itself, a fact may have said it, and FreeBSD's
/// range holds six ports of seven.
fn is_told(system: System, port: &PortAnswer<'_>, detail: Detail) -> bool {
    let asked = cfg!(target_os = "linux") && port.set_aside.ephemeral.is_some();
    let mut ranges = port.facts.iter().map(|f| (f.ports.first(), f.ports.last()));
    match system {
        _ if !detail.in_full && ranges.any(|range| range == system.takes()) => false,
        System::Linux if asked => false,
        System::FreeBsd => detail.in_full,
        _ => true,
    }
}

/// Label and words of each name: aliases of one line and its transports together.
fn names(names: &[LocalName], detail: Detail) -> Vec<(String, String)> {
    type Said<'a> = (Vec<&'a str>, Vec<&'a str>, &'a LocalName);
    let mut lines: Vec<Said<'_>> = Vec::new();
    for name in names {
        let transport = name.transport.map_or("any transport", Transport::as_str);
        let same = |other: &LocalName| {
            (other.origin, &other.file, &other.title, other.ports)
                == (name.origin, &name.file, &name.title, name.ports)
        };
        let grouped = name.origin == NameOrigin::Services;
        match lines
            .iter_mut()
            .find(|(names, _, first)| same(first) && (grouped || names.contains(&&*name.name)))
        {
            Some((names, transports, _)) => {
                if !names.contains(&&*name.name) {
                    names.push(&name.name);
                }
                if !transports.contains(&transport) {
                    transports.push(transport);
                }
            }
            None => lines.push((vec![&name.name], vec![transport], name)),
        }
    }
    let mut said = Vec::new();
    let mut before = None;
    for (words, transports, name) in lines {
        let label = match name.origin {
            NameOrigin::Services => "/etc/services",
            NameOrigin::Firewalld => "firewalld",
            NameOrigin::Ufw => "ufw",
        };
        let label = match before.replace(name.origin) == Some(name.origin) {
            true => "",
            false => label,
        };
        let mut text = words.join(", ");
        if let Some(title) = name.title.as_deref().filter(|title| *title != text) {
            text.push_str(&format!(" ({title})"));
        }
        if !name.ports.is_single() {
            text.push_str(&format!(", {}", name.ports));
        }
        text.push_str(&format!(", {}", transports.join(" ")));
        if detail.in_full && name.origin != NameOrigin::Services {
            text.push_str(&format!(" [{}]", name.file));
        }
        said.push((label.to_owned(), text));
    }
    said
}

/// What this system said of the port, as one sentence.
fn this_system(set_aside: &SetAside) -> Option<String> {
    let SetAside {
        ephemeral_range,
        ephemeral,
        reserved,
        privileged,
        unprivileged_from,
        ..
    } = set_aside;
    let mut parts = Vec::new();
    if let (Some(range), Some(ephemeral)) = (ephemeral_range, ephemeral) {
        parts.push(match (ephemeral, reserved) {
            (true, _) => format!(
                "inside the ephemeral range {range}: another program may have it as source port"
            ),
            (false, Some(true)) => format!("reserved, kept out of the ephemeral range {range}"),
            (false, _) => format!("outside the ephemeral range {range}"),
        });
    }
    if let (Some(privileged), Some(from)) = (privileged, unprivileged_from) {
        parts.push(match privileged {
            true => format!("only the privileged may bind it, as any below {from}"),
            false => "anyone may bind it".to_owned(),
        });
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}
