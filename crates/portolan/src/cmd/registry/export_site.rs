//! `portolan registry export --site`: the site registry in any form.

use std::io::Write;

use portolan_registry::export::Selection;
use portolan_survey::export::{SiteError, write_site};

use super::desk::at_desk;
use crate::arguments::{Arguments, Export};
use crate::cmd::export::form;
use crate::exit::{Exit, malformed};
use crate::print::Output;

pub(super) fn run(arguments: &Arguments, export: &Export, output: &Output) -> anyhow::Result<Exit> {
    let form = form(export.format, arguments.json)?;
    let selection = Selection {
        ports: export.ports.clone(),
        transports: export.transport.clone(),
        origin: None,
    };
    at_desk(arguments, output, |desk| {
        let records = desk.records()?;
        let mut stream = output.stream();
        let written =
            write_site(form, &records, selection, &mut stream).map_err(|error| match error {
                SiteError::Output(error) => anyhow::Error::from(error),
                error => malformed(anyhow::anyhow!("cannot export the site registry: {error}")),
            })?;
        stream.flush()?;
        if written > 0 {
            return Ok(Exit::Fine);
        }
        output.complain(match records.is_empty() {
            true => "the site registry has no record",
            false => {
                "no record of the site registry fits --ports and --transport; try fewer of them"
            }
        });
        Ok(Exit::BadNews)
    })
}
