//! `portolan sweep`: which ports of a host are open, and what speaks there.

use std::time::Duration;

use portolan_survey::document::{OpenLine, SweepDocument, SweptHostLine, to_json};
use portolan_survey::sweep::{Asked, Found, Host, Prepared, Step, prepare};

use super::identify::safety;
use crate::arguments::{Arguments, Sweep};
use crate::configuration::Configuration;
use crate::exit::Exit;
use crate::print::{Output, Progress};
use crate::{clock, input, print};

pub(crate) fn run(arguments: &Arguments, wanted: &Sweep, output: &Output) -> anyhow::Result<Exit> {
    let asked = |configuration: &Configuration| Asked {
        hosts: wanted.hosts.clone(),
        ports: wanted.ports.clone(),
        udp: wanted.udp,
        connect: wanted.connect,
        identify: !wanted.no_identify,
        safety: safety(wanted.safety),
        rate: wanted.rate,
        total: Duration::from_secs(wanted.timeout),
        never: configuration.never.clone(),
        identity: input::identity(),
    };
    input::with_configuration(arguments, |sources, configuration| {
        let observed_at = clock::now();
        let prepared = prepare(asked(configuration))?;
        let mut all = Vec::with_capacity(prepared.hosts.len());
        for host in &prepared.hosts {
            announce(&prepared, host, wanted, output);
            let found = one(&prepared, host, wanted, sources, output)?;
            if wanted.lines {
                output.line(&to_json(&SweptHostLine::new(&found), false)?)?;
            } else if wanted.greppable {
                output.line(&print::sweep::greppable(&found))?;
            } else if !arguments.json {
                let gap = if all.is_empty() { "" } else { "\n" };
                let text = print::sweep::text(&found, wanted, output);
                output.write(format!("{gap}{text}").as_bytes())?;
            }
            all.push(found);
        }
        if arguments.json && !wanted.lines {
            let document = SweepDocument::new(&all, sources.registry, &observed_at);
            output.line(&to_json(&document, true)?)?;
        }
        Ok(exit(&all))
    })
}

/// Says whom it is about to contact, before it does: for other hosts only.
fn announce(prepared: &Prepared, host: &Host, wanted: &Sweep, output: &Output) {
    if host.own {
        return;
    }
    let ports = print::grouped(wanted.ports.len());
    let ports = if wanted.ports.len() == 1 {
        "1 TCP port".to_owned()
    } else {
        format!("{ports} TCP ports")
    };
    let udp = if wanted.udp && !wanted.no_identify {
        " and UDP ports"
    } else {
        ""
    };
    let rate = prepared.rate(host).map_or_else(String::new, |rate| {
        format!(
            ", at most {} connections a second",
            print::grouped(rate.get() as usize)
        )
    });
    let then = if wanted.no_identify {
        ""
    } else {
        ", then asking what speaks at the open ones"
    };
    let address = host.address.ip().to_string();
    let name = if host.name == address {
        address
    } else {
        format!("{} ({address})", host.name)
    };
    output.remark(&format!("contacting {name}: {ports}{udp}{rate}{then}"));
}

fn one<'a>(
    prepared: &Prepared,
    host: &Host,
    wanted: &Sweep,
    sources: &portolan_survey::Sources<'a>,
    output: &Output,
) -> anyhow::Result<Found<'a>> {
    let mut dialled = Progress::new("ports have answered");
    let mut answered = Progress::new("open ports asked");
    let mut failed = None;
    let found = prepared.sweep(host, sources, &mut |step| match step {
        Step::Dialled(done, all) => dialled.show(done, all),
        Step::Answered(done, all) => {
            dialled.clear();
            answered.show(done, all);
        }
        Step::Open(host, open) => {
            if wanted.lines && failed.is_none() {
                dialled.clear();
                answered.clear();
                let line = to_json(&OpenLine::new(host, open), false);
                failed = line
                    .map_err(anyhow::Error::from)
                    .and_then(|line| Ok(output.line(&line)?))
                    .err();
            }
        }
    });
    dialled.clear();
    answered.clear();
    failed.map_or(Ok(found), Err)
}

/// What could not be asked outweighs what was not found.
fn exit(all: &[Found<'_>]) -> Exit {
    let unasked = |found: &Found<'_>| {
        found.counts().into_iter().any(|(state, count)| {
            count > 0 && (state == "unasked" || state == "unreachable" && count == found.asked)
        })
    };
    if all.iter().any(unasked) {
        Exit::CouldNot
    } else if all.iter().all(|found| found.open.is_empty()) {
        Exit::BadNews
    } else {
        Exit::Fine
    }
}
