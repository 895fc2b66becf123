//! `portolan QUERY…` and `portolan show`: all about ports, ranges and service names.

use portolan_survey::Sources;
use portolan_survey::document::{LookupDocument, to_json};
use portolan_survey::lookup::{Live, lookup};
use portolan_survey::query::Query;
use portolan_survey::survey::Asking;

use crate::arguments::{Arguments, Identify, LookUp};
use crate::exit::{Exit, malformed};
use crate::print::Output;
use crate::print::lookup::Detail;
use crate::{clock, cmd, input, print};

pub(crate) fn run(
    arguments: &Arguments,
    look_up: &LookUp,
    in_full: bool,
    output: &Output,
) -> anyhow::Result<Exit> {
    if look_up.query.is_empty() {
        return Err(malformed(anyhow::anyhow!(
            "nothing to show; name a port, a range or a service: portolan show 4444"
        )));
    }
    if look_up.passive {
        return Err(malformed(anyhow::anyhow!(
            "--passive belongs to the survey; a look-up sends nothing unless --probe is given"
        )));
    }
    let queries: Vec<Query> = look_up
        .query
        .iter()
        .map(|text| Query::parse(text).map_err(malformed))
        .collect::<Result<_, _>>()?;
    let targets = queries
        .iter()
        .filter(|q| matches!(q, Query::Target(_)))
        .count();
    if targets == queries.len() {
        let identify = Identify::of(look_up.query.clone());
        return cmd::identify::run(arguments, &identify, output);
    }
    if targets > 0 {
        return Err(malformed(anyhow::anyhow!(
            "addresses and look-ups do not go together; ask for the addresses with: portolan identify"
        )));
    }
    if look_up.no_live {
        return input::with_sources(arguments, |sources| {
            answer(
                arguments,
                look_up,
                &queries,
                in_full,
                sources,
                &Live::No,
                output,
            )
        });
    }
    input::with_configuration(arguments, |sources, configuration| {
        let asking = match look_up.probe {
            true => input::asking(configuration, false),
            false => Asking::passive("a look-up sends nothing; add --probe to ask it"),
        };
        let live = match in_full {
            true => Live::LookInFull(asking),
            false => Live::Look(asking),
        };
        answer(
            arguments, look_up, &queries, in_full, sources, &live, output,
        )
    })
}

fn answer(
    arguments: &Arguments,
    look_up: &LookUp,
    queries: &[Query],
    in_full: bool,
    sources: &Sources<'_>,
    live: &Live,
    output: &Output,
) -> anyhow::Result<Exit> {
    let found = lookup(sources, queries, live);
    if arguments.json {
        let document = LookupDocument::new(&look_up.query, &found, sources, look_up.mail);
        output.line(&to_json(&document, true)?)?;
    } else {
        let detail = Detail {
            in_full,
            mail: look_up.mail,
            today: match sources.site {
                Some(_) => clock::today().parse().unwrap_or_default(),
                None => jiff::civil::Date::default(),
            },
        };
        output.write(print::lookup::text(&found, sources, detail, output).as_bytes())?;
    }
    for answer in found.answers.iter().filter(|answer| !answer.is_known()) {
        output.complain(&print::lookup::unknown(answer, matches!(live, Live::No)));
    }
    let all_known = found.answers.iter().all(|answer| answer.is_known());
    Ok(if all_known { Exit::Fine } else { Exit::BadNews })
}
