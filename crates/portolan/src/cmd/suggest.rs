//! `portolan suggest`: a quiet port, or what speaks for and against one.

use anyhow::anyhow;
use portolan_ports::system::System;
use portolan_survey::document::{SuggestDocument, to_json};
use portolan_survey::suggest::{Criteria, Order, Ruling, Wish, check, suggest};

use crate::arguments::{Arguments, Avoid, Suggest};
use crate::exit::{Exit, malformed};
use crate::print::Output;
use crate::{clock, input, print};

pub(crate) fn run(
    arguments: &Arguments,
    wanted: &Suggest,
    output: &Output,
) -> anyhow::Result<Exit> {
    let criteria = criteria(wanted)?;
    let wish = Wish {
        order: match wanted.near {
            Some(port) => Order::Near(port),
            None => Order::named(wanted.name.as_deref().unwrap_or_default()),
        },
        ports: wanted.range.0,
        count: wanted.count.into(),
    };
    input::with_configuration(arguments, |sources, _| {
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
                Ruling::Quiet => Exit::Fine,
                Ruling::NotQuiet | Ruling::Taken => Exit::BadNews,
            });
        }
        let suggested = suggest(sources, &criteria, &wish);
        if arguments.json {
            let document = document.suggested(wanted.name.as_deref(), &wish, &suggested);
            output.line(&to_json(&document, true)?)?;
        } else {
            let text = if wanted.bare {
                print::suggest::bare(&suggested)
            } else {
                print::suggest::suggested(&suggested, &criteria, output)
            };
            output.write(text.as_bytes())?;
        }
        let Some(refusal) = &suggested.refused else {
            return Ok(Exit::Fine);
        };
        output.complain(&format!(
            "{refusal}; try another --range, or stay away from fewer systems with --avoid"
        ));
        Ok(Exit::BadNews)
    })
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
    })
}
