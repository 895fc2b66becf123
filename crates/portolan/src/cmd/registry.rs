//! `portolan registry`: the registry itself.

mod update;

use portolan_registry::{Origin, Statistics, csv};
use portolan_survey::document::{StatisticsDocument, to_json};

use crate::arguments::{Arguments, Export, Format, OriginName, RegistryArguments, RegistryCommand};
use crate::exit::Exit;
use crate::print::Output;
use crate::{input, print};

pub(crate) fn run(
    arguments: &Arguments,
    registry: &RegistryArguments,
    output: &Output,
) -> anyhow::Result<Exit> {
    match &registry.command {
        RegistryCommand::Stats => stats(arguments, output),
        RegistryCommand::Export(export) => export_as(arguments, export, output),
        RegistryCommand::Update(update) => update::run(arguments, update, output),
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

fn export_as(arguments: &Arguments, export: &Export, output: &Output) -> anyhow::Result<Exit> {
    input::with_sources(arguments, |sources| {
        let wanted = export.only.map(|origin| match origin {
            OriginName::File => Origin::File,
            OriginName::Newer => Origin::Newer,
        });
        let rows = sources
            .registry
            .rows()
            .filter(|row| wanted.is_none_or(|o| row.origin == o));
        let Format::Csv = export.format;
        csv::write(rows, output.stream())?;
        Ok(Exit::Fine)
    })
}
