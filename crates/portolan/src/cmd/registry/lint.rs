//! `portolan registry lint`: a registry held to RFC 6335.

use std::path::Path;

use anyhow::Context;
use portolan_ports::site::file::{self, Reading};
use portolan_registry::Registry;
use portolan_registry::lint::{Report, Rule, Severity, lint};
use portolan_survey::document::{LintDocument, to_json};

use super::desk::at_desk;
use crate::arguments::{Arguments, Lint};
use crate::exit::Exit;
use crate::print::Output;
use crate::{clock, input, print, site_file};

pub(crate) fn run(arguments: &Arguments, wanted: &Lint, output: &Output) -> anyhow::Result<Exit> {
    let named = wanted.file.as_ref().or(arguments.registry.as_ref());
    match named.or(arguments.site.as_ref()) {
        Some(path) if wanted.file.is_none() && is_database(arguments, path) => {
            of_database(arguments, wanted, output)
        }
        Some(path) if site_file::is_one(path) => of_site(arguments, wanted, path, output),
        Some(path) if path.as_os_str() != "embedded" => {
            let (registry, lines) = input::registry_with_lines(path)?;
            let of = path.display().to_string();
            report(arguments, wanted, &of, &registry, &lines, output)
        }
        _ => input::with_sources(arguments, |sources| {
            report(arguments, wanted, "", sources.registry, &[], output)
        }),
    }
}

fn report(
    arguments: &Arguments,
    wanted: &Lint,
    file: &str,
    registry: &Registry,
    lines: &[u64],
    output: &Output,
) -> anyhow::Result<Exit> {
    let report = chosen(wanted, lint(registry, lines));
    if arguments.json {
        let document = LintDocument::new(file, registry, &report);
        output.line(&to_json(&document, true)?)?;
    } else {
        let text = print::lint::text(file, registry, &report, wanted.all, output);
        output.write(text.as_bytes())?;
    }
    Ok(exit(&report))
}

/// Whether `--site` chose the database.
fn is_database(arguments: &Arguments, path: &Path) -> bool {
    arguments.registry.is_none() && path.as_os_str() == input::DATABASE
}

/// The records of the database, held to the same rules; each finding names its record.
fn of_database(arguments: &Arguments, wanted: &Lint, output: &Output) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        let reading = Reading {
            records: desk.records()?,
            mistakes: Vec::new(),
        };
        let (registry, knowledge) = (desk.sources.registry, desk.sources.knowledge);
        let mut report = file::lint(&reading, registry, knowledge, desk.today);
        for finding in &mut report.findings {
            if let Some(record) = finding.line.take() {
                finding.what = format!("record {record}: {}", finding.what);
            }
        }
        let report = chosen(wanted, report);
        tell(
            arguments,
            wanted,
            "site registry",
            &reading,
            &report,
            output,
        )
    })
}

/// A site registry's file, held to the rules that are its own.
fn of_site(
    arguments: &Arguments,
    wanted: &Lint,
    path: &Path,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reading = site_file::reading(path)?;
    let today = clock::today()
        .parse()
        .context("the clock shows no day of the calendar")?;
    input::with_registry(arguments, |sources| {
        let (registry, knowledge) = (sources.registry, sources.knowledge);
        let report = chosen(wanted, file::lint(&reading, registry, knowledge, today));
        let name = path.display().to_string();
        tell(arguments, wanted, &name, &reading, &report, output)
    })
}

/// Prints what was found in the records of a site registry.
fn tell(
    arguments: &Arguments,
    wanted: &Lint,
    name: &str,
    reading: &Reading,
    report: &Report,
    output: &Output,
) -> anyhow::Result<Exit> {
    let count = reading.records.len();
    if arguments.json {
        let newest = reading.records.iter().map(|record| record.modified).max();
        let newest = newest.map_or_else(String::new, |day| day.to_string());
        let document = LintDocument::of_site(name, &newest, count, report);
        output.line(&to_json(&document, true)?)?;
    } else {
        let text = print::lint::of_site(name, count, report, wanted.all, output);
        output.write(text.as_bytes())?;
    }
    Ok(exit(report))
}

/// The findings that are asked for.
fn chosen(wanted: &Lint, report: Report) -> Report {
    let least = wanted.severity.severity();
    report.only(|rule: &Rule| {
        let named = wanted.rule.is_empty() || wanted.rule.iter().any(|id| id == rule.id);
        named && rule.severity >= least
    })
}

fn exit(report: &Report) -> Exit {
    if report.count(Severity::Error) == 0 {
        Exit::Fine
    } else {
        Exit::BadNews
    }
}
