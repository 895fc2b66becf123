//! `portolan registry`: the registry itself.

mod address;
mod amend;
mod audit;
mod deassign;
mod desk;
mod diff;
mod export_site;
mod fields;
mod history;
mod import;
mod interview;
mod last_word;
mod lint;
mod list;
mod modify;
mod question;
mod report_use;
mod request;
mod reuse;
mod review;
mod revoke;
mod transfer;
mod update;
mod withdraw;

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
        RegistryCommand::Export(export) => match export.site {
            Some(_) => export_site::run(arguments, export, output),
            None => super::export::run(arguments, export, output),
        },
        RegistryCommand::Import(import) => import::run(arguments, import, output),
        RegistryCommand::Update(update) => update::run(arguments, update, output),
        RegistryCommand::Lint(lint) => lint::run(arguments, lint, output),
        RegistryCommand::Diff(diff) => diff::run(arguments, diff, output),
        RegistryCommand::History(history) => history::run(arguments, history, output),
        RegistryCommand::Map(map) => cmd::map::run(arguments, map, output),
        RegistryCommand::Request(request) => request::run(arguments, request, output),
        RegistryCommand::Review(review) => review::run(arguments, review, output),
        RegistryCommand::Modify(modify) => modify::run(arguments, modify, output),
        RegistryCommand::Withdraw(withdraw) => withdraw::run(arguments, withdraw, output),
        RegistryCommand::Deassign(deassign) => deassign::run(arguments, deassign, output),
        RegistryCommand::Reuse(reuse) => reuse::run(arguments, reuse, output),
        RegistryCommand::Revoke(revoke) => revoke::run(arguments, revoke, output),
        RegistryCommand::ReportUse(report) => report_use::run(arguments, report, output),
        RegistryCommand::Transfer(transfer) => transfer::run(arguments, transfer, output),
        RegistryCommand::Audit(audit) => audit::run(arguments, audit, output),
        RegistryCommand::List(list) => list::run(arguments, list, output),
    }
}

fn stats(arguments: &Arguments, output: &Output) -> anyhow::Result<Exit> {
    input::with_registry(arguments, |sources| {
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
