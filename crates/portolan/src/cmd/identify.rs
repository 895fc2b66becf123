//! `portolan identify`: what speaks at the addresses that were named.

use anyhow::anyhow;
use portolan_ports::ProbeState;
use portolan_survey::document::{IdentifyDocument, to_json};
use portolan_survey::identify::identify;
use portolan_survey::query::{Query, Target};

use crate::arguments::{Arguments, Identify};
use crate::exit::{Exit, malformed};
use crate::print::{Output, Progress};
use crate::{input, print};

pub(crate) fn run(
    arguments: &Arguments,
    asked: &Identify,
    output: &Output,
) -> anyhow::Result<Exit> {
    let targets: Vec<Target> = asked
        .targets
        .iter()
        .map(|text| target(text))
        .collect::<Result<_, _>>()?;
    input::with_sources(arguments, |sources| {
        let mut progress = Progress::new("asked");
        let on_answer = &mut |done, all| progress.show(done, all);
        let identified = identify(sources, targets, input::identity(), on_answer)?;
        progress.clear();
        if arguments.json {
            output.line(&to_json(&IdentifyDocument::new(&identified), true)?)?;
        } else {
            output.write(print::identify::text(&identified, output).as_bytes())?;
        }
        let all_proven = identified
            .iter()
            .all(|one| one.outcome.probe.state == ProbeState::Proven);
        Ok(if all_proven {
            Exit::Fine
        } else {
            Exit::BadNews
        })
    })
}

fn target(text: &str) -> anyhow::Result<Target> {
    match Query::parse(text).map_err(malformed)? {
        Query::Target(target) => Ok(target),
        Query::Ports { .. } | Query::Name { .. } => Err(malformed(anyhow!(
            "cannot identify {text:?}: no host and port; write it as localhost:22 or [::1]:22"
        ))),
    }
}
