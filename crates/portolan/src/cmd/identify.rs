//! `portolan identify`: what speaks at the addresses that were named.

use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::anyhow;
use portolan_ports::ProbeState;
use portolan_probe::{Limits, Safety};
use portolan_survey::document::{IdentifiedDocument, IdentifyDocument, to_json};
use portolan_survey::identify::{Asking, Audience, Identified, identify};
use portolan_survey::query::{Query, Target};

use crate::arguments::{Arguments, Identify, SafetyLevel};
use crate::exit::{Exit, malformed};
use crate::print::{Output, Progress};
use crate::{clock, input, print};

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
        let mut listening = Listening {
            progress: Progress::new("asked"),
            done: 0,
            lines: asked.lines.then_some(output),
            failed: None,
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
            now: clock::seconds(),
        };
        let identified = identify(sources, targets, &asking, &mut listening)?;
        listening.progress.clear();
        if let Some(error) = listening.failed {
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

/// Shows how far it is, and with `--lines` each answer.
struct Listening<'a> {
    progress: Progress,
    done: usize,
    lines: Option<&'a Output>,
    failed: Option<anyhow::Error>,
}

impl Audience for Listening<'_> {
    fn contacts(&mut self, addresses: &[SocketAddr]) {
        let mut hosts: Vec<IpAddr> = addresses.iter().map(SocketAddr::ip).collect();
        hosts.dedup();
        const MOST: usize = 5;
        let named: Vec<String> = hosts.iter().take(MOST).map(IpAddr::to_string).collect();
        let more = match hosts.len().saturating_sub(MOST) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let ports = addresses.len();
        let noun = if ports == 1 { "port" } else { "ports" };
        let _unseen = writeln!(
            io::stderr(),
            "asking {ports} {noun} of other machines: {}{more}",
            named.join(", ")
        );
    }

    fn answer(&mut self, _at: usize, all: usize, identified: &Identified) {
        self.done += 1;
        if let Some(output) = self.lines.filter(|_| self.failed.is_none()) {
            self.progress.clear();
            self.failed = line(identified, output).err();
        }
        self.progress.show(self.done, all);
    }
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
