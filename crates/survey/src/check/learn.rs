//! A policy of what is there now, for its owner to read and to keep.
//!
//! It allows what was seen and nothing else, so a check right after it is clean. What the registry
//! makes of a port stands in comments: that is a claim, not what was seen.

mod draft;
mod stated;
mod text;

use std::collections::HashSet;

use portolan_inspect::Snapshot;
use portolan_ports::system::LocalRanges;
use portolan_ports::{Gap, Listener, Unseen};
use portolan_registry::{RangeKind, Transport};

use crate::Sources;
use draft::{Draft, Learner};
use text::{comment, join, plain, quoted, slug};

/// How many listeners without a rule are named one by one; all are counted.
const MOST_NAMED: usize = 50;

/// Where and when it was looked.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The machine's name.
    pub host: &'a str,
    /// When, in RFC 3339.
    pub observed_at: &'a str,
    /// Whether root looked: what stayed hidden then, root does not see either.
    pub by_root: bool,
}

/// Writes a commented policy of what is there, in TOML.
///
/// `local` says from where this system takes ports for sockets that name none; where it does not
/// tell, the Dynamic range of RFC 6335 is taken for that. Cost: one look-up in the registry and in
/// the knowledge for each listener.
#[must_use]
pub fn learn(
    seen: &Snapshot,
    sources: &Sources<'_>,
    local: &LocalRanges,
    about: &About<'_>,
) -> String {
    let drafts = drafts(seen, sources, local, about.by_root);
    let mut out = String::new();
    header(&mut out, seen, local, drafts.len(), about);
    let mut taken = HashSet::new();
    for draft in &drafts {
        rule(&mut out, draft, &mut taken);
    }
    elsewhere(&mut out, seen);
    out
}

fn drafts(
    seen: &Snapshot,
    sources: &Sources<'_>,
    local: &LocalRanges,
    by_root: bool,
) -> Vec<Draft> {
    let ephemeral = local.ephemeral.unwrap_or(RangeKind::Dynamic.bounds());
    Learner {
        sources,
        local,
        ephemeral,
        by_root,
    }
    .drafts(seen)
}

fn header(out: &mut String, seen: &Snapshot, local: &LocalRanges, rules: usize, about: &About<'_>) {
    let own = seen.listeners.iter().filter(|l| l.namespace.is_none());
    comment(
        out,
        &format!(
            "What listened on {} at {}, as a policy: {} in {}. `portolan check` holds the machine against it.",
            plain(about.host),
            plain(about.observed_at),
            count(own.count(), "listener"),
            count(rules, "rule"),
        ),
    );
    out.push_str("#\n");
    comment(
        out,
        "It was learned, not thought out: what should not be there was learned as well. Read it, \
         and take out what may not listen. A rule with `required = true` is broken where nothing \
         listens, every other one only where something else does. `severity = \"alert\"`, \
         \"warning\" or \"note\" in a rule says how grave that is. What a port is assigned to is the \
         registry's word; the rest was seen.",
    );
    let gaps = gaps(seen, local);
    if !gaps.is_empty() {
        out.push_str("#\n");
        comment(
            out,
            "What could not be seen, and has no rule or a weaker one:",
        );
        for gap in gaps {
            comment(out, &format!("- {gap}"));
        }
    }
    out.push_str("\n# false: a listener of which no rule here speaks breaks the policy.\n");
    out.push_str("allow-unlisted = false\n");
}

/// What was not seen, each thing once with how often.
fn gaps(seen: &Snapshot, local: &LocalRanges) -> Vec<String> {
    let own = seen.listeners.iter().filter(|l| l.namespace.is_none());
    let of_owners = own.filter_map(|listener| listener.owner_gap.as_ref());
    let mut lines: Vec<(String, usize)> = Vec::new();
    for gap in of_owners.chain(&seen.gaps).chain(&local.gaps) {
        let line = gap_line(gap);
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, times)) => *times += 1,
            None => lines.push((line, 1)),
        }
    }
    lines
        .into_iter()
        .map(|(line, times)| match times {
            1 => line,
            _ => format!("{line} ({times} times)"),
        })
        .collect()
}

fn gap_line(gap: &Gap) -> String {
    let what = match gap.what {
        Unseen::Listeners => "listeners",
        Unseen::Namespaces => "listeners of other network namespaces",
        Unseen::Sockets => "sockets that do not listen",
        Unseen::Owner => "the owner of a listener",
        Unseen::CoOwners => "further owners of a listener",
        Unseen::OwnerDetail => "details of an owner",
        Unseen::Containers => "containers and their published ports",
        Unseen::SocketUnits => "systemd's socket units",
        Unseen::SystemRanges => "what this system sets aside",
        Unseen::LocalNames => "what other files call a port",
        Unseen::SiteRegistry => "the site registry",
    };
    let why = gap.why.as_str().replace('_', " ");
    // What tells one socket from another would make a line of each.
    let detail = match gap.what {
        Unseen::Owner | Unseen::CoOwners | Unseen::OwnerDetail => String::new(),
        _ if gap.detail.is_empty() => String::new(),
        _ => format!(", {}", plain(&gap.detail)),
    };
    format!("{what} ({why}{detail})")
}

fn rule(out: &mut String, draft: &Draft, taken: &mut HashSet<String>) {
    out.push('\n');
    for note in &draft.notes {
        comment(out, note);
    }
    out.push_str("[[expect]]\n");
    let mut line = |key: &str, value: &str| {
        out.push_str(key);
        out.push_str(" = ");
        out.push_str(value);
        out.push('\n');
    };
    line("name", &quoted(&name(draft, taken)));
    if draft.ports.is_single() {
        line("port", &draft.ports.to_string());
    } else {
        line("port", &quoted(&draft.ports.to_string()));
    }
    line("transport", &quoted(draft.transport.as_str()));
    let stated = &draft.stated;
    let texts = [
        ("program", &stated.program),
        ("unit", &stated.unit),
        ("container", &stated.container),
        ("user", &stated.user),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            line(key, &quoted(text));
        }
    }
    if let Some(address) = draft.address {
        line("address", &quoted(&address.to_string()));
    }
    line("scope", &quoted(draft.scope.as_str()));
    if draft.required {
        line("required", "true");
    }
}

/// A name that says what the rule is about, and that no rule before it has.
fn name(draft: &Draft, taken: &mut HashSet<String>) -> String {
    let stated = &draft.stated;
    let holder = [&stated.container, &stated.program, &stated.unit]
        .into_iter()
        .flatten()
        .map(|text| slug(text))
        .find(|text| !text.is_empty());
    let holder = holder.unwrap_or_else(|| "port".to_owned());
    let transport: Transport = draft.transport;
    let name = match draft.ports.is_single() {
        true => format!("{holder}-{}-{transport}", draft.ports),
        false => format!("{holder}-ephemeral-{transport}"),
    };
    let mut numbered = name.clone();
    let mut number = 1;
    while !taken.insert(numbered.clone()) {
        number += 1;
        numbered = format!("{name}-{number}");
    }
    numbered
}

/// Names the listeners that the machine's own addresses do not reach.
fn elsewhere(out: &mut String, seen: &Snapshot) {
    let others: Vec<&Listener> = seen
        .listeners
        .iter()
        .filter(|listener| listener.namespace.is_some())
        .collect();
    if others.is_empty() {
        return;
    }
    out.push('\n');
    let (have, they) = match others.len() {
        1 => ("has", "it is"),
        _ => ("have", "they are"),
    };
    comment(
        out,
        &format!(
            "{} of other network namespaces {have} no rule: {they} not reached at this machine's addresses.",
            count(others.len(), "listener"),
        ),
    );
    for listener in others.iter().take(MOST_NAMED) {
        let namespace = listener.namespace.as_ref().map(ToString::to_string);
        let programs = stated::programs(listener);
        let programs: Vec<String> = programs.iter().map(|program| plain(program)).collect();
        let who = match programs.is_empty() {
            true => "owner not seen".to_owned(),
            false => join(&programs),
        };
        comment(
            out,
            &format!(
                "- {}: {}/{} at {}, {who}",
                plain(&namespace.unwrap_or_default()),
                listener.port,
                listener.transport,
                draft::place(listener),
            ),
        );
    }
    if others.len() > MOST_NAMED {
        comment(out, &format!("- and {} more", others.len() - MOST_NAMED));
    }
}

fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests;
