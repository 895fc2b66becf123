//! `portolan annotate`: another tool's scan result, with what is registered and known.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, anyhow};
use portolan_survey::annotate::{MOST_BYTES, ScanResult, annotate, read};
use portolan_survey::document::{AnnotateDocument, AnnotatedLine, to_json};

use crate::arguments::{Annotate, Arguments};
use crate::exit::{Exit, malformed};
use crate::input;
use crate::print::{self, Output};

pub(crate) fn run(
    arguments: &Arguments,
    wanted: &Annotate,
    output: &Output,
) -> anyhow::Result<Exit> {
    let name = wanted.file.display().to_string();
    let bytes = bytes(&wanted.file)?;
    let result = read(&bytes)
        .map_err(|error| malformed(anyhow!("cannot read {name} as a scan result: {error}")))?;
    drop(bytes);
    input::with_sources(arguments, |sources| {
        let annotated = annotate(sources, &result.claims);
        if wanted.lines {
            use io::Write as _;
            let mut stream = output.stream();
            for one in &annotated {
                writeln!(stream, "{}", to_json(&AnnotatedLine::new(one), false)?)?;
            }
            stream.flush()?;
        } else if arguments.json {
            let document = AnnotateDocument::new(&result, &annotated, sources);
            output.line(&to_json(&document, true)?)?;
        } else {
            output.write(print::annotate::text(&result, &annotated, output).as_bytes())?;
        }
        complain(&name, &result, output);
        if result.claims.is_empty() {
            output.complain(&format!("no open port is in {name}"));
            return Ok(Exit::BadNews);
        }
        Ok(Exit::Fine)
    })
}

fn bytes(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut take = |from: &mut dyn Read| from.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    let name = file.display();
    if file.as_os_str() == "-" {
        take(&mut io::stdin().lock()).context("cannot read standard input")?;
    } else {
        let mut opened =
            File::open(file).with_context(|| format!("cannot open the scan result {name}"))?;
        take(&mut opened).with_context(|| format!("cannot read the scan result {name}"))?;
    }
    if bytes.len() as u64 > MOST_BYTES {
        return Err(malformed(anyhow!(
            "cannot read {name} as a scan result: larger than {} MiB; split it",
            MOST_BYTES >> 20
        )));
    }
    Ok(bytes)
}

/// What could not be read: counted, and the first of it told.
fn complain(name: &str, result: &ScanResult, output: &Output) {
    if let Some(first) = result.faults.first() {
        let count = match result.fault_count {
            1 => "1 entry".to_owned(),
            n => format!("{n} entries"),
        };
        output.complain(&format!(
            "{count} of {name} could not be read; the first, on line {}: {}",
            first.line, first.why
        ));
    }
    if result.cut {
        output.complain(&format!(
            "{name} holds more than {} open ports; the others are left out",
            print::grouped(result.claims.len())
        ));
    }
}
