//! `portolan suggest`: a quiet port, or what speaks for and against one; with `--assign`, a number
//! for each name.

mod assign;

use anyhow::anyhow;
use portolan_ports::Gap;
use portolan_ports::site::{Record, Status};
use portolan_ports::system::System;
use portolan_registry::PortRange;
use portolan_survey::Sources;
use portolan_survey::document::{SuggestDocument, to_json};
use portolan_survey::site::SiteRegistry;
use portolan_survey::suggest::reason::Kind;
use portolan_survey::suggest::{
    Criteria, Filing, Order, Refusal, Ruling, Wish, check, kept, suggest,
};

use crate::arguments::{Arguments, Avoid, Suggest};
use crate::exit::{Exit, malformed};
use crate::print::{Output, one_line};
use crate::{clock, input, print};

pub(crate) fn run(
    arguments: &Arguments,
    wanted: &Suggest,
    output: &Output,
) -> anyhow::Result<Exit> {
    if let Some(refused) = wanted.stray() {
        return Err(malformed(anyhow!(refused)));
    }
    let criteria = criteria(wanted)?;
    if wanted.assign.assign {
        return assign::run(arguments, wanted, &criteria, output);
    }
    if wanted.names.len() > 1 {
        return Err(malformed(anyhow!(
            "cannot suggest for several names at once: give one, or file a request for each with \
             --assign"
        )));
    }
    let name = wanted.names.first().map(String::as_str);
    let wish = Wish {
        order: match wanted.near {
            Some(port) => Order::Near(port),
            None => Order::named(name.unwrap_or_default()),
        },
        ports: wanted.range.0,
        count: wanted.count.into(),
    };
    input::with_configuration(arguments, |sources, _| {
        let told = unread(sources).len();
        let host = portolan_inspect::host_name();
        let observed_at = clock::now();
        let document = SuggestDocument::new(&host, &observed_at, sources, &criteria);
        if let Some(port) = wanted.check {
            let checked = check(sources, &criteria, port);
            if arguments.json {
                output.line(&to_json(&document.checked(&checked), true)?)?;
            } else {
                output.write(print::suggest::checked(&checked, output).as_bytes())?;
            }
            return Ok(match checked.ruling() {
                // Whoever has it by what was read has it.
                Ruling::Taken => Exit::BadNews,
                _ if is_unread(sources, told, output) => Exit::CouldNot,
                Ruling::Quiet => Exit::Fine,
                Ruling::NotQuiet => Exit::BadNews,
            });
        }
        let has = sources.site.zip(name);
        let has = has.and_then(|(site, name)| kept(site, name, clock::today().parse().ok()));
        if let Some((record, name)) = has.zip(name) {
            output.remark(&one_line(&by_record(name, record)));
            let port = record.fields.ports.map(PortRange::first);
            if let Some(port) = port.filter(|_| wish.count == 1) {
                let filing = Filing::Before {
                    port,
                    record: Box::new(record.clone()),
                };
                let text = if arguments.json {
                    let document = document.filed(name, wish.ports, &filing, &[]);
                    to_json(&document, true)? + "\n"
                } else if wanted.bare {
                    print::suggest::bare_filing(&filing, false)
                } else {
                    print::suggest::filing(&filing, &criteria, output)
                };
                output.write(text.as_bytes())?;
                return Ok(Exit::Fine);
            }
        }
        let suggested = suggest(sources, &criteria, &wish);
        let unread = is_unread(sources, told, output);
        if arguments.json {
            let document = document.suggested(name, &wish, &suggested);
            output.line(&to_json(&document, true)?)?;
        } else {
            let text = if wanted.bare && unread {
                String::new()
            } else if wanted.bare {
                print::suggest::bare(&suggested)
            } else {
                print::suggest::suggested(&suggested, &criteria, output)
            };
            output.write(text.as_bytes())?;
        }
        let Some(refusal) = &suggested.refused else {
            return Ok(match unread {
                true => Exit::CouldNot,
                false => Exit::Fine,
            });
        };
        let advice = advice(refusal, criteria.local.ephemeral);
        output.complain(&format!("{refusal}; {advice}"));
        Ok(Exit::BadNews)
    })
}

/// How much of the site registry could not be read: what it holds may be what was found quiet.
fn unread(sources: &Sources<'_>) -> Vec<Gap> {
    sources.site.map(SiteRegistry::gaps).unwrap_or_default()
}

/// Whether some of it could not be read; says so where that turned out after `told` of the gaps were
/// told.
fn is_unread(sources: &Sources<'_>, told: usize, output: &Output) -> bool {
    let gaps = unread(sources);
    for gap in gaps.iter().skip(told) {
        output.complain(&gap.detail);
    }
    !gaps.is_empty()
}

/// `billing-api has 18100/tcp by record 1`.
fn by_record(name: &str, record: &Record) -> String {
    let waits = match record.status {
        Status::Assigned => String::new(),
        status => format!(", which is {}", status.as_str()),
    };
    format!(
        "{name} has {} by {}{waits}",
        record.place(),
        record.citation()
    )
}

/// What to do where too few ports are left. This machine's own range is never taken from, whatever
/// `--avoid` says: where that is in the way, the setting is named.
fn advice(refusal: &Refusal, own: Option<PortRange>) -> String {
    let chief = refusal.counts.first().map(|(word, _)| *word);
    let holds = |own: &PortRange| {
        own.contains(refusal.ports.first()) && own.contains(refusal.ports.last())
            || chief == Some(Kind::Ephemeral.makes_them())
    };
    match own.filter(holds) {
        Some(own) => format!(
            "this machine's net.ipv4.ip_local_port_range, {own}, is in the way whatever --avoid \
             says: try a --range outside it, or narrow the setting"
        ),
        None => "try another --range, or stay away from fewer systems with --avoid".to_owned(),
    }
}

fn criteria(wanted: &Suggest) -> anyhow::Result<Criteria> {
    let mut avoid: Vec<System> = Vec::new();
    for word in &wanted.avoid {
        match word {
            Avoid::System(system) if !avoid.contains(system) => avoid.push(*system),
            Avoid::System(_) => {}
            Avoid::None if wanted.avoid.len() == 1 => {}
            Avoid::None => {
                return Err(malformed(anyhow!(
                    "cannot avoid none and others: --avoid none stands alone"
                )));
            }
        }
    }
    avoid.sort();
    let mut transports = wanted.transport.clone();
    transports.sort();
    transports.dedup();
    Ok(Criteria {
        transports,
        avoid,
        local: portolan_inspect::local_ranges(),
        scope: None,
        own: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machines_own_range_is_named_where_it_is_in_the_way() {
        let range = |text: &str| text.parse::<PortRange>().unwrap();
        let refusal = |ports, chief: Kind| Refusal {
            ports: range(ports),
            wanted: 1,
            found: 0,
            counts: vec![(chief.makes_them(), 9), (Kind::Assigned.makes_them(), 1)],
        };
        let said = |ports, chief, own| advice(&refusal(ports, chief), own);
        let own = Some(range("1024-65535"));
        let named = "this machine's net.ipv4.ip_local_port_range, 1024-65535, is in the way";
        assert!(said("1024-49151", Kind::SystemRange, own).starts_with(named));
        assert!(said("1000-2000", Kind::Ephemeral, own).starts_with(named));
        for (ports, chief, own) in [
            ("1-10", Kind::Assigned, own),
            ("49152-65535", Kind::SystemRange, Some(range("32768-60999"))),
            ("1024-49151", Kind::Assigned, None),
        ] {
            assert!(said(ports, chief, own).starts_with("try another --range"));
        }
    }
}
