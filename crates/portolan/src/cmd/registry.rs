//! `portolan registry`: the registry itself.

mod diff;
mod history;
mod lint;
mod update;

use portolan_registry::Statistics;
use portolan_survey::document::{StatisticsDocument, to_json};

use crate::arguments::{Arguments, RegistryArguments, RegistryCommand};
use crate::exit::Exit;
use crate::print::Output;
use crate::{cmd, input, print};

pub(crate) fn run(
    arguments: &Arguments,
    registry: &RegistryArguments,
    output: &Output,
) -> anyhow::Result<Exit> {
    match &registry.command {
        RegistryCommand::Stats => stats(arguments, output),
        RegistryCommand::Export(export) => super::export::run(arguments, export, output),
        RegistryCommand::Update(update) => update::run(arguments, update, output),
        RegistryCommand::Lint(lint) => lint::run(arguments, lint, output),
        RegistryCommand::Diff(diff) => diff::run(arguments, diff, output),
        RegistryCommand::History(history) => history::run(arguments, history, output),
        RegistryCommand::Map(map) => cmd::map::run(arguments, map, output),
    }
}

fn stats(arguments: &Arguments, output: &Output) -> anyhow::Result<Exit> {
    input::with_sources(arguments, |sources| {
        let counted = Statistics::of(sources.registry);
        if arguments.json {
            let document = StatisticsDocument::new(sources.registry, &counted);
            output.line(&to_json(&document, true)?)?;
        } else {
            output.write(print::registry::text(sources.registry, &counted, output).as_bytes())?;
        }
        Ok(Exit::Fine)
    })
}
