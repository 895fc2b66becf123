//! `portolan registry request`: a name, or a name and a port, is asked for.

use std::io::{self, IsTerminal};

use anyhow::anyhow;
use portolan_ports::site::{Fields, Step};

use super::desk::{Asked, Desk, at_desk};
use super::{fields, interview};
use crate::arguments::{Arguments, Request};
use crate::exit::{Exit, malformed};
use crate::print::{self, Output};

pub(super) fn run(
    arguments: &Arguments,
    request: &Request,
    output: &Output,
) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let mut wanted = defaults(desk);
        wanted.service_name = request
            .name
            .as_deref()
            .unwrap_or_default()
            .trim()
            .to_owned();
        fields::set(&mut wanted, &request.fields);
        let because = request.because.as_deref().unwrap_or_default();
        if !fields::is_complete(&wanted) && is_somebody_there(arguments) {
            let asked =
                interview::interview(desk, &request.fields, wanted, because, request.dry_run)?;
            return match asked {
                Some(asked) => file(desk, asked, because, request.dry_run, &[]),
                None => Err(malformed(anyhow!("nothing was filed: you did not say yes"))),
            };
        }
        let found = desk.conflicts(&wanted, None);
        if !arguments.json {
            output.write(print::site::conflicts(&found, output).as_bytes())?;
        }
        file(desk, wanted, because, request.dry_run, &found)
    })
}

fn file(
    desk: &Desk<'_>,
    wanted: Fields,
    because: &str,
    dry_run: bool,
    conflicts: &[portolan_survey::suggest::reason::Reason],
) -> anyhow::Result<Exit> {
    desk.take(&Asked {
        step: &Step::Request(wanted),
        subject: None,
        version: None,
        why: because,
        dry_run,
        conflicts,
    })
}

/// What `[site]` says for every request.
fn defaults(desk: &Desk<'_>) -> Fields {
    Fields {
        assignee: desk.site.assignee.clone().unwrap_or_default(),
        contact: desk.site.contact.clone().unwrap_or_default(),
        ..Fields::default()
    }
}

/// Whether there is a person to ask: questions go to standard error, answers come from standard
/// input.
pub(super) fn is_somebody_there(arguments: &Arguments) -> bool {
    !arguments.json && io::stdin().is_terminal() && io::stderr().is_terminal()
}
