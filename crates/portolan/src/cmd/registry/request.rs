//! `portolan registry request`: a name, or a name and a port, is asked for.

use std::io::{self, IsTerminal};

use anyhow::anyhow;
use portolan_ports::site::{Fields, Step};

use super::desk::{Asked, Desk, at_desk};
use super::{fields, interview};
use crate::arguments::{Arguments, Request};
use crate::exit::{Exit, malformed};
use crate::print::Output;

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
            // What conflicts was told when the port was.
            let given = &request.fields;
            let asked = interview::interview(desk, given, None, wanted, because, request.dry_run)?;
            let Some(asked) = asked else {
                return Err(malformed(anyhow!("nothing was filed: you did not say yes")));
            };
            return desk.take(&Asked {
                dry_run: request.dry_run,
                ..Asked::new(&Step::Request(asked), because)
            });
        }
        let step = Step::Request(wanted.clone());
        let asked = Asked {
            dry_run: request.dry_run,
            ..Asked::new(&step, because)
        };
        desk.claim(&asked, &wanted)
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
