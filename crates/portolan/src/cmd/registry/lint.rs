//! `portolan registry lint`: a registry held to RFC 6335.

use portolan_registry::Registry;
use portolan_registry::lint::{Severity, lint};
use portolan_survey::document::{LintDocument, to_json};

use crate::arguments::{Arguments, Lint};
use crate::exit::Exit;
use crate::print::Output;
use crate::{input, print};

pub(crate) fn run(arguments: &Arguments, wanted: &Lint, output: &Output) -> anyhow::Result<Exit> {
    match wanted.file.as_ref().or(arguments.registry.as_ref()) {
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
    let least = wanted.severity.severity();
    let report = lint(registry, lines).only(|rule| {
        let named = wanted.rule.is_empty() || wanted.rule.iter().any(|id| id == rule.id);
        named && rule.severity >= least
    });
    if arguments.json {
        let document = LintDocument::new(file, registry, &report);
        output.line(&to_json(&document, true)?)?;
    } else {
        let text = print::lint::text(file, registry, &report, wanted.all, output);
        output.write(text.as_bytes())?;
    }
    Ok(if report.count(Severity::Error) == 0 {
        Exit::Fine
    } else {
        Exit::BadNews
    })
}
