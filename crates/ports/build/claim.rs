//! What a fact says about the registry, held against the registry.
//!
//! A fact that contradicts it is refused, unless it says in `disputes` why; and one that disputes
//! what it does not contradict is refused as well. Words can be held against a row only roughly:
//! the rules here know a few phrases, and each message says how to put it otherwise.

use portolan_registry::{Assignment, Port, Transport};

use super::super::knowledge::FactKind;
use super::Grounds;
use super::row::{FactRow, Form};

/// All that is wrong with what the row says about the registry.
pub(super) fn refusals(row: &FactRow, form: &Form, grounds: &Grounds<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    wrong.extend(unknown_protocol(row, grounds));
    let contradiction = contradiction(row, form, grounds);
    // What a number was once, or was said to be, may differ from its row in ways that no rule here
    // knows: a history may always say why.
    match (&row.disputes, contradiction) {
        (None, Some(contradiction)) => wrong.push(contradiction),
        (Some(_), None) if form.kind != FactKind::History => {
            wrong.push("disputes: the fact contradicts nothing that the registry says".into());
        }
        (Some(_), _) | (None, None) => {}
    }
    // What it takes to satisfy a use is not a matter of opinion.
    if form.kind == FactKind::OfficialUse && row.protocol.is_none() {
        wrong.push("official_use: protocol is missing; it is the registered service name".into());
    }
    wrong
}

/// A protocol that nobody could prove would never be satisfied.
fn unknown_protocol(row: &FactRow, grounds: &Grounds<'_>) -> Option<String> {
    let protocol = row.protocol.as_deref()?;
    let namesakes = grounds.registry.named(protocol);
    let alike = namesakes
        .iter()
        .find(|row| row.service_name().eq_ignore_ascii_case(protocol));
    if (grounds.is_protocol)(protocol) || alike.is_some_and(|row| row.service_name() == protocol) {
        return None;
    }
    Some(match alike.or(namesakes.first()) {
        Some(row) => format!(
            "protocol: {protocol:?} is registered as {:?}",
            row.service_name()
        ),
        None => format!(
            "protocol: {protocol:?} is neither a registered service name nor a protocol of Portolan's"
        ),
    })
}

/// The first thing that the row says and the registry says otherwise.
fn contradiction(row: &FactRow, form: &Form, grounds: &Grounds<'_>) -> Option<String> {
    let protocol = row.protocol.as_deref();
    let by_use = match (form.kind, protocol) {
        (FactKind::OfficialUse, Some(protocol)) => unassigned_to(protocol, form, grounds),
        (FactKind::UnofficialUse, Some(protocol)) => assigned_to(protocol, form, grounds),
        _ => None,
    };
    by_use.or_else(|| by_words(&row.text, form, grounds))
}

/// An official use needs a row of that name for each of its ports, on each of its transports.
fn unassigned_to(protocol: &str, form: &Form, grounds: &Grounds<'_>) -> Option<String> {
    let (port, transport) =
        places(form).find(|(port, transport)| !is_named(protocol, *port, *transport, grounds))?;
    let holders = names(port, transport, grounds);
    let held = match holders.as_slice() {
        [] => "nobody".to_owned(),
        names => names.join(", "),
    };
    Some(format!(
        "official_use: the registry gives {port}/{transport} to {held}, not to {protocol}"
    ))
}

/// An unofficial use of the very name that is registered is an official one.
fn assigned_to(protocol: &str, form: &Form, grounds: &Grounds<'_>) -> Option<String> {
    let (port, transport) =
        places(form).find(|(port, transport)| is_named(protocol, *port, *transport, grounds))?;
    Some(format!(
        "unofficial_use: the registry gives {port}/{transport} to {protocol}; it is an official use there"
    ))
}

/// Phrases that say a number has no holder.
const UNHELD: [&str; 14] = [
    "is unassigned",
    "is not assigned",
    "is unregistered",
    "is not registered",
    "is registered to nobody",
    "is assigned to nobody",
    "is assigned to no one",
    "unassigned number",
    "unassigned port",
    "unregistered number",
    "unregistered port",
    "nobody holds",
    "nobody has registered",
    "the registry gives to nobody",
];

/// Words that say a number has one, unless one of [`DENIALS`] stands close before them.
const HELD: [&str; 4] = ["registered", "assigned", "official", "officially"];
const DENIALS: [&str; 7] = ["not", "never", "nobody", "no", "without", "nor", "yet"];
/// How many words a denial may stand before what it denies.
const REACH: usize = 3;

fn by_words(text: &str, form: &Form, grounds: &Grounds<'_>) -> Option<String> {
    let lower = text.to_lowercase();
    let is_held =
        |(port, transport): &(Port, Transport)| !names(*port, *transport, grounds).is_empty();
    let held = places(form).find(is_held);
    let denied = UNHELD.iter().find(|phrase| lower.contains(*phrase));
    if let (Some(phrase), Some((port, transport))) = (denied, held)
        && places(form).all(|place| is_held(&place))
    {
        let names = names(port, transport, grounds).join(", ");
        return Some(format!(
            "text: says {phrase:?}, and the registry gives {port}/{transport} to {names}"
        ));
    }
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let (place, word) = words.iter().enumerate().find(|(place, word)| {
        let before = &words[place.saturating_sub(REACH)..*place];
        HELD.contains(word) && !before.iter().any(|word| DENIALS.contains(word))
    })?;
    let Some((port, transport)) = held else {
        return Some(format!(
            "text: says {word:?}, and the registry gives {}/{} to nobody",
            form.ports, form.transports[0]
        ));
    };
    let (to, holder) = words.get(place + 1..)?.split_first()?;
    let names_one = matches!(*word, "registered" | "assigned")
        && matches!(*to, "to" | "for")
        && !PRONOUNS.contains(holder.first()?);
    (names_one && !is_told(holder, form, grounds)).then(|| {
        format!(
            "text: says to whom it is {word}, and no row of {port}/{transport} tells of {:?}",
            holder.join(" ")
        )
    })
}

/// How much of a word another must share with it to be taken for the same: "printing", "printer".
const STEM: usize = 5;
/// Words that name nobody.
const FILLERS: [&str; 6] = ["the", "and", "for", "its", "own", "other"];
/// Words that stand for a name told elsewhere, or for none in particular.
const PRONOUNS: [&str; 9] = [
    "it",
    "them",
    "that",
    "this",
    "these",
    "another",
    "others",
    "somebody",
    "something",
];

/// Whether a row of these places has one of the words in its name, description or assignee, or
/// begins a word with the first three initials: afs3-callback is of the Andrew File System.
fn is_told(words: &[&str], form: &Form, grounds: &Grounds<'_>) -> bool {
    let stem = |word: &str| word.chars().take(STEM).collect::<String>();
    let telling = |word: &&str| word.len() > 2 && !FILLERS.contains(word);
    let words = || words.iter().copied().filter(telling);
    let stems: Vec<String> = words().map(stem).collect();
    let initials: String = words().filter_map(|w| w.chars().next()).take(3).collect();
    places(form).any(|(port, transport)| {
        rows(port, transport, grounds).iter().any(|row| {
            use portolan_registry::Column::{Assignee, Description, ServiceName};
            let told = [ServiceName, Description, Assignee].map(|column| row.cell(column));
            let told = told.join(" ").to_lowercase();
            told.split(|c: char| !c.is_alphanumeric())
                .filter(telling)
                .any(|word| {
                    stems.contains(&stem(word))
                        || (initials.len() == 3 && word.starts_with(&initials))
                })
        })
    })
}

fn places(form: &Form) -> impl Iterator<Item = (Port, Transport)> {
    form.ports.ports().flat_map(|port| {
        form.transports
            .iter()
            .map(move |transport| (port, *transport))
    })
}

fn rows<'a>(port: Port, transport: Transport, grounds: &Grounds<'a>) -> Vec<Assignment<'a>> {
    let mut rows = grounds.registry.standing(port, transport).assignments;
    rows.retain(Assignment::is_named);
    rows
}

fn names<'a>(port: Port, transport: Transport, grounds: &Grounds<'a>) -> Vec<&'a str> {
    let rows = rows(port, transport, grounds);
    rows.iter().map(Assignment::service_name).collect()
}

/// RFC 6335 §5.1 compares names without regard to case.
fn is_named(protocol: &str, port: Port, transport: Transport, grounds: &Grounds<'_>) -> bool {
    names(port, transport, grounds)
        .iter()
        .any(|name| name.eq_ignore_ascii_case(protocol))
}
