//! `portolan registry export`.

use std::io::Write;

use anyhow::anyhow;
use portolan_registry::Origin;
use portolan_registry::export::{Extract, Selection};
use portolan_registry::xml::Document;
use portolan_survey::Sources;
use portolan_survey::export::Form;

use crate::arguments::{Arguments, Export, OriginName};
use crate::exit::{Exit, malformed};
use crate::input;
use crate::print::Output;

pub(super) fn run(arguments: &Arguments, export: &Export, output: &Output) -> anyhow::Result<Exit> {
    let form = form(export.format, arguments.json)?;
    let selection = Selection {
        ports: export.ports.clone(),
        transports: export.transport.clone(),
        origin: export.only.map(|origin| match origin {
            OriginName::File => Origin::File,
            OriginName::Newer => Origin::Newer,
        }),
    };
    input::with_sources(arguments, |sources| {
        let text = match form.name {
            "xml" => input::registry_text(arguments)?,
            _ => None,
        };
        let document = text
            .as_deref()
            .and_then(|text| document(text, sources, &selection));
        let extract = Extract {
            registry: sources.registry,
            selection,
            document: document.as_ref(),
        };
        let mut stream = output.stream();
        (form.write)(&extract, &mut stream).map_err(cannot_hold)?;
        stream.flush()?;
        if extract.rows().next().is_none() {
            output.complain(&format!(
                "no row of the registry of {} fits --ports, --transport and --only; try fewer of them",
                sources.registry.date()
            ));
            return Ok(Exit::BadNews);
        }
        Ok(Exit::Fine)
    })
}

/// The document that the registry was read from, with the wanted records alone; `None` where it was
/// no XML. Its records and the registry's rows stand in the same order.
fn document<'a>(
    text: &'a str,
    sources: &Sources<'_>,
    selection: &Selection,
) -> Option<Document<'a>> {
    let mut document = Document::read(text).ok()?;
    let mut rows = sources.registry.rows();
    document
        .records
        .retain(|_| rows.next().is_some_and(|row| selection.takes(&row)));
    Some(document)
}

/// A form that has no room for a row is wrongly chosen; else the output failed.
fn cannot_hold(error: std::io::Error) -> anyhow::Error {
    match error.kind() {
        std::io::ErrorKind::InvalidData => malformed(anyhow!("cannot export: {error}")),
        _ => error.into(),
    }
}

/// `--json` asks for a form too: a word against another one is a contradiction.
pub(super) fn form(named: Option<&'static Form>, json: bool) -> anyhow::Result<&'static Form> {
    let default = if json { "json" } else { "csv" };
    let form = named.or_else(|| Form::named(default));
    let form = form.ok_or_else(|| anyhow!("cannot export: there is no form {default}"))?;
    if json && !form.name.starts_with("json") {
        return Err(malformed(anyhow!(
            "cannot export as {} and as JSON at once; give --format or --json, not both",
            form.name
        )));
    }
    Ok(form)
}
