//! `portolan registry audit`: who did what, when and why; and whether that trail is whole.

use anyhow::anyhow;
use portolan_store::audit::Audited;
use portolan_survey::assign::Registrar;
use portolan_survey::document::{TrailDocument, to_json};

use super::desk::{Desk, at_desk};
use crate::arguments::{Arguments, Audit};
use crate::exit::{Exit, malformed};
use crate::print::{self, Output, one_line};

pub(super) fn run(arguments: &Arguments, audit: &Audit, output: &Output) -> anyhow::Result<Exit> {
    at_desk(arguments, output, |desk| {
        if let Some(file) = &desk.site.file {
            return Err(malformed(anyhow!(
                "the site registry is the file {} ([site] file), whose history is that of the file; \
                 where it lies in git: git log {0}",
                file.display()
            )));
        }
        if audit.verify || audit.head.is_some() {
            return verify(desk, audit.head.as_deref());
        }
        let record = match &audit.record {
            None => None,
            Some(typed) => match desk.record(typed, |_| false)? {
                Ok(record) => Some(record.id),
                Err(exit) => return Ok(exit),
            },
        };
        let Some(entries) = desk.read(|registrar| registrar.audit(record))? else {
            return none(desk);
        };
        if arguments.json {
            output.line(&to_json(&TrailDocument::new(&entries), true)?)?;
        } else if entries.is_empty() {
            output.remark("nothing was done on the site registry yet");
        } else {
            output.write(print::site::trail(&entries, output).as_bytes())?;
        }
        Ok(Exit::Fine)
    })
}

fn none(desk: &Desk<'_>) -> anyhow::Result<Exit> {
    desk.output.complain(
        "there is no site registry here; its first request makes it: portolan registry request",
    );
    Ok(Exit::BadNews)
}

fn verify(desk: &Desk<'_>, noted: Option<&str>) -> anyhow::Result<Exit> {
    let read = |registrar: &mut Registrar| {
        let entries = match noted {
            Some(_) => registrar.audit(None)?,
            None => Vec::new(),
        };
        Ok((registrar.verify()?, entries))
    };
    let Some((verified, entries)) = desk.read(read)? else {
        return none(desk);
    };
    let missing = noted.and_then(|noted| missing(noted, &entries));
    let faults = verified.faults.len() + usize::from(missing.is_some());
    let output = desk.output;
    if desk.arguments.json {
        let document = TrailDocument::new(&[]).verified(&verified, missing.as_deref());
        output.line(&to_json(&document, true)?)?;
    } else {
        output.write(print::site::verified(&verified, faults, output).as_bytes())?;
        if missing.is_none()
            && let Some(found) = noted.and_then(|noted| found(noted, &entries))
        {
            output.line(&found)?;
        }
    }
    for fault in &verified.faults {
        let what = match fault.number {
            0 => "the database".to_owned(),
            number => format!("entry {number}"),
        };
        output.complain(&format!("{what}: {}", one_line(&fault.because)));
    }
    if let Some(missing) = &missing {
        output.complain(missing);
    }
    Ok(match faults {
        0 => Exit::Fine,
        _ => Exit::BadNews,
    })
}

/// What is wrong where a hash that was noted down is none of the chain's.
fn missing(noted: &str, entries: &[Audited]) -> Option<String> {
    let known = entries.iter().any(|entry| entry.hash.starts_with(noted));
    (!known).then(|| {
        format!(
            "no entry has the hash {noted}: the trail was cut off or written anew since it was noted \
             down, or it is another registry's"
        )
    })
}

/// Which entry has the hash, and how many came after it.
fn found(noted: &str, entries: &[Audited]) -> Option<String> {
    let at = entries
        .iter()
        .position(|entry| entry.hash.starts_with(noted))?;
    let since = match entries.len() - at - 1 {
        0 => "the last one".to_owned(),
        1 => "and 1 came after it".to_owned(),
        n => format!("and {n} came after it"),
    };
    let number = entries.get(at)?.number;
    Some(format!(
        "{} is entry {number}, {since}",
        print::site::short(noted)
    ))
}
