//! `portolan identify`: what speaks at the addresses that were named.

use std::time::Duration;

use anyhow::anyhow;
use portolan_ports::ProbeState;
use portolan_probe::{Limits, Safety};
use portolan_survey::document::{IdentifiedDocument, IdentifyDocument, to_json};
use portolan_survey::identify::{Asking, Identified, identify};
use portolan_survey::query::{Query, Target};

use crate::arguments::{Arguments, Identify, SafetyLevel};
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
        let mut done = 0;
        let mut failed = None;
        let on_answer = &mut |_at: usize, all: usize, one: &Identified| {
            done += 1;
            if asked.lines && failed.is_none() {
                progress.clear();
                failed = line(one, output).err();
            }
            progress.show(done, all);
        };
        let asking = Asking {
            safety: safety(asked.safety),
            limits: Limits {
                rate: (asked.rate > 0).then_some(asked.rate),
                total: Duration::from_secs(asked.timeout),
                ..Limits::default()
            },
            look_here: true,
            identity: input::identity(),
        };
        let identified = identify(sources, targets, &asking, on_answer)?;
        progress.clear();
        if let Some(error) = failed {
            return Err(error);
        }
        match (asked.lines, arguments.json) {
            (true, _) => {}
            (false, true) => output.line(&to_json(&IdentifyDocument::new(&identified), true)?)?,
            (false, false) => {
                output.write(print::identify::text(&identified, output).as_bytes())?
            }
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

fn line(one: &Identified, output: &Output) -> anyhow::Result<()> {
    output.line(&to_json(&IdentifiedDocument::line(one), false)?)?;
    Ok(())
}

pub(crate) fn safety(level: SafetyLevel) -> Safety {
    match level {
        SafetyLevel::Passive => Safety::Passive,
        SafetyLevel::Polite => Safety::Polite,
        SafetyLevel::Full => Safety::Full,
    }
}

fn target(text: &str) -> anyhow::Result<Target> {
    match Query::parse(text).map_err(malformed)? {
        Query::Target(target) => Ok(target),
        Query::Ports { .. } | Query::Name { .. } => Err(malformed(anyhow!(
            "cannot identify {text:?}: no host and port; write it as localhost:22 or [::1]:22"
        ))),
    }
}
