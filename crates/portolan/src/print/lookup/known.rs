//! What is claimed of a port, ranked: the registry, then uses; apart from those, what to beware of,
//! and what it once was. Where nothing is on record, that is said with the knowledge's date.

use portolan_ports::knowledge::{Fact, FactKind};
use portolan_ports::site::Status;
use portolan_registry::Transport;
use portolan_survey::Sources;
use portolan_survey::lookup::{MOST_CLAIMED, PortAnswer};

use super::Detail;
use crate::print::{Columns, Output, Tone, one_line};

/// The sentence that stands over every risk, because a number is no diagnosis.
const CAUTION: &str = "a number proves nothing by itself";

/// The sections, each with its title.
pub(super) fn text(
    port: &PortAnswer<'_>,
    sources: &Sources<'_>,
    detail: Detail,
    output: &Output,
) -> String {
    let of = |kinds: [FactKind; 2]| port.facts.iter().filter(move |f| kinds.contains(&f.kind));
    let dangers = of([FactKind::Risk, FactKind::Malware]);
    let mut absent = Vec::new();
    for (kind, said) in [
        (FactKind::Risk, "no risk on record"),
        (FactKind::Malware, "no malware fact on record"),
    ] {
        if !port.has_on_record(&[kind]) {
            absent.push(said);
        }
    }
    let nothing = match absent.is_empty() {
        true => String::new(),
        false => nothing(&absent, sources.knowledge.date()),
    };
    let mut text = claims(port, sources, detail, output);
    if absent.len() < 2 {
        let title = format!("Risks and malware: {CAUTION}");
        text.push_str(&titled(&title, output));
        let mut columns = Columns::new(["", ""]);
        for fact in dangers {
            push(&mut columns, port, fact, detail);
        }
        text.push_str(&columns.text(2, output));
    }
    text.push_str(&nothing);
    text.push_str(&history(port, detail, output));
    text
}

/// The registry first, then the uses in their order.
fn claims(port: &PortAnswer<'_>, sources: &Sources<'_>, detail: Detail, output: &Output) -> String {
    let mut columns = Columns::new(["", ""]);
    let mut names: Vec<&str> = port
        .standings
        .iter()
        .flat_map(|(_, standing)| &standing.assignments)
        .filter(|row| row.is_named() && row.alias_of().is_none())
        .map(|row| row.service_name())
        .collect();
    names.sort_unstable();
    names.dedup();
    for record in port.site.iter().filter(|r| r.status == Status::Assigned) {
        let said = format!(
            "{} [this site's registry, {}]",
            record.fields.service_name,
            record.citation()
        );
        columns.push([
            ("assigned".to_owned(), Tone::Plain),
            (one_line(&said), Tone::Plain),
        ]);
    }
    if !names.is_empty() {
        let date = sources.registry.date();
        let said = format!("{} [IANA's registry of {date}]", names.join(", "));
        columns.push([
            ("registered".to_owned(), Tone::Plain),
            (one_line(&said), Tone::Plain),
        ]);
    }
    let uses: Vec<_> = port.facts.iter().filter(|fact| fact.is_use()).collect();
    let most = if detail.in_full {
        uses.len()
    } else {
        MOST_USES
    };
    let (told, named) = uses.split_at(most.min(uses.len()));
    for fact in told {
        push(&mut columns, port, fact, detail);
    }
    if !named.is_empty() {
        let more = match named.len() {
            1 => "1 more use".to_owned(),
            n => format!("{n} more uses"),
        };
        let said = match in_a_word(named) {
            names if names.is_empty() => format!("portolan show {}", port.port),
            names => format!("{names} (portolan show {})", port.port),
        };
        columns.push([(more, Tone::Plain), (one_line(&said), Tone::Plain)]);
    }
    let title = match detail.in_full || port.facts.is_empty() {
        true => "What is known of it".to_owned(),
        false => format!(
            "What is known of it (addresses and dates: portolan show {})",
            port.port
        ),
    };
    let mut text = titled(&title, output);
    text.push_str(&columns.text(2, output));
    if !port.facts.iter().any(Fact::is_use) {
        let said = match names.is_empty() {
            true => "no use on record",
            false => "no other use on record",
        };
        text.push_str(&nothing(&[said], sources.knowledge.date()));
    }
    text
}

/// The most uses that a short answer tells one by one; of more only the names are said.
const MOST_USES: usize = 12;

/// The products of these facts, or their protocols, each once.
fn in_a_word(facts: &[&Fact<'_>]) -> String {
    let mut names: Vec<&str> = facts
        .iter()
        .filter_map(|fact| fact.product.or(fact.protocol))
        .collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

/// In short, a past that so many ports share is counted and not told.
const MANY_PORTS: u32 = 1000;

/// What it once was; empty where nothing is on record.
fn history(port: &PortAnswer<'_>, detail: Detail, output: &Output) -> String {
    let mut columns = Columns::new([""]);
    let about = port.facts.iter().filter(|f| f.kind == FactKind::History);
    let (told, counted): (Vec<_>, Vec<_>) =
        about.partition(|fact| detail.in_full || fact.ports.count() < MANY_PORTS);
    for fact in told {
        for (said, tone) in lines(port, fact, detail) {
            columns.push([(said, tone)]);
        }
    }
    let and = match counted.len() {
        0 => String::new(),
        1 => "1 fact of a wide range around it".to_owned(),
        n => format!("{n} facts of wide ranges around it"),
    };
    if !and.is_empty() {
        let said = format!("{and}: portolan show {}", port.port);
        columns.push([(said, Tone::Faint)]);
    }
    let text = columns.text(2, output);
    match text.is_empty() {
        true => text,
        false => titled("History", output) + &text,
    }
}

fn titled(title: &str, output: &Output) -> String {
    format!("\n{}\n", output.paint(Tone::Strong, title))
}

fn nothing(absent: &[&str], date: &str) -> String {
    format!("  {} (knowledge of {date})\n", absent.join("; "))
}

/// A fact behind its kind.
fn push(columns: &mut Columns<2>, port: &PortAnswer<'_>, fact: &Fact<'_>, detail: Detail) {
    let mut kind = match is_of_another(fact) {
        true => "same protocol".to_owned(),
        false => fact.kind.as_str().replace('_', " "),
    };
    for line in lines(port, fact, detail) {
        columns.push([(std::mem::take(&mut kind), Tone::Plain), line]);
    }
}

/// Whether an official use is that of a product which speaks the registered service's protocol and
/// is not named after it, as Kinetica speaks PostgreSQL's.
fn is_of_another(fact: &Fact<'_>) -> bool {
    match (fact.kind, fact.product, fact.protocol) {
        (FactKind::OfficialUse, Some(product), Some(protocol)) => !product.starts_with(protocol),
        _ => false,
    }
}

/// Of which transports a fact speaks, where that needs saying: several were asked for and it leaves
/// TCP out; or it speaks of TCP alone, another leaves that out, and both are about few ports.
fn transports(port: &PortAnswer<'_>, fact: &Fact<'_>) -> String {
    let without_tcp = |fact: &Fact<'_>| !fact.covers(Transport::Tcp);
    let few = |fact: &Fact<'_>| fact.ports.count() <= MOST_CLAIMED;
    let own: Vec<&str> = fact.transports().map(Transport::as_str).collect();
    let needed = match own.as_slice() {
        ["tcp"] => {
            let mut others = port.facts.iter();
            few(fact) && others.any(|other| without_tcp(other) && few(other))
        }
        _ => without_tcp(fact),
    };
    match port.transports().count() > 1 && needed {
        true => own.join(", "),
        false => String::new(),
    }
}

/// In short the fact and its source's title; in full also where that is and when it was opened.
fn lines(port: &PortAnswer<'_>, fact: &Fact<'_>, detail: Detail) -> Vec<(String, Tone)> {
    let mut of = transports(port, fact);
    if !fact.ports.is_single() {
        let space = if of.is_empty() { "" } else { " " };
        of.push_str(&format!("{space}{}", fact.ports));
    }
    if !of.is_empty() {
        of.push_str(": ");
    }
    let doubt = match fact.verified {
        true => "",
        false => " (unverified: its source was not opened)",
    };
    let source = match detail.in_full {
        true => String::new(),
        false => format!(" [{}]", fact.source_title),
    };
    let said = format!("{of}{}{doubt}{source}", fact.text);
    let mut lines = vec![(one_line(&said), Tone::Plain)];
    lines.extend(fact.disputes.map(|why| (one_line(why), Tone::Plain)));
    if detail.in_full {
        let checked = match fact.checked {
            Some(date) => format!("checked {date}"),
            None => "not opened".to_owned(),
        };
        let source = format!("[{}, {}, {checked}]", fact.source_title, fact.source);
        lines.push((one_line(&source), Tone::Faint));
    }
    lines
}
